"""A grammar in which every sentence names a source, for models too small to do so when they are told to."""

from collections.abc import Sequence

CITING = "citing"
"""Names it among the options of a model."""
SENTENCES = 4
"""At most, so that a model which cannot stop comes to an end."""


def citing_grammar(markers: Sequence[int]) -> str:
    """GBNF: sentences like “It opens at noon. [2]”, with these numbers and no others."""
    numbers = " | ".join(f'"{marker}"' for marker in markers)
    return f"""\
root ::= sentence (" " sentence){{0,{SENTENCES - 1}}}
sentence ::= [^ .!?|#\\[\\]\\n] letter+ [.!?] " [" number "]" ("[" number "]")?
letter ::= [^.!?|\\[\\]\\n] | "." [0-9a-z]
number ::= {numbers}
"""

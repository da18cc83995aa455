"""A text → the sentence in it that speaks to a language model, if there is one."""

from collections.abc import Iterator

from inference.injection.decode import decoded, undisguised
from inference.injection.rules import rules_met
from inference.sentences import split


def instruction_in(text: str) -> str:
    """The first sentence that meets a rule, as it stands or as it reads when it is decoded; empty when none does."""
    return next((sentence for sentence in _said(text) if any(rules_met(sentence))), "")


def _said(text: str) -> Iterator[str]:
    for sentence in split(text):
        line = " ".join(sentence.text.split())
        yield line
        yield from undisguised(line)
    for said in decoded(text):
        yield " ".join(said.split())

"""What of a quote an answer must say: its figure or its name, or else its beginning."""

import re

from inference.sentences import split

FIGURE = re.compile(r"(?<![\w-])(?P<said>[€$£]?\d[\d.,:/-]*(?<![.,:/-]))(?:[ \u00a0]?(?:%|°C|[^\W\d_]+))?")
"""A number with what it counts: “30 working”, “32 %”, “8,000 hours”; “CB-150” is none."""
NAME = re.compile(r"(?<=[\w,;] )(?P<said>[A-Z][\w-]+(?: [A-Z][\w-]+)*)")
"""Words with capitals, but for the first of a sentence."""
BEGINNING = 8
"""Words of a quote that has neither."""


def key_span(question: str, quote: str) -> str:
    """The first figure of the quote that the question does not hold, or name; or else how its first sentence begins."""
    asked = question.casefold()
    for pattern in (FIGURE, NAME):
        for found in pattern.finditer(quote):
            if found["said"].casefold() not in asked:
                return found[0]
    first = next(iter(split(quote)), None)
    words = (first.text if first else quote).split()
    return " ".join(words[:BEGINNING]).rstrip(".,;:")

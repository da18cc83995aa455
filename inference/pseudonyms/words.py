"""Words of a text as names are compared by: without case, accents and what cannot be seen."""

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

UNSEEN = "\u00ad\u200c\u200d\u2060"
"""Soft hyphen, joiners and word joiner: they do not part a word."""
WORD = re.compile(rf"[^\W_](?:[^\W_]|[\u0300-\u036f{UNSEEN}])*")
WITHOUT_UNSEEN = str.maketrans(dict.fromkeys(UNSEEN, ""))
ALIKE = str.maketrans({**dict.fromkeys("’ʼ`´‘", "'"), **dict.fromkeys("‐‑‒–—", "-")})


class Word(NamedTuple):
    """`start` and `end` are characters of the text; `folded` is what it is compared by."""

    folded: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """In their order. An underscore parts words, so that names are found in the names of files."""
    return [Word(fold(match[0]), *match.span()) for match in WORD.finditer(text)]


def fold(text: str) -> str:
    """Lower case, without accents (“Müller” → “muller”); what looks alike is the same."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", text.translate(WITHOUT_UNSEEN))
    return "".join(character for character in apart if not unicodedata.combining(character)).casefold()


def normal(text: str) -> str:
    """Folded, on one line, from its first word to its last. There has to be a word."""
    found = list(WORD.finditer(text))
    inner = text[found[0].start() : found[-1].end()]
    return " ".join(fold(inner.translate(ALIKE)).split())


def touched(words: Sequence[Word], start: int, end: int) -> Sequence[Word]:
    """The words of which a part lies between the two characters."""
    first = bisect_right(words, start, key=lambda word: word.end)
    return words[first : bisect_left(words, end, key=lambda word: word.start)]

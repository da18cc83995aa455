"""Markers → citations, each with the sentence of its source that says it.

A citation can only name a chunk that was shown: the numbers are ours, and others are dropped from the text.
"""

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.pack import Packed
from inference.protocols import Shown
from inference.sentences import Sentence, split

MARKER = re.compile(r"\s?\[(\d{1,3})\]")
WORD = re.compile(r"\w+")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
SUPPORT = 0.5
"""Share of a sentence's content words that its source must hold."""
SHORT_WORD = 3
"""Letters; shorter words carry grammar more than content."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A source that the answer names: `quote` stands in its text letter for letter."""

    marker: int
    source: Packed
    quote: str
    supported: bool


@dataclass(frozen=True, slots=True)
class CitedAnswer:
    """The answer without unknown markers, its citations numbered from 1 in the order in which they appear."""

    text: str
    citations: tuple[Cited, ...]


def cite(text: str, sources: Sequence[Packed]) -> CitedAnswer:
    """Resolves the markers of an answer against the sources that were shown for it."""
    known = {source.shown.marker: source for source in sources}
    order = list(dict.fromkeys(number for number in _markers(text) if number in known))
    renumbered = {old: new for new, old in enumerate(order, 1)}

    def replace(match: re.Match[str]) -> str:
        number = renumbered.get(int(match[1]))
        return "" if number is None else match[0].replace(match[1], str(number))

    claims = _claims(text)
    citations = tuple(_cited(renumbered[old], known[old], claims.get(old, "")) for old in order)
    return CitedAnswer(MARKER.sub(replace, text).strip(), citations)


def _markers(text: str) -> Iterable[int]:
    return (int(number) for number in MARKER.findall(text))


def _claims(text: str) -> dict[int, str]:
    """What the answer says on the strength of each marker: the text since the markers before, joined."""
    claims, claim, last_end = dict[int, str](), "", 0
    for match in MARKER.finditer(text):
        between = text[last_end : match.start()]
        claim = between.strip(" .\n") or claim
        number = int(match[1])
        claims[number] = f"{claims.get(number, '')} {claim}".strip()
        last_end = match.end()
    return claims


def _cited(marker: int, source: Packed, claim: str) -> Cited:
    sentence = max(split(source.shown.text), key=lambda candidate: _overlap(claim, candidate), default=None)
    quote = sentence.text if sentence else source.shown.text
    return Cited(marker, source, quote, supported=_supports(source.shown, claim))


def _overlap(claim: str, sentence: Sentence) -> float:
    """Shared words over the geometric mean of both lengths, so that a long sentence does not win by length."""
    ours, theirs = set(_words(claim)), set(_words(sentence.text))
    return len(ours & theirs) / max(1.0, math.sqrt(len(ours) * len(theirs)))


def _supports(shown: Shown, claim: str) -> bool:
    """Whether the source holds every number of the claim and most of its content words."""
    source = f"{shown.header} {shown.text}"
    if not set(NUMBER.findall(claim)) <= set(NUMBER.findall(source)):
        return False
    content = {word for word in _words(claim) if len(word) > SHORT_WORD}
    return len(content & set(_words(source))) >= SUPPORT * len(content)


def _words(text: str) -> list[str]:
    return WORD.findall(text.casefold())

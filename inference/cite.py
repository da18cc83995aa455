"""Markers → citations, each with the sentence of its source that says it.

A citation can only name a chunk that was shown: the numbers are ours, and others are dropped from the text.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.pack import Packed
from inference.protocols import Shown
from inference.rows import statements
from inference.sentences import split

MARKER = re.compile(r"(?P<space>\s?)\[(?P<number>\d{1,3})\]")
WORD = re.compile(r"\w+")
NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
SUPPORT = 0.5
"""Share of a sentence's content words that its source must hold."""
SHORT_WORD = 3
"""Letters; shorter words carry grammar more than content."""

Place = tuple[int, int]
"""The marker of a source as it was shown, and the character of its text where a quote begins."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A source that the answer names: `quote` is `source.shown.text[start:end]`, in characters."""

    marker: int
    source: Packed
    start: int
    end: int
    supported: bool

    @property
    def quote(self) -> str:
        return self.source.shown.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class Written:
    """What one model wrote, and the sources that it was shown."""

    text: str
    sources: Sequence[Packed]


@dataclass(frozen=True, slots=True)
class CitedPart:
    """Where in the answer's text a model's part stands, and whether it cites anything."""

    start: int
    end: int
    cites: bool


@dataclass(frozen=True, slots=True)
class CitedAnswer:
    """The answer without unknown markers, its citations numbered from 1 in the order in which they appear."""

    text: str
    citations: tuple[Cited, ...]
    parts: tuple[CitedPart, ...]


def cite(written: Sequence[Written], *, between: str) -> CitedAnswer:
    """Each part can cite only what its own model was shown. An empty one leaves nothing behind."""
    text, citations, parts = "", list[Cited](), list[CitedPart]()
    for each in written:
        said, cited = _resolved(each.text, each.sources, after=len(citations))
        text += between if text and said else ""
        parts.append(CitedPart(len(text), len(text) + len(said), bool(cited)))
        text += said
        citations += cited
    return CitedAnswer(text, tuple(citations), tuple(parts))


def _resolved(text: str, sources: Sequence[Packed], *, after: int) -> tuple[str, tuple[Cited, ...]]:
    """Resolves the markers of a text against the sources that were shown for it; unknown ones are dropped.

    One number is one quote: two claims on two sentences of a chunk get two numbers, from `after` + 1 on.
    """
    known = {source.shown.marker: source for source in sources}
    citations: dict[Place, Cited] = {}
    pieces, claim, end = list[str](), "", 0
    for match in MARKER.finditer(text):
        before, end = text[end : match.start()], match.end()
        claim = before.strip(" .\n") or claim
        pieces.append(before)
        if source := known.get(int(match["number"])):
            number = _number_of(source, claim, citations, after)
            pieces.append(f"{match['space']}[{number}]")
    return "".join([*pieces, text[end:]]).strip(), tuple(citations.values())


def _number_of(source: Packed, claim: str, citations: dict[Place, Cited], after: int) -> int:
    """The number of the citation that this claim stands on, which is added if it is new."""
    (start, end), supported = _quoted(source.shown, claim), _supports(source.shown, claim)
    place = (source.shown.marker, start)
    first = citations.get(place)
    number = first.marker if first else after + len(citations) + 1
    # One claim that the source does not hold is enough to doubt the citation.
    citations[place] = Cited(number, source, start, end, supported and (first is None or first.supported))
    return number


def _quoted(shown: Shown, claim: str) -> tuple[int, int]:
    """Where the sentence, or the row of a table, stands in the source that says the claim."""
    said = max(statements(split(shown.text)), key=lambda each: _overlap(claim, each.text), default=None)
    return (said.start, said.end) if said else (0, len(shown.text))


def _overlap(claim: str, sentence: str) -> float:
    """Shared words over the geometric mean of both lengths, so that a long sentence does not win by length."""
    ours, theirs = set(_words(claim)), set(_words(sentence))
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

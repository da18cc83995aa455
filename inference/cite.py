"""Markers → citations, each with the sentence of its source that says it, and whether that supports the answer.

A citation can only name a chunk that was shown: the numbers are ours, and others are dropped from the text.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from inference.cited_sentences import cited_sentences
from inference.pack import Packed
from inference.support.answer import Checked, check
from inference.support.reading import Source
from inference.support.verdicts import Verdict

MARKER = re.compile(r"(?P<space>\s?)\[(?P<number>\d{1,3})\]")

Place = tuple[int, int]
"""The marker of a source as it was shown, and the character of its text where a quote begins."""
Span = tuple[int, int]
"""Where a stretch of a text begins and ends, in characters."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A source that the answer names: `quote` is `source.shown.text[start:end]`, in characters."""

    marker: int
    source: Packed
    start: int
    end: int
    supported: bool = True

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
    """Where in the answer's text a model's part stands, and whether a source says any of it."""

    start: int
    end: int
    holds: bool


@dataclass(frozen=True, slots=True)
class CitedAnswer:
    """The answer without unknown markers, its citations numbered from 1 in the order in which they appear."""

    text: str
    citations: tuple[Cited, ...]
    parts: tuple[CitedPart, ...]
    support: tuple[Checked, ...]


class Markers:
    """Resolves the markers of a text against the sources that were shown for it; unknown ones are dropped.

    One number is one quote: two claims on two sentences of a chunk get two numbers, from `after` + 1 on. `read` has
    the sources by the markers under which they were shown.
    """

    def __init__(self, sources: Sequence[Packed], read: Mapping[int, Source], *, after: int = 0) -> None:
        self._known = {source.shown.marker: source for source in sources}
        self._read = read
        self._after = after
        self._citations: dict[Place, Cited] = {}
        self._unclaimed, self._claim = "", ""

    @property
    def citations(self) -> tuple[Cited, ...]:
        """Those that have appeared so far, in order."""
        return tuple(self._citations.values())

    def resolve(self, text: str) -> str:
        """The text, or the next piece of it; a piece must not end inside a marker, nor between one and its space."""
        pieces, end = list[str](), 0
        for match in MARKER.finditer(text):
            before, end = text[end : match.start()], match.end()
            self._claim = (self._unclaimed + before).lstrip(" .\n").rstrip() or self._claim
            self._unclaimed = ""
            pieces.append(before)
            if source := self._known.get(int(match["number"])):
                pieces.append(f"{match['space']}[{self._number(source)}]")
        self._unclaimed += text[end:]
        return "".join([*pieces, text[end:]])

    def _number(self, source: Packed) -> int:
        start, stop = self._read[source.shown.marker].quoted(self._claim)
        new = Cited(self._after + len(self._citations) + 1, source, start, stop)
        return self._citations.setdefault((source.shown.marker, start), new).marker


def cite(written: Sequence[Written], *, between: str, question: str = "", language: str = "") -> CitedAnswer:
    """Each part can cite only what its own model was shown. An empty one leaves nothing behind.

    `question` and `language` (ISO 639-1) are what was asked: the support check reads sentences after it.
    """
    text, citations, spans = "", list[Cited](), list[Span]()
    read = read_sources((source for each in written for source in each.sources), language)
    for each in written:
        said, cited = _resolved(each, read, after=len(citations))
        text += between if text and said else ""
        spans.append((len(text), len(text) + len(said)))
        text += said
        citations += cited
    sources = {each.marker: read[each.source.shown.marker] for each in citations}
    sentences = (sentence for start, end in spans for sentence in cited_sentences(text, start, end))
    support = check(sentences, sources, question=question, language=language)
    parts = tuple(CitedPart(start, end, _holds(start, end, support)) for start, end in spans)
    return CitedAnswer(text, tuple(_doubted(citations, support)), parts, tuple(support))


def read_sources(sources: Iterable[Packed], language: str) -> Mapping[int, Source]:
    """By the markers under which they were shown. `language` is ISO 639-1."""
    return {source.shown.marker: Source(source.shown, language) for source in sources}


def _resolved(written: Written, read: Mapping[int, Source], *, after: int) -> tuple[str, tuple[Cited, ...]]:
    markers = Markers(written.sources, read, after=after)
    return markers.resolve(written.text).strip(), markers.citations


def _holds(start: int, end: int, support: Sequence[Checked]) -> bool:
    return any(each.stands for each in support if start <= each.sentence.start < end)


def _doubted(citations: Sequence[Cited], support: Sequence[Checked]) -> list[Cited]:
    """One sentence that its sources do not say is enough to doubt each of them."""
    doubted = {
        marker
        for checked in support
        if checked.judgement.verdict == Verdict.UNSUPPORTED
        for marker in checked.sentence.markers
    }
    return [replace(each, supported=each.marker not in doubted) for each in citations]

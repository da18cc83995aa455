"""A text with markers → its sentences, each with the citations that it carries."""

import re
from dataclasses import dataclass

from inference.sentences import split

MARKER = re.compile(r"\s?\[(\d{1,3})\]")
LEADING_MARKERS = re.compile(r"(?:\[\d{1,3}\]\s*)*")
"""Markers after a full stop, which belong to the sentence before."""


@dataclass(frozen=True, slots=True)
class CitedSentence:
    """`text` keeps its markers. It stands from `start` to `end` in the whole text, in characters."""

    text: str
    start: int
    end: int

    @property
    def markers(self) -> list[int]:
        """The citations in the text, each once, in order."""
        return markers_in(self.text)

    @property
    def words(self) -> str:
        """What it says, without markers."""
        return without_markers(self.text)


def without_markers(text: str) -> str:
    return MARKER.sub("", text).strip()


def markers_in(text: str) -> list[int]:
    return list(dict.fromkeys(int(number) for number in MARKER.findall(text)))


def cited_sentences(whole: str, start: int = 0, end: int | None = None) -> list[CitedSentence]:
    """Those of `whole[start:end]`, in order. A heading, an item of a list and a row of a table are sentences too."""
    text = whole[start:end]
    spans = list[tuple[int, int]]()
    for sentence in split(text):
        begin = sentence.start
        leading = LEADING_MARKERS.match(text, begin, sentence.end)
        if spans and leading and leading[0]:
            spans[-1] = (spans[-1][0], begin + len(leading[0].rstrip()))
            begin = leading.end()
        if begin < sentence.end:
            spans.append((begin, sentence.end))
    return [CitedSentence(text[first:last], start + first, start + last) for first, last in spans]

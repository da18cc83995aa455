"""A recorded answer → its stretches and sentences, each with where it was made and the citations that it carries."""

import re
from dataclasses import dataclass

from inference.sentences import split
from kb.models import Answer

MARKER = re.compile(r"\[(\d{1,3})\]")
LEADING_MARKERS = re.compile(r"\A((?:\[\d{1,3}\]\s*)*)")
"""Markers after a full stop, which belong to the sentence before."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one model wrote without a break, or a sentence of that. The text keeps its markers."""

    text: str
    location: str
    model: str

    @property
    def markers(self) -> list[int]:
        """The citations in the text, each once, in order."""
        return list(dict.fromkeys(int(number) for number in MARKER.findall(self.text)))


def stretches(answer: Answer) -> list[Stretch]:
    """In the order of the text. An answer that no model wrote, or from before parts were recorded, is one."""
    if not answer.parts:
        return [Stretch(answer.text, answer.location, answer.model)]
    return [
        Stretch(text, part["location"], part["model"])
        for part in answer.parts
        if (text := answer.text[part["start"] : part["end"]])
    ]


def sentences(answer: Answer) -> list[Stretch]:
    """Every sentence of the answer. A heading, an item of a list and a row of a table are sentences too."""
    return [
        Stretch(text, stretch.location, stretch.model)
        for stretch in stretches(answer)
        for text in _sentences(stretch.text)
    ]


def _sentences(text: str) -> list[str]:
    """The sentences, each with the markers that follow its full stop."""
    found = list[str]()
    for sentence in split(text):
        markers, rest = LEADING_MARKERS.split(sentence.text)[1:]
        if found and markers:
            found[-1] += f" {markers.strip()}"
        elif markers:
            rest = markers + rest
        if rest:
            found.append(rest)
    return found

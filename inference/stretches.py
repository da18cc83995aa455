"""A recorded answer → its stretches and sentences, each with where it was made and the citations that it carries."""

from dataclasses import dataclass

from inference.cited_sentences import cited_sentences, markers_in
from kb.models import Answer


@dataclass(frozen=True, slots=True)
class Stretch:
    """What one model wrote without a break, or a sentence of that. The text keeps its markers.

    `start` is the character of the answer's text at which it begins.
    """

    text: str
    location: str
    model: str
    start: int

    @property
    def markers(self) -> list[int]:
        """The citations in the text, each once, in order."""
        return markers_in(self.text)


def stretches(answer: Answer) -> list[Stretch]:
    """In the order of the text. An answer that no model wrote, or from before parts were recorded, is one."""
    if not answer.parts:
        return [Stretch(answer.text, answer.location, answer.model, 0)]
    return [
        Stretch(text, part["location"], part["model"], part["start"])
        for part in answer.parts
        if (text := answer.text[part["start"] : part["end"]])
    ]


def sentences(answer: Answer) -> list[Stretch]:
    """Every sentence of the answer. A heading, an item of a list and a row of a table are sentences too."""
    return [
        Stretch(sentence.text, stretch.location, stretch.model, stretch.start + sentence.start)
        for stretch in stretches(answer)
        for sentence in cited_sentences(stretch.text)
    ]

"""All that is found in a text: what Presidio's recognisers and ours say, and what follows from it.

The model for names reads English. Texts in other languages are searched by rules alone.
"""

from collections.abc import Iterator, Sequence

from inference.personal.kinds import Finding
from kb.absent import absent

ENGLISH = "en"
UNUSED = ("torch", "transformers", "cupy", "tensorflow", "mxnet")
"""What spaCy and Presidio import where it is installed, and never need here: half of the time and of the memory."""


def find_entities(text: str, language: str | None = ENGLISH) -> tuple[Finding, ...]:
    """In the order of the text, without overlap. `language` is ISO 639-1; None is taken for English.

    The first call of a process loads the model: seconds.
    """
    return next(find_all([text], language))


def find_all(texts: Sequence[str], language: str | None = ENGLISH) -> Iterator[tuple[Finding, ...]]:
    """The findings of each text, as `find_entities` gives them; quicker than one by one."""
    # Seconds and 200 MB, which no process needs that only labels.
    with absent(UNUSED):
        from inference.personal.recognisers import recognise
    from inference.personal.settle import settled

    for text, said in zip(texts, recognise(texts, language or ENGLISH), strict=True):
        yield settled(text, said)

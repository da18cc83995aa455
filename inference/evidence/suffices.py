"""Whether what was found answers the question at all, before any model is asked.

Saying “not found” is worth something only if it is right both ways: docs/answers.md has how often it is.
"""

from collections.abc import Sequence

from django.conf import settings

from inference.evidence.decision import answerable, contributory
from inference.evidence.signs import Evidence
from inference.evidence.wanted import wanted
from inference.hits import Hit


def suffices(question: str, hits: Sequence[Hit], *, language: str = "") -> bool:
    """Whether the hits can answer the question, which is written in `language` (ISO 639-1)."""
    return answerable(Evidence(wanted(question, language), hits), read=_is_read(language))


def contributes(question: str, part: Sequence[Hit], *, hits: Sequence[Hit], language: str = "") -> bool:
    """Whether some of the hits, which suffice together, say a good part of the answer by themselves."""
    return contributory(Evidence(wanted(question, language), hits), part, read=_is_read(language))


def _is_read(language: str) -> bool:
    """Whether the embedder reads this language."""
    read = settings.EMBEDDER_LANGUAGES
    return not language or "*" in read or language in read

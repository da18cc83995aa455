"""Whether what was found answers the question at all, before any model is asked.

Saying “not found” is worth something only if it is right both ways: docs/answers.md has how often it is.
"""

from collections.abc import Sequence

from django.conf import settings

from inference.evidence.decision import answerable
from inference.evidence.wanted import wanted
from inference.hits import Hit


def suffices(question: str, hits: Sequence[Hit], *, language: str = "") -> bool:
    """Whether the hits can answer the question, which is written in `language` (ISO 639-1)."""
    read = settings.EMBEDDER_LANGUAGES
    return answerable(wanted(question, language), hits, read=not language or "*" in read or language in read)

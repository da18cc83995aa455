"""Which language a text is written in."""

from collections.abc import Collection
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from py3langid.langid import LanguageIdentifier

ENOUGH = 2_000
"""Characters that are looked at; more change nothing but the time."""
NO_LANGUAGE = "zxx"
"""ISO 639-2 for program code and the like."""
SURE = 0.9
"""Probability. Below it lie program code, lists of names, and texts of a few words."""


def language_of(text: str) -> str | None:
    """The ISO 639-1 code; None where no language is likely enough."""
    if not _has_words(text):
        return None
    language, probability = _identifier().classify(text[:ENOUGH])
    return str(language) if probability >= SURE and language != NO_LANGUAGE else None


def likeliest(text: str, among: Collection[str]) -> str | None:
    """Which of these languages fits best, however badly; None for a text without a word."""
    if len(among) < 2 or not _has_words(text):
        return next(iter(among), None)
    return next((language for language, _ in _identifier().rank(text[:ENOUGH]) if language in among), None)


def _has_words(text: str) -> bool:
    return any(character.isalpha() for character in text)


@cache
def _identifier() -> "LanguageIdentifier":
    # Seconds to load on a slow machine, which a library in one language never needs.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)

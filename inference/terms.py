"""The content words of a text, as the lexical leg sees them: stemmed, without stop words, codes also in parts."""

from django.core.cache import cache

from inference import registry
from inference.language import likeliest
from kb.models import Version

REMEMBERED = 60
"""Seconds for which the languages of the library are not looked up again."""


def content_terms(text: str, language: str = "") -> frozenset[int]:
    """Term ids; equal ids are the same word in another form. `language` is ISO 639-1."""
    return registry.sparse_encoder().terms(text, language=language)


def languages_for(query: str) -> tuple[str, ...]:
    """The query's own language, of those that the library holds; then the library's others. Empty: unknown."""
    held = cache.get_or_set("languages", Version.objects.languages, REMEMBERED) or ()
    own = likeliest(query, held)
    return tuple(dict.fromkeys([own, *held])) if own else held

"""Which words are no names, by the English dictionary of Hunspell, which keeps names apart by their capital."""

from functools import cache
from typing import TYPE_CHECKING
from warnings import catch_warnings

if TYPE_CHECKING:
    from spylls.hunspell import Dictionary


@cache
def is_common(word: str) -> bool:
    """Whether the word, written small, is in the dictionary, and no name is spelt like it."""
    return word.capitalize() not in _names() and _dictionary().lookup(word.lower())


@cache
def _names() -> frozenset[str]:
    return frozenset(word.stem for word in _dictionary().dic.words if word.stem[0].isupper())


@cache
def _dictionary() -> "Dictionary":
    # A second to load.
    from spylls.hunspell import Dictionary

    with catch_warnings(category=ResourceWarning, action="ignore"):  # It leaves closing its file to Python.
        return Dictionary.from_files("en_US")

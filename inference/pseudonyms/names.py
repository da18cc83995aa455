"""Which names are one person's, and what around a name is not part of it."""

from collections.abc import Sequence

from inference.pseudonyms.words import Word, words_of

PERSON, ORGANISATION, LOCATION = "person", "organisation", "location"
NAMED = frozenset({PERSON, ORGANISATION, LOCATION})

_TITLES = """
    mr mrs ms miss mx sir dame lord lady dr prof professor doctor rev herr herrn frau doktor mme monsieur madame
"""
TITLES = frozenset(_TITLES.split())
_LEGAL_FORMS = """
    gmbh mbh ag kg kgaa ohg gbr ug ev se co inc llc llp ltd limited plc corp corporation sa sas sarl srl spa bv nv
    oy ab as aps
"""
LEGAL_FORMS = frozenset(_LEGAL_FORMS.split())
APOSTROPHES = frozenset("'’ʼ`´‘")
SHORTEST_INFLECTED = 3
"""Letters of a name to which an “s” may be added."""


def bare(kind: str, text: str, words: Sequence[Word]) -> Sequence[Word]:
    """The name without title, legal form and possessive “s”; all of it where nothing else would be left."""
    if len(words) > 1 and words[-1].folded == "s" and text[words[-1].start - 1] in APOSTROPHES:
        words = words[:-1]
    first, last = 0, len(words)
    while kind == PERSON and first < last and words[first].folded in TITLES:
        first += 1
    while kind == ORGANISATION and first < last and words[last - 1].folded in LEGAL_FORMS:
        last -= 1
    return words[first:last] or words


def parts(name: str) -> tuple[str, ...]:
    """The words of a name, folded."""
    return tuple(word.folded for word in words_of(name))


def covers(full: Sequence[str], mention: Sequence[str]) -> bool:
    """Whether a mention says nothing but what the full name says: fewer words, initials, or a genitive “s”."""
    return any(len(word) > 1 for word in mention) and all(
        any(_is_form(word, of=known) for known in full) for word in mention
    )


def stems(word: str) -> tuple[str, ...]:
    """The names that a word can be a form of, itself first."""
    inflected = word.endswith("s") and len(word) > SHORTEST_INFLECTED
    return (word, word[:-1]) if inflected else (word,)


def _is_form(word: str, *, of: str) -> bool:
    return of in stems(word) or (len(word) == 1 and of.startswith(word))

"""The part of a passage that holds most of the words searched for, with these marked, as HTML that is safe to show.

Words are compared as the lexical leg compares them, so that “booked” is marked for “book”. Text is cut into words
first and escaped afterwards, piece by piece: no mark can open or close anything else.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.html import escape, format_html, format_html_join
from django.utils.safestring import SafeString

from inference.terms import content_terms

LENGTH = 280
"""Characters of a snippet."""
LEAD = 60
"""Characters before the first marked word, at most."""
WORD = re.compile(r"\w+(?:[-./:@,]\w+)*")
"""A word, or a code with its inner punctuation, as in `inference.backends.bm25`."""
PART = re.compile(r"\w+")
BEFORE, AFTER = "…\N{NO-BREAK SPACE}", "\N{NO-BREAK SPACE}…"

Terms = frozenset[int]


@dataclass(frozen=True, slots=True)
class Match:
    """Characters of a text that are a word searched for, and the terms by which it is."""

    start: int
    end: int
    terms: Terms


class Words:
    """The words of a search that say something. One text's words are looked up once for all texts."""

    def __init__(self, query: str, language: str = "") -> None:
        """`language` (ISO 639-1) is that in which the search was understood."""
        self._language = language
        terms = {word: self._terms_of(word) for word in dict.fromkeys(WORD.findall(query.casefold()))}
        self._terms: Mapping[str, Terms] = {word: ids for word, ids in terms.items() if ids}
        self._sought: Terms = frozenset().union(*self._terms.values())
        self._known: dict[str, Terms] = {}

    def held_by(self, text: str) -> tuple[str, ...]:
        """Those of the words that the text holds in any form, in the order of the search."""
        held = self._terms_of(text)
        return tuple(word for word, terms in self._terms.items() if terms & held)

    def beside(self, held: Sequence[str]) -> tuple[str, ...]:
        """The others."""
        return tuple(word for word in self._terms if word not in held)

    def marked(self, text: str) -> SafeString:
        """The whole text."""
        return _marked(text, self._matches(text), 0, len(text))

    def snippet(self, text: str) -> SafeString:
        """So much of the text as has most of the words; its beginning when it has none."""
        matches = self._matches(text)
        start, end = _window(text, matches)
        cut = _marked(text, matches, start, end)
        return format_html("{}{}{}", BEFORE if start else "", cut, AFTER if end < len(text) else "")

    def _matches(self, text: str) -> list[Match]:
        return [match for word in WORD.finditer(text) for match in self._in_word(word)]

    def _in_word(self, word: re.Match[str]) -> Iterator[Match]:
        """The word, if all of it is searched for; else its parts that are, as in “annual/sick”."""
        terms = self._found(word[0])
        if not terms:
            return
        parts = [part for part in PART.finditer(word[0]) if self._found(part[0])]
        if not parts or self._terms_of(word[0]) <= self._sought:
            yield Match(word.start(), word.end(), terms)
            return
        for part in parts:
            yield Match(word.start() + part.start(), word.start() + part.end(), self._found(part[0]))

    def _found(self, word: str) -> Terms:
        """The terms of the word that are searched for."""
        if word not in self._known:
            self._known[word] = self._terms_of(word) & self._sought
        return self._known[word]

    def _terms_of(self, text: str) -> Terms:
        return content_terms(text, self._language)


def _window(text: str, matches: Sequence[Match]) -> tuple[int, int]:
    """Where the snippet starts and ends: around the match that has most other terms in reach, the first of such."""
    if len(text) <= LENGTH:
        return 0, len(text)
    best = max(matches, key=lambda match: len(_within(matches, match.start)), default=None)
    start = _start_of_word(text, best.start - LEAD, best.start) if best else 0
    return start, _end_of_word(text, start + LENGTH)


def _within(matches: Sequence[Match], start: int) -> Terms:
    reached = (match.terms for match in matches if start <= match.start < start + LENGTH - LEAD)
    return frozenset().union(*reached)


def _start_of_word(text: str, start: int, latest: int) -> int:
    """The beginning of the first whole word from `start` on, but not later than `latest`."""
    if start <= 0:
        return 0
    space = text.find(" ", start - 1, latest)
    return start if space < 0 else space + 1


def _end_of_word(text: str, end: int) -> int:
    """The end of the last whole word up to `end`, unless that word is as long as a snippet."""
    if end >= len(text):
        return len(text)
    space = text.rfind(" ", end - LENGTH // 2, end + 1)
    return end if space < 0 else space


def _marked(text: str, matches: Sequence[Match], start: int, end: int) -> SafeString:
    """The text from `start` to `end`; words that are not wholly in it stay unmarked."""
    pieces, at = list[SafeString](), start
    for match in matches:
        if start <= match.start and match.end <= end:
            pieces.append(
                format_html("{}<mark>{}</mark>", text[at : match.start], text[match.start : match.end])
            )
            at = match.end
    pieces.append(escape(text[at:end]))
    return format_html_join("", "{}", ((piece,) for piece in pieces))

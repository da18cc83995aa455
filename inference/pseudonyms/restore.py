"""Aliases → what they stand for, in a whole text or in one that arrives piece by piece."""

import re
from collections.abc import Iterable, Iterator, Mapping

from inference.pseudonyms.aliases import SPACES, bounded, pattern_of


class Restorer:
    """Restores an answer as it is written. `surfaces` says what stands behind each alias that was sent.

    An alias may come in any case, with any one space, and inside Markdown. One that was never sent stays as it is.
    """

    def __init__(self, surfaces: Mapping[str, str]) -> None:
        self._surfaces = {_plain(alias): surface for alias, surface in surfaces.items()}
        self._pattern = _pattern(surfaces)
        self._beginnings = {alias[:end] for alias in self._surfaces for end in range(1, len(alias) + 1)}
        self._longest = max(map(len, self._surfaces), default=0)
        self._text = ""
        self._shown = 0

    def restore(self, text: str) -> str:
        """All of a text at once."""
        return self._pattern.sub(self._surface, text)

    def feed(self, piece: str) -> str:
        """What can be shown by now: all but what may be the beginning of an alias."""
        self._text += piece
        return self._show(self._settled())

    def finish(self) -> str:
        """The rest."""
        return self._show(len(self._text))

    def _settled(self) -> int:
        """Where the first possible beginning of an alias stands that the end of the text cuts off."""
        earliest = max(self._shown, len(self._text) - self._longest)
        possible = (start for start in range(earliest, len(self._text)) if self._may_begin(start))
        return next(possible, len(self._text))

    def _may_begin(self, start: int) -> bool:
        before = self._text[:start][-1:]
        apart = not (before.isascii() and before.isalnum())
        return apart and _plain(self._text[start:]) in self._beginnings

    def _show(self, end: int) -> str:
        pieces = []
        for match in self._pattern.finditer(self._text, self._shown, end):
            pieces += [self._text[self._shown : match.start()], self._surface(match)]
            self._shown = match.end()
        pieces.append(self._text[self._shown : end])
        # The last character stays, as it says whether what follows stands apart.
        kept = max(end - 1, 0)
        self._text, self._shown = self._text[kept:], end - kept
        return "".join(pieces)

    def _surface(self, match: re.Match[str]) -> str:
        return self._surfaces[_plain(match[0])]


def restored(pieces: Iterable[str], restorer: Restorer) -> Iterator[str]:
    """The pieces of an answer as they can be shown, none of them empty but those that came so."""
    for piece in pieces:
        if (text := restorer.feed(piece)) or not piece:
            yield text
    if text := restorer.finish():
        yield text


def _plain(alias: str) -> str:
    return alias.translate(SPACES).lower()


def _pattern(surfaces: Mapping[str, str]) -> re.Pattern[str]:
    longest_first = sorted(surfaces, key=len, reverse=True)
    return bounded("|".join(map(pattern_of, longest_first)) or "(?!)")

"""Texts as the support check compares them: content words, numbers, names, and what is denied."""

import math
import re
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from inference.protocols import Shown
from inference.rows import Statement, statements
from inference.sentences import split
from inference.support.amounts import Amount, amounts
from inference.support.names import Name, names
from inference.support.polarity import denied
from inference.terms import content_terms

WORD = re.compile(r"\w+(?:[-./:@’',]\w+)*")
WIDEST = 3
"""Statements that are read together, because one claim may draw on neighbours."""


@dataclass(frozen=True)
class Reading:
    """A text, read when it is asked for. `terms` are ids: equal ids are the same content word in another form."""

    text: str
    language: str

    @cached_property
    def terms(self) -> frozenset[int]:
        return content_terms(self.text, self.language)

    @cached_property
    def denied(self) -> frozenset[int]:
        words = WORD.findall(self.text)
        return denied(words, [content_terms(word, self.language) for word in words])

    @cached_property
    def amounts(self) -> tuple[Amount, ...]:
        return amounts(self.text)

    @cached_property
    def names(self) -> tuple[Name, ...]:
        return names(self.text, self.language)


@dataclass(frozen=True)
class Source:
    """A chunk that is cited, read once for all claims on it."""

    shown: Shown
    language: str

    @cached_property
    def statements(self) -> list[Statement]:
        return statements(split(self.shown.text))

    @cached_property
    def readings(self) -> list[Reading]:
        """Of each statement."""
        return [Reading(each.text, self.language) for each in self.statements]

    @cached_property
    def header(self) -> Reading:
        return Reading(self.shown.header, self.language)

    @cached_property
    def windows(self) -> list[frozenset[int]]:
        """The terms of each one to three neighbouring statements, with those of the header."""
        return [
            self.header.terms.union(*(each.terms for each in self.readings[start : start + width]))
            for width in range(1, WIDEST + 1)
            for start in range(max(1, len(self.readings) - width + 1))
        ]

    def quoted(self, claim: str) -> tuple[int, int]:
        """Where the statement that says the claim stands in the chunk's text, in characters; all of it without one."""
        said = Reading(claim, self.language)
        likeness = [_likeness(said, reading) for reading in self.readings]
        if not likeness:
            return 0, len(self.shown.text)
        best = self.statements[likeness.index(max(likeness))]
        return best.start, best.end

    def says_word_for_word(self, text: str) -> bool:
        return text in self._words

    @cached_property
    def _words(self) -> frozenset[str]:
        """Each statement, and its parts where it would be split once more when it stands alone."""
        parts = (part.text for said in self.statements for part in split(said.text))
        return frozenset(chain((said.text for said in self.statements), parts))


def _likeness(claim: Reading, statement: Reading) -> tuple[bool, float]:
    """Shared terms over the geometric mean of both, so that a long statement does not win by its length."""
    shared = len(claim.terms & statement.terms)
    mean = math.sqrt(len(claim.terms) * len(statement.terms))
    return claim.text == statement.text, shared / max(1.0, mean)

"""A claim beside the sources that it cites: what they hold of it, and what they do not."""

from collections.abc import Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from itertools import chain

from inference.support.amounts import Amount
from inference.support.elsewhere import another_model, in_another_row, under_another_column
from inference.support.names import Name, is_telling
from inference.support.polarity import opposites
from inference.support.reading import Reading, Source
from inference.terms import content_terms

FEW = 4
"""Content words. Of a claim that adds no more than these to its question, each has to be in the source."""


@dataclass(frozen=True, slots=True)
class Features:
    """Each 0 to 1. Shares are of content words; what is new is what the claim says beyond the question."""

    new_together: float
    """What three neighbouring statements of one source hold of what is new."""
    few_and_missing: float
    """Whether little is new, and the sources lack some of it."""
    in_place: float
    """Of the question's words that stand together anywhere, those that stand where the new ones do."""
    names_partial: float
    """Whether the sources have only a part of some name."""
    near: float
    """Cosine of the claim and the statement that is most like it; at least 0."""


@dataclass(frozen=True)
class Comparison:
    """The question is context: what it says need not be new, and where it is answered is where the claim should be."""

    claim: Reading
    question: Reading
    sources: Sequence[Source]

    @cached_property
    def statement(self) -> Reading:
        """The statement that says most of the claim."""
        return max(self._statements, key=self._likeness, default=Reading("", self.claim.language))

    @cached_property
    def missing_amounts(self) -> list[Amount]:
        held = [amount for reading in self._readings for amount in reading.amounts]
        return [amount for amount in self.claim.amounts if not amount.is_meant_in(held)]

    @cached_property
    def missing_names(self) -> list[Name]:
        """Names of which neither the sources nor the question hold any word."""
        return [name for name in self.claim.names if not any(map(self._is_known, name))]

    @cached_property
    def partial_names(self) -> list[Name]:
        """Names of which some words are known, and others that tell who is meant are not."""
        known = [name for name in self.claim.names if name not in self.missing_names]
        return [name for name in known if any(is_telling(word) and not self._is_known(word) for word in name)]

    @cached_property
    def together(self) -> float:
        """Of the claim's words, what three neighbouring statements of one source hold."""
        return max(share(self.claim.terms, window) for window in self._windows)

    @property
    def contradicts(self) -> bool:
        """Whether claim and statement speak of the same, and one denies it or says the opposite of a word of it."""
        ours, theirs = self.claim, self.statement
        shared = ours.terms & theirs.terms
        if bool(ours.denied & shared) != bool(theirs.denied & shared):
            return True
        mine, other = ours.terms - theirs.terms, theirs.terms - ours.terms
        return any(one <= mine and its_opposite <= other for one, its_opposite in opposites(ours.language))

    @cached_property
    def other_column(self) -> str:
        """The column that is named, where a figure of the claim stands in others."""
        return under_another_column(self.claim, self.question, self.sources)

    @cached_property
    def other_row(self) -> str:
        """The row in which a figure of the claim stands, where the claim speaks of another one."""
        return in_another_row(self.claim, self.question, self.sources)

    @cached_property
    def other_model(self) -> str:
        """What the sources speak of in place of a model that the claim names."""
        return another_model(self.claim, self.sources)

    @property
    def has_other_years(self) -> bool:
        return any(amount.is_year for reading in self._readings for amount in reading.amounts)

    def features(self, near: float) -> Features:
        new = self._new
        return Features(
            new_together=max(share(new, window) for window in self._windows),
            few_and_missing=float(len(new) <= FEW and not new <= self._terms),
            in_place=self._in_place(),
            names_partial=float(bool(self.partial_names)),
            near=max(0.0, near),
        )

    @cached_property
    def _statements(self) -> list[Reading]:
        return [reading for source in self.sources for reading in source.readings]

    @cached_property
    def _readings(self) -> list[Reading]:
        return [*self._statements, *(source.header for source in self.sources)]

    @cached_property
    def _terms(self) -> frozenset[int]:
        return frozenset(chain.from_iterable(each.terms for each in self._readings))

    @cached_property
    def _windows(self) -> list[frozenset[int]]:
        return [window for source in self.sources for window in source.windows]

    @cached_property
    def _new(self) -> frozenset[int]:
        """What the claim says beyond the question; all of it where that is nothing.

        Without numbers that the source writes in another way: they are compared by what they mean.
        """
        spoken = " ".join(amount.text for amount in self.claim.amounts)
        terms = self.claim.terms - (content_terms(spoken, self.claim.language) - self._terms)
        return terms - self.question.terms or terms

    def _likeness(self, statement: Reading) -> tuple[float, float]:
        """What it says of the claim, new words twice, and then of the question."""
        said = share(self.claim.terms, statement.terms) + share(self._new, statement.terms)
        return said, share(self.question.terms, statement.terms)

    def _in_place(self) -> float:
        asked = self.question.terms
        most = max(share(self._new, window) for window in self._windows)
        here = max(share(asked, window) for window in self._windows if share(self._new, window) == most)
        anywhere = max(share(asked, window) for window in self._windows)
        return here / anywhere if anywhere else 1.0

    def _is_known(self, word: str) -> bool:
        terms = content_terms(word, self.claim.language)
        return not terms or bool(terms & (self._terms | self.question.terms))


def share(part: Set[int], whole: Set[int]) -> float:
    """How much of `part` is in `whole`; of nothing, all."""
    return len(part & whole) / len(part) if part else 1.0

"""What is known to answer a question → examples to learn from, with passages that only look as if they did."""

from collections.abc import Sequence
from dataclasses import dataclass

from inference.backends.tuning import Example
from inference.retrieve import rank
from ingestion.evaluate.judged import Gold, Query, Tracked
from ingestion.tune.corpus import Corpus
from ingestion.tune.known import Confirmed
from kb.models import Person

DEPTH = 100
"""Hits of the present index in which positives and negatives are looked for."""
NEGATIVES = 2
"""Of each example; every one is a third of its time."""


@dataclass(frozen=True, slots=True)
class Prefixes:
    """What the model wants before a text."""

    query: str = ""
    passage: str = ""


@dataclass(frozen=True, slots=True)
class Examples:
    """Made for one person, of what he may see and the present index finds."""

    corpus: Corpus
    person: Person
    prefixes: Prefixes

    def of_golden(self, queries: Sequence[Query], tracked: Tracked) -> list[Example]:
        return [
            example for query in tracked(queries, "Looking for examples") for example in self._golden(query)
        ]

    def of_confirmed(self, confirmed: Sequence[Confirmed], tracked: Tracked) -> list[Example]:
        return [
            example
            for each in tracked(confirmed, "Looking for examples")
            for example in self._confirmed(each)
        ]

    def _golden(self, query: Query) -> list[Example]:
        """One for each thing that answers: with the chunk of it that is found first, else with its first one."""
        hits = self._hits(query.text)
        negatives = [place for place in hits if not any(self._is(place, gold) for gold in query.gold)]
        best = {self._best(gold, hits): gold.document for gold in query.gold}
        return [
            self._example(query.text, place, negatives, document)
            for place, document in best.items()
            if place is not None
        ]

    def _confirmed(self, confirmed: Confirmed) -> list[Example]:
        """One for each chunk that is cited. What else those documents say may answer, too, and is no negative."""
        documents = {str(chunk.version.document_id) for chunk in confirmed.chunks}
        hits = self._hits(confirmed.text)
        negatives = [place for place in hits if self.corpus.chunks[place].document not in documents]
        cited = (self.corpus.places.get((chunk.version_id, chunk.ordinal)) for chunk in confirmed.chunks)
        return [
            self._example(confirmed.text, place, negatives, self.corpus.chunks[place].document)
            for place in cited
            if place is not None
        ]

    def _hits(self, question: str) -> list[int]:
        return self.corpus.found(rank(question, self.person, depth=DEPTH).fused)

    def _best(self, gold: Gold, hits: Sequence[int]) -> int | None:
        """None where the person sees no such chunk: of a page that has none, for instance."""
        found = (place for place in hits if self._is(place, gold))
        every = (place for place in range(len(self.corpus.ids)) if self._is(place, gold))
        return next(found, next(every, None))

    def _is(self, place: int, gold: Gold) -> bool:
        return gold.is_in(self.corpus.chunks[place])

    def _example(self, question: str, positive: int, negatives: Sequence[int], subject: str) -> Example:
        texts = self.corpus.texts([positive, *negatives[:NEGATIVES]])
        first, *others = (self.prefixes.passage + text for text in texts)
        return Example(self.prefixes.query + question, first, tuple(others), subject)

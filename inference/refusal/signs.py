"""What speaks for and against an answer, measured on what was found."""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cached_property
from uuid import UUID

from inference.hits import Hit
from inference.refusal.wanted import Wanted, quarters_of, years_of
from inference.rows import statements
from inference.sentences import split
from inference.terms import content_terms

COMPOUNDING = frozenset({"de", "nl", "sv", "da", "no", "fi"})
"""Languages (ISO 639-1) that write compounds as one word, so that a word may stand inside another."""
STEM_ENDING = 2
"""Letters that a word may lose or change at its end and still be the same, inside a compound."""
SHORTEST_STEM = 5
@dataclass(frozen=True, slots=True)
class Signs:
    """Of one statement. All are shares from 0 to 1, but for `nearness` (a cosine) and `fits`."""

    nearness: float
    """Of its chunk to the question."""
    said: float
    """Of the question's words, those that the statement or its headings hold; rare words count more."""
    around: float
    """Of the question's words, those that its chunk holds."""
    found: float
    """Of the question's words, those that anything that was found holds."""
    numbers: float
    """Of the question's numbers, those that its chunk holds."""
    names: float
    """Of the question's names, those that what was found of its document holds."""
    fits: float
    """1 where it holds the kind of thing that is asked for, -1 where it does not, 0 where no kind is asked for."""
    elsewhen: float
    """1 where it speaks of other years, or of other quarters, than the question does; else 0."""


@dataclass(frozen=True, slots=True)
class Text:
    """A text to look for words in."""

    folded: str
    terms: frozenset[int]

    def holds(self, word: str, ways: Sequence[frozenset[int]], *, inside: bool) -> bool:
        """`ways` are the term ids of each way to write it; `inside`: whether part of a compound will do."""
        if any(terms <= self.terms for terms in ways):
            return True
        stem = word.casefold()[: max(SHORTEST_STEM, len(word) - STEM_ENDING)]
        return inside and len(stem) >= SHORTEST_STEM and stem in self.folded


class Evidence:
    """What was found, ready to be asked for the words of one question."""

    def __init__(self, asked: Wanted, hits: Sequence[Hit]) -> None:
        self._asked, self._hits = asked, hits
        self._inside = asked.language in COMPOUNDING
        self._chunks = [self._text(f"{hit.header} {hit.text}") for hit in hits]

    @cached_property
    def unsaid(self) -> tuple[str, ...]:
        """Words of the question that nothing holds, as they were asked."""
        return tuple(word for word in self._asked.words if not self._holders[word])

    def signs(self) -> Iterator[Signs]:
        """Of every statement of every chunk."""
        documents = self._documents()
        found = self._share(lambda word: bool(self._holders[word]))
        for hit, chunk in zip(self._hits, self._chunks, strict=True):
            held = {word for word in self._asked.words if self._holds(chunk, word)}
            around = self._share(held.__contains__)
            numbers = _share([number.casefold() in chunk.folded for number in self._asked.numbers])
            names = _share([_named(name, documents[hit.document]) for name in self._asked.names])
            header = self._text(hit.header)
            for said in statements(split(hit.text)):
                yield Signs(
                    nearness=hit.similarity,
                    said=self._said(said.text, header, held),
                    around=around,
                    found=found,
                    numbers=numbers,
                    names=names,
                    fits=self._fits(said.text),
                    elsewhen=self._elsewhen(f"{hit.header} {said.text}"),
                )

    @cached_property
    def _holders(self) -> Mapping[str, int]:
        """How many of the chunks hold each word."""
        return Counter(
            {word: sum(self._holds(chunk, word) for chunk in self._chunks) for word in self._asked.words}
        )

    @cached_property
    def _weights(self) -> Mapping[str, float]:
        """Of each word: those that few chunks hold tell more (the BM25 form of the inverse document frequency)."""
        return {word: math.log(1 + len(self._hits) / (0.5 + n)) for word, n in self._holders.items()}

    def _share(self, held: Callable[[str], bool]) -> float:
        """Of the question's words, those that are held, rare ones counting more; of none, all."""
        total = sum(self._weights.values())
        return sum(weight for word, weight in self._weights.items() if held(word)) / total if total else 1.0

    def _said(self, text: str, header: Text, held: Set[str]) -> float:
        statement = self._text(text)
        return self._share(
            lambda word: word in held and (self._holds(statement, word) or self._holds(header, word))
        )

    def _fits(self, text: str) -> float:
        if self._asked.kind is None:
            return 0.0
        return 1.0 if self._asked.kind.holds.search(text) else -1.0

    def _elsewhen(self, text: str) -> float:
        return float(
            _others(self._asked.years, years_of(text)) or _others(self._asked.quarters, quarters_of(text))
        )

    def _documents(self) -> Mapping[UUID, str]:
        texts: dict[UUID, str] = {}
        for hit, chunk in zip(self._hits, self._chunks, strict=True):
            texts[hit.document] = f"{texts.get(hit.document, '')} {chunk.folded}"
        return texts

    def _holds(self, text: Text, word: str) -> bool:
        return text.holds(word, self._asked.words[word], inside=self._inside)

    def _text(self, text: str) -> Text:
        return Text(text.casefold(), content_terms(text, self._asked.language))


def _named(name: str, text: str) -> bool:
    """Either word of “Niamh Corrigan” will do."""
    return any(word in text for word in name.casefold().split())


def _share(held: Sequence[bool]) -> float:
    """Of what is asked for, how much is held; of nothing, all."""
    return sum(held) / len(held) if held else 1.0


def _others(asked: Set[str], named: Set[str]) -> bool:
    return bool(asked and named and not asked & named)

"""What speaks for and against an answer, measured on what was found."""

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from inference.evidence.wanted import Wanted, quarters_of, years_of
from inference.evidence.words import Words
from inference.hits import Hit
from inference.rows import statements
from inference.sentences import split


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


class Evidence:
    """What was found, ready to be asked for one question."""

    def __init__(self, asked: Wanted, hits: Sequence[Hit]) -> None:
        self._asked, self._hits = asked, hits
        self._words = Words(asked, [f"{hit.header} {hit.text}" for hit in hits])

    @property
    def unsaid(self) -> tuple[str, ...]:
        """Words of the question that nothing holds, as they were asked."""
        return self._words.unsaid

    def signs(self, among: Sequence[Hit] | None = None) -> Iterator[Signs]:
        """Of every statement of every chunk, or of these among them."""
        words, documents = self._words, self._documents()
        found = words.share(self._asked.words.keys() - set(words.unsaid))
        for hit, chunk in zip(self._hits, words.texts, strict=True):
            if among is not None and hit not in among:
                continue
            around, header = words.held(chunk), words.held(words.text(hit.header))
            names = _share([_named(name, documents[hit.document]) for name in self._asked.names])
            for said in statements(split(hit.text)):
                own = words.held(words.text(said.text))
                yield Signs(
                    nearness=hit.similarity,
                    said=words.share(own | header),
                    around=words.share(around),
                    found=found,
                    numbers=numbers_in(chunk.folded, self._asked),
                    names=names,
                    fits=fits(said.text, self._asked),
                    elsewhen=elsewhen(f"{hit.header} {said.text}", self._asked),
                )

    def _documents(self) -> Mapping[UUID, str]:
        """All that was found of each document, casefolded."""
        texts: dict[UUID, str] = {}
        for hit, chunk in zip(self._hits, self._words.texts, strict=True):
            texts[hit.document] = f"{texts.get(hit.document, '')} {chunk.folded}"
        return texts


def numbers_in(folded: str, asked: Wanted) -> float:
    """Of the question's numbers and codes, those that a casefolded text holds; of none, 1."""
    return _share([number.casefold() in folded for number in asked.numbers])


def fits(text: str, asked: Wanted) -> float:
    """As `Signs.fits`."""
    if asked.kind is None:
        return 0.0
    return 1.0 if asked.kind.holds.search(text) else -1.0


def elsewhen(text: str, asked: Wanted) -> float:
    """As `Signs.elsewhen`."""
    return float(_others(asked.years, years_of(text)) or _others(asked.quarters, quarters_of(text)))


def _others(asked: Set[str], named: Set[str]) -> bool:
    return bool(asked and named and not asked & named)


def _named(name: str, text: str) -> bool:
    """Either word of “Niamh Corrigan” will do."""
    return any(word in text for word in name.casefold().split())


def _share(held: Sequence[bool]) -> float:
    """Of what is asked for, how much is held; of nothing, all."""
    return sum(held) / len(held) if held else 1.0

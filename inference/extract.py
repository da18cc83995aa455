"""The statements of the shown chunks that answer best: an answer that cannot say what its sources do not.

`manage.py evaluate answers sample` prints how often they hold the words that the sample's golden questions expect, and
docs/answers.md what the weights were chosen on.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from inference.evidence.signs import elsewhen, fits, numbers_in
from inference.evidence.wanted import Wanted, wanted
from inference.evidence.words import Words
from inference.lists import lists
from inference.polarity import Decided, asks_yes_or_no, decided, is_polar
from inference.protocols import Embedder, Shown, Vectors
from inference.rows import Statement, statements
from inference.sentences import split

STATEMENTS = 3
"""At most this many make an answer."""
EMBEDDED = 12
"""Candidates that are compared by meaning too: those that are best by words. Embedding all of them would take
longer than all the rest of an answer."""
WORTH_SAYING = 0.75
"""Share of the best statement's score that a further one must reach to be said too."""
ALIKE = 0.92
"""Cosine above which two statements say the same."""

WORDS_WEIGHT = 1.0
"""Of the question's words that a statement or its headings hold, beside the cosine of both (1.0)."""
OWN_WORDS_WEIGHT = 0.3
"""Of those that the statement itself holds."""
KIND_WEIGHT = 0.3
"""Of holding the kind of thing that is asked for: a number, a name."""
NUMBERS_WEIGHT = 0.5
"""Of the question's numbers and codes that a statement or its headings hold: another model is another answer."""
ELSEWHEN_WEIGHT = -0.5
"""Of speaking of another year than the question."""
OUTDATED_WEIGHT = -1.0
"""Of standing in a document of which a later edition is shown."""
POLAR_WEIGHT = 0.3
"""Of allowing or denying something, where a yes or a no is asked for."""
LIST_WEIGHT = 0.3
"""Of being a list, where several things are asked for."""
CERTAIN = 0.6
"""Share of the question's words that a statement must hold to decide it with a yes or a no."""

SHORTEST = 3
FULL_LENGTH = 8
"""Words. What has fewer must at least end like a sentence or name a value; else it is a heading."""
ENDING = re.compile(r"[.!;)…]$|[:—]")
ASKS_FOR_SEVERAL = re.compile(
    r"\b(what are|which are|which( \w+)? \w+s\b|where are|steps|list (all|the)|name (all|the)|things"
    r"|what (do|must|should) (i|we) (have to )?do|which (personal )?data|welche \w+en|was muss ich)\b",
    re.IGNORECASE,
)

Scores = npt.NDArray[np.float64]
"""Shape (n,), float64, one for each candidate; higher is better."""


@dataclass(frozen=True, slots=True)
class Extract:
    """What a shown chunk says. `lines` are its sentence, or the lines of its list, each as it is to be cited."""

    marker: int
    lines: tuple[str, ...]
    score: float
    """Comparable within one question, higher is better."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines)


@dataclass(frozen=True, slots=True)
class _Candidate:
    chunk: Shown
    place: int
    lines: tuple[str, ...]
    statement: Statement | None = None

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    @property
    def is_row(self) -> bool:
        return self.statement is not None and bool(self.statement.cells)


def best_statements(
    question: str, shown: Sequence[Shown], embedder: Embedder, *, language: str = ""
) -> list[Extract]:
    """What to answer with, in the order to be read, without repetition. `language` is the question's (ISO 639-1).

    What stands in one chunk keeps its order. A statement that decides the question comes first, and begins with
    “Yes:” or “No:”.
    """
    asked = wanted(question, language)
    candidates = [each for chunk in shown for each in _candidates(chunk, question)]
    if not candidates:
        return []
    words = Words(asked, [f"{each.chunk.header} {each.text}" for each in candidates])
    by_words = _by_words(question, asked, words, candidates)
    nearest = [int(place) for place in np.argsort(-by_words, kind="stable")[:EMBEDDED]]
    vectors = embedder.embed_passages([candidates[place].text for place in nearest])
    scores = by_words[nearest] + vectors @ embedder.embed_query(question)
    chosen = _distinct([candidates[place] for place in nearest], scores, vectors, words)
    narrowed = [(_narrowed(each, asked), score) for each, score in chosen]
    return _in_order(question, words, narrowed)


def _candidates(chunk: Shown, question: str) -> Iterator[_Candidate]:
    said = statements(split(chunk.text))
    for place, each in enumerate(said):
        if _states_something(each.text):
            yield _Candidate(chunk, place, (each.text,), each)
    if ASKS_FOR_SEVERAL.search(question):
        for listed in lists(chunk.text):
            yield _Candidate(chunk, 0, (listed.intro, *listed.items))


def _states_something(text: str) -> bool:
    """Neither a question nor a heading."""
    words = len(text.split())
    if words < SHORTEST or text.endswith("?"):
        return False
    return words >= FULL_LENGTH or bool(ENDING.search(text))


def _by_words(question: str, asked: Wanted, words: Words, candidates: Sequence[_Candidate]) -> Scores:
    """All that speaks for each candidate but its meaning."""
    yes_or_no = asks_yes_or_no(question)
    return np.array(
        [
            WORDS_WEIGHT * words.share(words.held(text))
            + OWN_WORDS_WEIGHT * words.share(words.held(words.text(each.text)))
            + KIND_WEIGHT * (fits(each.text, asked) > 0)
            + NUMBERS_WEIGHT * numbers_in(text.folded, asked)
            + ELSEWHEN_WEIGHT * elsewhen(f"{each.chunk.header} {each.text}", asked)
            + OUTDATED_WEIGHT * each.chunk.outdated
            + POLAR_WEIGHT * (yes_or_no and is_polar(each.text))
            + LIST_WEIGHT * (len(each.lines) > 1)
            for each, text in zip(candidates, words.texts, strict=True)
        ]
    )


def _distinct(
    candidates: Sequence[_Candidate], scores: Scores, vectors: Vectors, words: Words
) -> list[tuple[_Candidate, float]]:
    """The best with their scores, without those that are much weaker or add nothing to one already chosen."""
    chosen: list[int] = []
    held = [words.held(words.text(each.text)) for each in candidates]

    def adds_nothing(place: int, other: int) -> bool:
        if vectors[place] @ vectors[other] >= ALIKE:
            return True
        ours, theirs = candidates[place], candidates[other]
        says_less = ours.is_row and ours.chunk == theirs.chunk and held[place] < held[other]
        return says_less or not set(ours.lines).isdisjoint(theirs.lines)

    for place in np.argsort(-scores, kind="stable"):
        if len(chosen) == STATEMENTS or scores[place] < WORTH_SAYING * scores.max():
            break
        if not any(adds_nothing(int(place), other) for other in chosen):
            chosen.append(int(place))
    return [(candidates[place], float(scores[place])) for place in chosen]


def _narrowed(candidate: _Candidate, asked: Wanted) -> _Candidate:
    """Of a row, only the columns that the question calls by name, such as a model or a year, if any."""
    if candidate.statement is None or not candidate.is_row:
        return candidate
    columns = {name for name, cell in candidate.statement.cells[1:] if cell}
    named = frozenset(columns & (asked.names | asked.numbers))
    return replace(candidate, lines=(candidate.statement.only(named),)) if named else candidate


def _in_order(question: str, words: Words, chosen: Sequence[tuple[_Candidate, float]]) -> list[Extract]:
    """As they stand in their chunks, the chunk of the best one first; one that decides the question before all."""
    first, _ = chosen[0]
    verdict = _verdict(question, words, first)
    lead = f"{'Yes' if verdict == Decided.YES else 'No'}: " if verdict else ""
    rank = {each.chunk.marker: at for at, (each, _) in reversed(list(enumerate(chosen)))}
    ordered = sorted(
        chosen,
        key=lambda pair: (rank[pair[0].chunk.marker], bool(lead) and pair[0] is not first, pair[0].place),
    )
    return [
        Extract(
            each.chunk.marker,
            (f"{lead}{each.lines[0]}", *each.lines[1:]) if each is first else each.lines,
            score,
        )
        for each, score in ordered
    ]


def _verdict(question: str, words: Words, first: _Candidate) -> Decided | None:
    if words.share(words.held(words.text(first.text))) < CERTAIN:
        return None
    return decided(question, first.text)

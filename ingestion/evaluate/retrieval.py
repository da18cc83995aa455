"""How well and how fast chunks are found: each leg beside what a person would get."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from inference.retrieve import rank, retrieve
from ingestion.evaluate.figures import (
    CharactersFound,
    Figures,
    characters_found,
    figures,
    first_ranks,
    interval,
)
from ingestion.evaluate.golden import look_up, resolved
from ingestion.evaluate.judged import Judged, JudgedSet, LookUp, Place, Query, Tracked, untracked
from ingestion.evaluate.library import build
from kb.errors import Rejected
from kb.models import Chunk, Person

DEPTH = 300
"""Chunks of each ranking that are judged: the first 100 documents have no more, usually."""
LEGS = ("dense", "lexical", "fused", "final")


@dataclass(frozen=True, slots=True)
class Against:
    """The final ranking's nDCG@10 less that of the better single leg, with its 95 % interval."""

    leg: str
    difference: float
    ci95: tuple[float, float]


@dataclass(frozen=True, slots=True)
class RetrievalScores:
    """`characters` is the share of the gold passages' text that was found, where passages answer.

    `ranks` are those of the first chunk of the final ranking that answers each query, None where none does.
    `p50_ms` and `p95_ms` are wall time of one search from query to hits, as a person makes it.
    """

    set: str
    queries: int
    chunks: int
    legs: Mapping[str, Figures]
    final_against: Against
    ranks: tuple[int | None, ...]
    characters: CharactersFound | None
    p50_ms: float
    p95_ms: float
    chunks_per_second: float | None = None
    unreadable: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Rankings:
    """What was found for one query by each leg, the best first, and how long a person waited, in seconds."""

    legs: Mapping[str, Sequence[Judged]]
    seconds: float


def evaluate_set(judged: JudgedSet, *, tracked: Tracked = untracked) -> RetrievalScores:
    """Fills the library of this process with the set, which must have been made for it, and asks it all queries.

    Raises:
        Rejected: no document could be read.
        ModelUnavailable, IndexUnavailable: a part of the house is away.
    """
    library = build(judged, tracked=tracked)
    found = search(judged.queries, library.reader, library.look_up, tracked=tracked)
    scores = _scores(judged, found, chunks=len(library.chunks))
    speed = round(len(library.chunks) / library.seconds, 1)
    return replace(scores, chunks_per_second=speed, unreadable=library.unreadable)


def evaluate_golden(
    name: str, queries: Sequence[Query], person: Person, *, tracked: Tracked = untracked
) -> RetrievalScores:
    """Asks a company's golden questions of its own library, as the person.

    Raises:
        Rejected: a question names a document that the person cannot see, or nothing answers any of them.
        ModelUnavailable, IndexUnavailable: a part of the house is away.
    """
    if not queries:
        raise Rejected("Nothing answers any of these questions, so there is nothing to find.")
    judged = JudgedSet(name, sources=(), queries=resolved(queries, person), by_document=False)
    found = search(judged.queries, person, partial(look_up, person=person), tracked=tracked)
    return _scores(judged, found, chunks=Chunk.objects.visible_to(person).count())


def search(
    queries: Sequence[Query], person: Person, look_up: LookUp, *, tracked: Tracked = untracked
) -> list[Rankings]:
    """What each leg finds for each query. The first search loads what the others find loaded, and is not timed."""
    retrieve(queries[0].text, person)
    return [_rankings(query, person, look_up) for query in tracked(queries, "Asking")]


def _rankings(query: Query, person: Person, look_up: LookUp) -> Rankings:
    began = time.perf_counter()
    retrieve(query.text, person)
    seconds = time.perf_counter() - began
    ranking = rank(query.text, person, depth=DEPTH)
    legs: Mapping[str, Sequence[Place]] = {
        "dense": ranking.dense or (),
        "lexical": ranking.lexical,
        "fused": ranking.fused,
        "final": retrieve(query.text, person, limit=DEPTH).hits,
    }
    return Rankings({leg: look_up(places) for leg, places in legs.items()}, seconds)


def _scores(judged: JudgedSet, found: Sequence[Rankings], *, chunks: int) -> RetrievalScores:
    legs = {
        leg: figures(judged.queries, [each.legs[leg] for each in found], by_document=judged.by_document)
        for leg in LEGS
    }
    seconds = [each.seconds for each in found]
    return RetrievalScores(
        set=judged.name,
        queries=len(judged.queries),
        chunks=chunks,
        legs=legs,
        final_against=_against(legs),
        ranks=first_ranks(judged.queries, [each.legs["final"] for each in found]),
        characters=characters_found(judged.queries, [each.legs["final"] for each in found]),
        p50_ms=_milliseconds(seconds, 50),
        p95_ms=_milliseconds(seconds, 95),
    )


def _against(legs: Mapping[str, Figures]) -> Against:
    better = max(("dense", "lexical"), key=lambda leg: legs[leg].ndcg)
    difference = legs["final"].by_query - legs[better].by_query
    return Against(better, float(difference.mean()), interval(difference))


def _milliseconds(seconds: Sequence[float], percent: int) -> float:
    return round(float(np.percentile(seconds, percent)) * 1000, 1)

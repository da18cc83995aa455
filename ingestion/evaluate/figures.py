"""Rankings → figures, with how sure they are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import ir_measures
import numpy as np
import numpy.typing as npt
from ir_measures import RR, R, Success, nDCG

from ingestion.evaluate.judged import Judged, Query, covered

NDCG, RECALL_10, RECALL_100, MRR, HIT = nDCG @ 10, R @ 10, R @ 100, RR @ 10, Success @ 10
RESAMPLES = 2_000
SEED = 10
"""Of the resampling: the same rankings give the same intervals."""
TOP, READ = 5, 4_000
"""Chunks, and characters of the chunks in their order, whose text is compared with the gold passages."""

Values = npt.NDArray[np.float64]
"""Shape (queries,), float64: one figure for each query, in the order of the queries."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the queries, 0..1. `ci95` is the 95 % interval of nDCG@10, by resampling the queries."""

    ndcg: float
    recall_10: float
    recall_100: float
    mrr: float
    hit: float
    ci95: tuple[float, float]
    by_query: Values
    """nDCG@10."""


def figures(queries: Sequence[Query], rankings: Sequence[Sequence[Judged]], *, by_document: bool) -> Figures:
    """`rankings[i]` is what was found for `queries[i]`, the best first."""
    qrels = {
        query.id: {f"gold {place}": gold.grade for place, gold in enumerate(query.gold)} for query in queries
    }
    run = {
        query.id: _scored(_results(query, ranking, by_document=by_document))
        for query, ranking in zip(queries, rankings, strict=True)
    }
    values = {measure: _values(measure, qrels, run) for measure in (NDCG, RECALL_10, RECALL_100, MRR, HIT)}
    return Figures(
        ndcg=float(values[NDCG].mean()),
        recall_10=float(values[RECALL_10].mean()),
        recall_100=float(values[RECALL_100].mean()),
        mrr=float(values[MRR].mean()),
        hit=float(values[HIT].mean()),
        ci95=interval(values[NDCG]),
        by_query=values[NDCG],
    )


def interval(values: Values) -> tuple[float, float]:
    """The percentile bootstrap of the mean: Efron and Tibshirani, An Introduction to the Bootstrap (1993)."""
    draws = np.random.default_rng(SEED).integers(0, len(values), size=(RESAMPLES, len(values)))
    low, high = np.percentile(values[draws].mean(axis=1), [2.5, 97.5])
    return float(low), float(high)


def first_ranks(queries: Sequence[Query], rankings: Sequence[Sequence[Judged]]) -> tuple[int | None, ...]:
    """Where the first chunk that answers each query stands, counted from 1; None where there is none."""
    return tuple(
        next(
            (
                place
                for place, chunk in enumerate(ranking, 1)
                if any(each.is_in(chunk) for each in query.gold)
            ),
            None,
        )
        for query, ranking in zip(queries, rankings, strict=True)
    )


@dataclass(frozen=True, slots=True)
class CharactersFound:
    """Mean shares of the gold passages' characters: in the first `TOP` chunks, and in the first `READ` characters."""

    top: float
    read: float


def characters_found(
    queries: Sequence[Query], rankings: Sequence[Sequence[Judged]]
) -> CharactersFound | None:
    """None where no passages answer."""
    judged = [
        (query, ranking)
        for query, ranking in zip(queries, rankings, strict=True)
        if all(gold.passage for gold in query.gold)
    ]
    if not judged:
        return None
    top = [_share(query, ranking[:TOP]) for query, ranking in judged]
    read = [_share(query, _first_characters(ranking, READ)) for query, ranking in judged]
    return CharactersFound(float(np.mean(top)), float(np.mean(read)))


def _share(query: Query, chunks: Sequence[Judged]) -> float:
    """Of the gold passages' characters, in the chunks."""
    shares = [covered(gold.passage, chunks) for gold in query.gold]
    return float(np.average(shares, weights=[len(gold.passage) for gold in query.gold]))


def _first_characters(ranking: Sequence[Judged], most: int) -> list[Judged]:
    """The chunks from the first on, the last one cut off where the characters run out."""
    taken: list[Judged] = []
    for chunk in ranking:
        if most <= 0:
            break
        taken.append(replace(chunk, text=chunk.text[:most]))
        most -= len(chunk.text)
    return taken


def _results(query: Query, ranking: Sequence[Judged], *, by_document: bool) -> list[str]:
    """What was found, as names: of the gold thing that it is, or of what it is instead. Each name once."""
    names: dict[str, None] = {}
    for chunk in ranking:
        gold = [f"gold {place}" for place, each in enumerate(query.gold) if each.is_in(chunk)]
        other = f"document {chunk.document}" if by_document else f"chunk {chunk.document} {chunk.ordinal}"
        # A second chunk of the same clause takes a place of its own, as it does on the page.
        new = [name for name in gold if name not in names]
        names |= dict.fromkeys(new or ([] if gold and by_document else [other]))
    return list(names)


def _scored(names: Sequence[str]) -> dict[str, float]:
    """TREC's measures sort by score, so that the order is written as scores that fall."""
    return {name: float(len(names) - place) for place, name in enumerate(names)}


def _values(
    measure: ir_measures.Measure,
    qrels: Mapping[str, Mapping[str, int]],
    run: Mapping[str, Mapping[str, float]],
) -> Values:
    # A query that found nothing at all is missing in a run, and counts as 0.
    found = {each.query_id: each.value for each in ir_measures.iter_calc([measure], qrels, run)}
    return np.array([found.get(query, 0.0) for query in qrels], dtype=np.float64)

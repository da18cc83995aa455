"""Retrieval's figures as machines and people are given them."""

from collections.abc import Iterator, Mapping
from typing import Any

from ingestion.evaluate.figures import Figures
from ingestion.evaluate.retrieval import RetrievalScores

DIGITS = 4
LEG_NAMES = {
    "dense": "dense (meaning)",
    "lexical": "lexical (words)",
    "fused": "fused",
    "final": "final (what a person gets)",
}
Row = Mapping[str, Any]


def as_row(scores: RetrievalScores) -> dict[str, Any]:
    """One JSON object a set. Optional figures are left out where the set has none."""
    against = scores.final_against
    row: dict[str, Any] = {
        "set": scores.set,
        "queries": scores.queries,
        "chunks": scores.chunks,
        "legs": {leg: _leg(figures) for leg, figures in scores.legs.items()},
        "final_against": {
            "leg": against.leg,
            "ndcg@10": round(against.difference, DIGITS),
            "ci95": _rounded(against.ci95),
        },
        "p50_ms": scores.p50_ms,
        "p95_ms": scores.p95_ms,
        "chunks_per_second": scores.chunks_per_second,
    }
    if scores.characters is not None:
        row["characters_top5"] = round(scores.characters.top, DIGITS)
        row["characters_4000"] = round(scores.characters.read, DIGITS)
    if scores.unreadable:
        row["unreadable"] = list(scores.unreadable)
    return row


def as_lines(row: Row) -> Iterator[str]:
    """A set as people read it."""
    speed = f", {row['chunks_per_second']} chunks/s in" if row["chunks_per_second"] else ""
    yield (
        f"{row['set']}: {row['queries']:,} queries on {row['chunks']:,} chunks; "
        f"a search {row['p50_ms']} ms (p50), {row['p95_ms']} ms (p95){speed}"
    )
    yield f"  {'':<27} nDCG@10  95 % interval   recall@10  recall@100  MRR@10  hit@10"
    for leg, figures in row["legs"].items():
        low, high = figures["ci95"]
        yield (
            f"  {LEG_NAMES[leg]:<27} {figures['ndcg@10']:7.3f}  {low:.3f} to {high:.3f}  {figures['recall@10']:9.3f}"
            f"  {figures['recall@100']:10.3f}  {figures['mrr@10']:6.3f}  {figures['hit@10']:6.3f}"
        )
    against = row["final_against"]
    low, high = against["ci95"]
    yield f"  final against {against['leg']} alone: {against['ndcg@10']:+.3f} nDCG@10 ({low:+.3f} to {high:+.3f})"
    if "characters_top5" in row:
        yield (
            f"  text of the gold passages: {row['characters_top5']:.3f} in the first five chunks, "
            f"{row['characters_4000']:.3f} in the first 4,000 characters"
        )
    yield from (f"  left out: {sentence}" for sentence in row.get("unreadable", ()))


def _leg(figures: Figures) -> dict[str, Any]:
    return {
        "ndcg@10": round(figures.ndcg, DIGITS),
        "recall@10": round(figures.recall_10, DIGITS),
        "recall@100": round(figures.recall_100, DIGITS),
        "mrr@10": round(figures.mrr, DIGITS),
        "hit@10": round(figures.hit, DIGITS),
        "ci95": _rounded(figures.ci95),
    }


def _rounded(interval: tuple[float, float]) -> list[float]:
    return [round(bound, DIGITS) for bound in interval]

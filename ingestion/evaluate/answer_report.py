"""Figures of answers as machines and people are given them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from ingestion.evaluate.answer_figures import Share, Times, answer_figures
from ingestion.evaluate.answers import Outcome
from ingestion.evaluate.report import DIGITS

SHARES = {
    "right": "right, of all",
    "correct": "correct, of those that something answers",
    "score": "  what they say of the reference",
    "citation_hit": "cites what answers, of those answered",
    "refusal_precision": "refusals that are right",
    "refusal_recall": "refused, of those that nothing answers",
    "supported": "sentences that their sources support",
}
TIMES = {"first_token": "first token", "seconds": "whole answer"}
Row = Mapping[str, Any]


def as_answer_row(name: str, outcomes: Sequence[Outcome], *, scored: bool = False) -> dict[str, Any]:
    """One JSON object a set, with what became of each question. `scored`: answers are worth more or less, so that
    the mean of that says something beside `correct`."""
    row = figures_row(name, outcomes)
    if not scored:
        row.pop("score", None)
    return row | {"outcomes": [asdict(each) for each in outcomes]}


def figures_row(name: str, outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """The figures of a set or of a part of it; shares and times that it has none of are left out."""
    figures = answer_figures(outcomes)
    row: dict[str, Any] = {"set": name, "questions": len(outcomes)}
    row |= {each: _share(share) for each in SHARES if (share := getattr(figures, each))}
    row |= {each: _times(times) for each in TIMES if (times := getattr(figures, each))}
    return row | {"cost_usd": round(figures.cost_usd, 6), "leaked": figures.leaked, "failed": figures.failed}


def as_answer_lines(row: Row) -> Iterator[str]:
    """A set as people read it, and each half of it."""
    yield from _as_lines(row)
    if row["failed"]:
        first = next(each["failure"] for each in row["outcomes"] if each["failure"])
        yield f"  the first that was not answered: {first}"
    yield from (f"  left out: {sentence}" for sentence in row.get("unreadable", ()))
    for half in row.get("halves", ()):
        yield from _as_lines(half)


def _as_lines(row: Row) -> Iterator[str]:
    yield f"{row['set']}: {row['questions']:,} questions"
    for name, words in SHARES.items():
        if name in row:
            low, high = row[name]["ci95"]
            yield f"  {words:<42} {row[name]['mean']:.3f}  {low:.3f} to {high:.3f}  of {row[name]['of']:,}"
    for name, words in TIMES.items():
        if name in row:
            yield f"  {words:<42} {row[name]['p50']:.2f} s (p50), {row[name]['p95']:.2f} s (p95)"
    yield f"  {'cost':<42} {row['cost_usd']:.4f} US dollars"
    if row["leaked"]:
        yield f"  {row['leaked']:,} answers hold what they must not, such as a withdrawn figure"
    if row["failed"]:
        yield f"  {row['failed']:,} were not answered"


def _share(share: Share) -> dict[str, Any]:
    low, high = (round(bound, DIGITS) for bound in share.ci95)
    return {"mean": round(share.mean, DIGITS), "ci95": [low, high], "of": share.of}


def _times(times: Times) -> dict[str, float]:
    return {"p50": round(times.p50, 3), "p95": round(times.p95, 3)}

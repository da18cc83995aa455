"""A run of golden questions as its page shows it: figures beside those of the run before, and what was missed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ingestion.evaluate.runs import queries_of
from kb.models import GoldenRun, GoldenSet

LEGS: dict[str, Promise] = {
    "final": _("What a person gets"),
    "fused": _("Meaning and words, fused"),
    "dense": _("By meaning alone"),
    "lexical": _("By words alone"),
}
"""By their names in the figures, in the order of the page."""
FIRST = 10
"""Hits: what answers a question and is not among them was missed."""


@dataclass(frozen=True, slots=True)
class LegFigures:
    """0..1, higher is better. `low` and `high` bound the 95 % interval of nDCG@10; `change` is the difference of
    nDCG@10 to the run before, where there is one."""

    name: Promise
    ndcg: float
    low: float
    high: float
    recall: float
    mrr: float
    hit: float
    change: float | None


@dataclass(frozen=True, slots=True)
class Missed:
    """`documents` are what answers, as the CSV names it; `rank` is None where it was not found at all."""

    question: str
    documents: tuple[str, ...]
    rank: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """A set or one of its runs, and how it went. Without figures it failed, or was never measured."""

    golden_set: GoldenSet
    run: GoldenRun | None
    legs: tuple[LegFigures, ...] = ()
    missed: tuple[Missed, ...] = ()
    answered: GoldenRun | None = None
    """The newest run of answers, for a list of sets."""


def standing_of(golden: GoldenSet) -> Standing:
    """How the newest runs that ended well went, for a list of sets."""
    done = golden.runs.filter(state=GoldenRun.State.DONE)
    run = done.filter(kind=GoldenRun.Kind.RETRIEVAL).first()
    return Standing(golden, run, _legs(run.figures, None) if run else (), answered=done.of_answers().first())


def standings(golden: GoldenSet, runs: Sequence[GoldenRun]) -> list[Standing]:
    """Each of the settled runs beside the one before it; they come newest first."""
    asked = queries_of(golden)
    wanted = [(query.text, tuple(_place(gold.document, gold.page) for gold in query.gold)) for query in asked]
    done = [run for run in runs if run.state == GoldenRun.State.DONE]
    before = dict(zip((run.pk for run in done), done[1:], strict=False))
    return [
        Standing(
            golden,
            run,
            _legs(run.figures, before[run.pk].figures if run.pk in before else None),
            _missed(wanted, run.ranks),
        )
        for run in runs
    ]


def _legs(figures: Mapping[str, Any], before: Mapping[str, Any] | None) -> tuple[LegFigures, ...]:
    legs = figures.get("legs", {})
    return tuple(
        _leg(name, legs[leg], before["legs"].get(leg) if before else None)
        for leg, name in LEGS.items()
        if leg in legs
    )


def _leg(name: Promise, said: Mapping[str, Any], before: Mapping[str, Any] | None) -> LegFigures:
    low, high = said["ci95"]
    return LegFigures(
        name=name,
        ndcg=said["ndcg@10"],
        low=low,
        high=high,
        recall=said["recall@10"],
        mrr=said["mrr@10"],
        hit=said["hit@10"],
        change=said["ndcg@10"] - before["ndcg@10"] if before else None,
    )


def _missed(wanted: Sequence[tuple[str, tuple[str, ...]]], ranks: Sequence[int | None]) -> tuple[Missed, ...]:
    """What was found far down first, because it is the nearest to being mended; then what was not found."""
    missed = [
        Missed(question, documents, rank)
        for (question, documents), rank in zip(wanted, ranks, strict=False)
        if rank is None or rank > FIRST
    ]
    return tuple(sorted(missed, key=lambda each: (each.rank is None, each.rank or 0)))


def _place(document: str, page: int | None) -> str:
    return (
        document
        if page is None
        else str(_("%(document)s, page %(page)d")) % {"document": document, "page": page}
    )

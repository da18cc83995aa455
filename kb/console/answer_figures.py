"""A run of answers as its page shows it: figures, and what changed against the accepted run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ingestion.evaluate.baseline import Comparison
from ingestion.evaluate.made_with import changed
from kb.models import GoldenRun, GoldenSet

SHARES: dict[str, Promise] = {
    "right": _("Right, of all questions"),
    "correct": _("Right, of those that something answers"),
    "citation_hit": _("Cites what answers"),
    "refusal_precision": _("Refusals that are right"),
    "refusal_recall": _("Refused, of those that nothing answers"),
    "supported": _("Sentences that their sources support"),
}


@dataclass(frozen=True, slots=True)
class ShareFigures:
    """0..1, with the bounds of the 95 % interval; `of` is how many were counted."""

    name: Promise
    mean: float
    low: float
    high: float
    of: int


@dataclass(frozen=True, slots=True)
class AnswerStanding:
    """`against` is the comparison with the accepted run, and None for that run itself, or where there is none."""

    run: GoldenRun
    shares: tuple[ShareFigures, ...]
    wrong: tuple[str, ...]
    against: Comparison | None
    accepted: bool


def answer_standings(golden: GoldenSet, runs: Sequence[GoldenRun]) -> list[AnswerStanding]:
    accepted = golden.accepted()
    return [_standing(run, accepted) for run in runs]


def unmeasured(golden: GoldenSet) -> tuple[str, ...]:
    """What is other than it was when the accepted run was made: “llm”, “prompt”; nothing where none was accepted."""
    accepted = golden.accepted()
    return changed(accepted.made_with) if accepted else ()


def _standing(run: GoldenRun, accepted: GoldenRun | None) -> AnswerStanding:
    others = accepted is not None and accepted.pk != run.pk and run.state == GoldenRun.State.DONE
    comparison = Comparison.between(accepted.outcomes, run.outcomes) if accepted and others else None
    return AnswerStanding(
        run=run,
        shares=_shares(run.figures),
        wrong=tuple(each["question"] for each in run.outcomes if not each["right"]),
        against=comparison if comparison and comparison.shared else None,
        accepted=accepted is not None and accepted.pk == run.pk,
    )


def _shares(figures: Mapping[str, Any]) -> tuple[ShareFigures, ...]:
    return tuple(_share(words, figures[name]) for name, words in SHARES.items() if name in figures)


def _share(name: Promise, said: Mapping[str, Any]) -> ShareFigures:
    low, high = said["ci95"]
    return ShareFigures(name, said["mean"], low, high, said["of"])

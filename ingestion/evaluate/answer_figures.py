"""Outcomes of questions → figures, with how sure they are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from ingestion.evaluate.answers import Outcome
from ingestion.evaluate.figures import interval


@dataclass(frozen=True, slots=True)
class Share:
    """A mean of values from 0 to 1, with its 95 % interval by resampling them; `of` is how many there are."""

    mean: float
    ci95: tuple[float, float]
    of: int


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds."""

    p50: float
    p95: float


@dataclass(frozen=True, slots=True)
class AnswerFigures:
    """A share is None where there is nothing to count.

    `right` is of all questions, `correct` and `score` of those that something answers, `citation_hit` of those
    among them that were answered. Of what was refused, `refusal_precision` is the share that nothing answers; of
    what nothing answers, `refusal_recall` is the share that was refused. Times are of what was answered.
    """

    right: Share
    correct: Share | None
    score: Share | None
    citation_hit: Share | None
    refusal_precision: Share | None
    refusal_recall: Share | None
    supported: Share | None
    seconds: Times | None
    first_token: Times | None
    cost_usd: float
    leaked: int
    failed: int


def answer_figures(outcomes: Sequence[Outcome]) -> AnswerFigures:
    answerable = [each for each in outcomes if not each.refuse]
    answered = [each for each in outcomes if not each.refused and not each.failure]
    right = _share(each.right for each in outcomes)
    assert right is not None  # noqa: S101  # A set has questions.
    return AnswerFigures(
        right=right,
        correct=_share(each.right for each in answerable),
        score=_share(each.score for each in answerable),
        citation_hit=_share(each.hit for each in answered if each.hit is not None),
        refusal_precision=_share(each.refuse for each in outcomes if each.refused),
        refusal_recall=_share(each.refused for each in outcomes if each.refuse),
        supported=_share(each.supported for each in answered if each.supported is not None),
        seconds=_times(each.seconds for each in answered),
        first_token=_times(each.first_token for each in answered if each.first_token is not None),
        cost_usd=sum(each.cost_usd for each in outcomes),
        leaked=sum(each.leaked for each in outcomes),
        failed=sum(bool(each.failure) for each in outcomes),
    )


def _share(values: Iterable[float]) -> Share | None:
    counted = np.array(list(values), dtype=np.float64)
    return Share(float(counted.mean()), interval(counted), len(counted)) if len(counted) else None


def _times(seconds: Iterable[float]) -> Times | None:
    counted = list(seconds)
    if not counted:
        return None
    return Times(float(np.percentile(counted, 50)), float(np.percentile(counted, 95)))

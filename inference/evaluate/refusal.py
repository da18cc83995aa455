"""How good answers and refusals are, on questions whose answers are known."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one question. `answerable`: whether the person may see what answers it."""

    answerable: bool
    refused: bool
    right: bool = False
    """The expected words are in the answer, and no wrong ones."""
    cited: bool = False
    """A document is cited that says so."""
    leaked: bool = False
    """Something is said that the person may not see."""


@dataclass(frozen=True, slots=True)
class AnswerScores:
    """Shares from 0 to 1; None where nothing was there to be counted."""

    part: str
    answerable: int
    accuracy: float | None
    """Of those that can be answered, how many are answered right, with a citation that says so."""
    citation_hit: float | None
    unanswerable: int
    refusal_precision: float | None
    """Of the refusals, how many were right."""
    refusal_recall: float | None
    """Of those that cannot be answered, how many are refused."""
    leaked: int


def score(part: str, outcomes: Sequence[Outcome]) -> AnswerScores:
    answerable = [each for each in outcomes if each.answerable]
    unanswerable = [each for each in outcomes if not each.answerable]
    refusals = [each for each in outcomes if each.refused]
    return AnswerScores(
        part=part,
        answerable=len(answerable),
        accuracy=_share([each.right and each.cited for each in answerable]),
        citation_hit=_share([each.cited for each in answerable]),
        unanswerable=len(unanswerable),
        refusal_precision=_share([not each.answerable for each in refusals]),
        refusal_recall=_share([each.refused for each in unanswerable]),
        leaked=sum(each.leaked for each in outcomes),
    )


def _share(held: Sequence[bool]) -> float | None:
    return sum(held) / len(held) if held else None

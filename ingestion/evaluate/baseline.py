"""Two runs of the same questions beside each other: what became worse, what better, and whether that is chance."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from math import comb
from typing import Any, Self

import numpy as np

from ingestion.evaluate.figures import interval

CHANCE = 0.05
"""Below this probability a difference is more than chance."""
NAMED = 20
"""Questions that are printed of each kind."""
OutcomeRow = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Later less earlier, over the questions that both runs asked of the same person.

    `difference` is the mean of the scores', with its 95 % interval by resampling the questions with both values.
    `p` is McNemar's exact test, two-sided: how likely so uneven a split of the changed questions is by chance
    (McNemar, Psychometrika 12, 1947). `graded`: some answers are worth more than nothing and less than all.
    """

    shared: int
    worsened: tuple[str, ...]
    improved: tuple[str, ...]
    difference: float
    ci95: tuple[float, float]
    p: float
    graded: bool

    @classmethod
    def between(cls, earlier: Sequence[OutcomeRow], later: Sequence[OutcomeRow]) -> Self:
        before = {_key(row): row for row in earlier}
        pairs = [(before[_key(row)], row) for row in later if _key(row) in before]
        worsened = tuple(new["question"] for old, new in pairs if old["right"] and not new["right"])
        improved = tuple(new["question"] for old, new in pairs if new["right"] and not old["right"])
        gains = np.array([new["score"] - old["score"] for old, new in pairs], dtype=np.float64)
        return cls(
            shared=len(pairs),
            worsened=worsened,
            improved=improved,
            difference=float(gains.mean()) if pairs else 0.0,
            ci95=interval(gains) if pairs else (0.0, 0.0),
            p=mcnemar(len(worsened), len(improved)),
            graded=any(row["score"] not in (0, 1) for pair in pairs for row in pair),
        )

    @property
    def worse(self) -> bool:
        """Beyond noise: in how many answers are right, or, where they are worth more or less, in what they say."""
        more_wrong = len(self.worsened) > len(self.improved) and self.p < CHANCE
        return more_wrong or (self.graded and self.ci95[1] < 0)


def mcnemar(worsened: int, improved: int) -> float:
    """The exact two-sided p: each changed question may have gone either way."""
    changed = worsened + improved
    tail = sum(comb(changed, each) for each in range(min(worsened, improved) + 1))
    return min(1.0, float(2 * tail / 2**changed))


def as_comparison_row(comparison: Comparison) -> dict[str, Any]:
    return asdict(comparison) | {"worse": comparison.worse}


def as_comparison_lines(row: Mapping[str, Any]) -> Iterator[str]:
    low, high = row["ci95"]
    yield (
        f"  against the baseline, {row['shared']:,} questions: {len(row['improved'])} became right, "
        f"{len(row['worsened'])} wrong (p = {row['p']:.3f}); score {row['difference']:+.3f} ({low:+.3f} to {high:+.3f})"
    )
    for words, questions in (("wrong now", row["worsened"]), ("right now", row["improved"])):
        yield from (f"    {words}: {question}" for question in questions[:NAMED])
        if len(questions) > NAMED:
            yield f"    and {len(questions) - NAMED} more"
    yield (
        "  WORSE than the baseline, beyond noise"
        if row["worse"]
        else "  Not worse than the baseline, beyond noise"
    )


def _key(row: OutcomeRow) -> tuple[str, str]:
    return row["question"], row["ask_as"]

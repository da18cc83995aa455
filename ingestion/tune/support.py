"""Learns what each sign of support counts, from claims of which it is known whether their sources say them."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from inference.evaluate.support import Known, read
from inference.support.claims import features_of
from inference.support.model import Model

REGULARISATION = 10.0
"""Inverse strength, as scikit-learn has it: five weights on a thousand claims need little."""
DIGITS = 3


def learned(folders: Sequence[Path]) -> Model:
    """From the half of each folder that `evaluate support` does not hold out; every folder counts the same.

    Raises:
        Rejected: a folder does not hold claims.
    """
    # Seconds to load, which no other command should wait for.
    from sklearn.linear_model import LogisticRegression

    sets = [[each for each in read(folder) if not each.is_held_out] for folder in folders]
    known = [each for claims in sets for each in claims]
    features = _features(known)
    weights = np.repeat([len(known) / len(claims) for claims in sets], [len(claims) for claims in sets])
    fitted = LogisticRegression(C=REGULARISATION, max_iter=1_000).fit(
        [list(row.values()) for row in features], [each.is_said for each in known], sample_weight=weights
    )
    named = zip(features[0], fitted.coef_[0], strict=True)
    return Model(
        intercept=round(float(fitted.intercept_[0]), DIGITS),
        weights={name: round(float(weight), DIGITS) for name, weight in named},
    )


def _features(known: Sequence[Known]) -> list[dict[str, float]]:
    return [asdict(row) for row in features_of([(each.claim, each.claim.compared) for each in known])]

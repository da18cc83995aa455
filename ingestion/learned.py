"""The vote that was learned from confirmed labels, where one is in use."""

from collections.abc import Sequence

import numpy as np

from inference import registry
from inference.protocols import Vector
from ingestion.votes import LABELS, Vote
from kb.models import LearnedVote

LEAST_SHARE = 0.01
"""No label counts as less likely than this: what a few confirmations have not shown is not ruled out."""


def learned_vote(vector: Vector) -> Vote:
    """For a document that looks like this, of shape (d,). Zeros when nothing is in use. One query."""
    learned = LearnedVote.objects.in_use(registry.embedder().fingerprint)
    if learned is None:
        return np.zeros(len(LABELS))
    return as_vote(learned.labels, np.array(learned.coefficients) @ vector + np.array(learned.intercepts))


def as_vote(labels: Sequence[int], odds: Vote) -> Vote:
    """Logarithms of odds for some of the labels → a vote; of a label that was never learned it says nothing.

    The number of a label is the logarithm of how much likelier it is than if all were equally likely.
    """
    shares = np.exp(odds - odds.max())
    shares = np.maximum(shares / shares.sum(), LEAST_SHARE)
    told = dict(zip(labels, np.log(shares * len(labels)), strict=True))
    return np.array([told.get(label, 0.0) for label in LABELS])

"""What each judge thinks of a document's sensitivity. Each gives one number a label, the laxest label first."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from uuid import UUID

import numpy as np
import numpy.typing as npt

from inference import gateway, registry
from inference.prompts import READERS, classify_prompt
from inference.protocols import Vector, Vectors
from ingestion.audience import audience_words
from kb.models import ModelCall, Sensitivity

Vote = npt.NDArray[np.float64]
"""Shape (4,), one number for each of `LABELS`, higher is likelier. Only differences mean something."""

LABELS = tuple(Sensitivity)
EXEMPLARS = Path(__file__).with_name("exemplars.jsonl")
NEAREST = 3
"""Exemplars of a label that are compared with a text."""
CONTENT_FREE = ("N/A", "[text]")
"""Texts that say nothing: what a model answers to them is its bias (Zhao et al. 2021, contextual calibration)."""


class Judge(StrEnum):
    """Who votes: what is most alike, words of audience, the SLM, the collection's default, what was learned, and a
    classifier that the house has trained."""

    EXEMPLARS = "exemplars"
    AUDIENCE = "audience"
    SLM = "slm"
    SHELF = "shelf"
    LEARNED = "learned"
    CLASSIFIER = "classifier"


@dataclass(frozen=True, slots=True)
class Ballot:
    """The weighted vote of each judge on one document, and what it looks like: the mean of its passages, shape (d,)."""

    votes: Mapping[Judge, Vote]
    vector: Vector

    @property
    def total(self) -> Vote:
        total: Vote = np.sum(list(self.votes.values()), axis=0)
        return total


@dataclass(frozen=True, slots=True)
class Weights:
    """How much each vote counts, in natural logarithms of odds for one unit of the vote.

    `manage.py evaluate sensitivity` shows what each combination achieves; docs/classification.md has the table.
    """

    exemplars: float = 10.0
    audience: float = 1.0
    slm: float = 0.02

    def weigh(self, exemplars: Vote, audience: Vote, slm: Vote) -> dict[Judge, Vote]:
        return {
            Judge.EXEMPLARS: self.exemplars * exemplars,
            Judge.AUDIENCE: self.audience * audience,
            Judge.SLM: self.slm * slm,
        }


def exemplar_vote(vectors: Vectors) -> Vote:
    """The mean cosine to the label's three nearest exemplars, averaged over the passages."""
    exemplars, labels = _exemplars(registry.embedder().fingerprint)
    similarity = (vectors @ exemplars.T).astype(np.float64)
    nearest = [np.sort(similarity[:, labels == label], axis=1)[:, -NEAREST:].mean() for label in LABELS]
    return np.array(nearest)


def audience_vote(text: str) -> Vote:
    """How many different words point to each label."""
    words = audience_words(text)
    return np.array([float(len(words[label])) for label in LABELS])


def slm_vote(text: str, *, subject: UUID) -> Vote:
    """How much likelier than for an empty text the model finds each label's answer, in natural logarithms.

    Raises:
        ModelUnavailable: the SLM is missing or failed.
    """
    vote: Vote = _scores(text, Sensitivity.RESTRICTED, subject) - _bias(registry.model_name("slm"))
    return vote


def probabilities(votes: Vote) -> Vote:
    """Softmax."""
    odds = np.exp(votes - votes.max())
    shares: Vote = odds / odds.sum()
    return shares


@cache
def _exemplars(fingerprint: str) -> tuple[Vectors, npt.NDArray[np.int64]]:
    """The exemplars' vectors by this embedder, and their labels."""
    rows = [json.loads(line) for line in EXEMPLARS.read_text(encoding="utf-8").splitlines()]
    vectors = registry.embedder().embed_passages([row["text"] for row in rows])
    return vectors, np.array([Sensitivity.named(row["sensitivity"]) for row in rows])


@cache
def _bias(model: str) -> Vote:
    bias: Vote = np.mean([_scores(text, Sensitivity.PUBLIC, None) for text in CONTENT_FREE], axis=0)
    return bias


def _scores(text: str, sensitivity: Sensitivity, subject: UUID | None) -> Vote:
    call = gateway.Call(
        purpose=ModelCall.Purpose.CLASSIFY,
        model="slm",
        prompt=classify_prompt(text),
        text_sensitivity=sensitivity,
        subject=subject,
    )
    return np.array(gateway.score(call, READERS))


def representatives(passages: Sequence[str], most: int) -> list[int]:
    """Places of the passages to look at: the first two thirds of them from the beginning, the rest spread evenly."""
    if len(passages) <= most:
        return list(range(len(passages)))
    opening = most - most // 3
    spread = np.linspace(opening, len(passages) - 1, most // 3).astype(int)
    return sorted({*range(opening), *map(int, spread)})

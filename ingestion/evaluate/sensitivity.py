"""How well documents are labelled: each vote alone and together, on texts whose sensitivity is known.

Each line of the file is `{"text", "category", "sensitivity", "split"}`. Weights were chosen on the split “dev”;
“test” is what counts.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import uuid4

import numpy as np

from inference import registry
from inference.evaluate.classification import accuracy, macro_f1
from ingestion.categorise import CategoryOption
from ingestion.classify import Label, classify
from ingestion.votes import LABELS, Vote, Weights, audience_vote, exemplar_vote, slm_vote
from kb.errors import Rejected
from kb.models import Sensitivity

ALONE = {
    "exemplars": Weights(audience=0.0, slm=0.0),
    "words of audience": Weights(exemplars=0.0, slm=0.0),
    "SLM": Weights(exemplars=0.0, audience=0.0),
    "exemplars + words": Weights(slm=0.0),
    "exemplars + words + SLM": Weights(),
}


@dataclass(frozen=True, slots=True)
class Known:
    text: str
    category: str
    sensitivity: Sensitivity
    split: str


@dataclass(frozen=True, slots=True)
class SensitivityScores:
    """Too lax is the dangerous mistake: the text would be seen, or sent, where it must not be."""

    method: str
    split: str
    texts: int
    accuracy: float
    macro_f1: float
    too_lax: int
    too_strict: int
    for_review: int | None = None
    too_lax_unseen: int | None = None
    """Of those too lax, how many nobody was asked about."""


@dataclass(frozen=True, slots=True)
class Votes:
    exemplars: Vote
    audience: Vote
    slm: Vote


@dataclass(frozen=True, slots=True)
class Evaluation:
    sensitivity: list[SensitivityScores]
    category_accuracy: dict[str, float]
    """By split."""
    seconds_a_document: float


def evaluate(path: Path, categories: Sequence[CategoryOption]) -> Evaluation:
    """Labels every text of the file as a document of one passage; the SLM takes seconds for each.

    Raises:
        Rejected: the file does not hold labelled texts.
        ModelUnavailable: a model is missing or failed.
    """
    known = read(path)
    votes = [_votes(item.text) for item in known]
    start = time.perf_counter()
    labels = [_label(item.text, categories) for item in known]
    seconds = (time.perf_counter() - start) / len(known)
    scores: list[SensitivityScores] = []
    for split in sorted({item.split for item in known}):
        places = [place for place, item in enumerate(known) if item.split == split]
        here, true = [votes[place] for place in places], [known[place].sensitivity for place in places]
        scores += [_scores(name, split, true, _chosen(here, weights)) for name, weights in ALONE.items()]
        scores.append(_final(split, true, [labels[place] for place in places]))
    return Evaluation(scores, _category_accuracy(known, labels), round(seconds, 2))


def read(path: Path) -> list[Known]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [
            Known(row["text"], row["category"], Sensitivity.named(row["sensitivity"]), row["split"])
            for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(
            f"{path} cannot be read: each line must be a JSON object with text, category, sensitivity and split."
        ) from error


def _votes(text: str) -> Votes:
    vectors = registry.embedder().embed_passages([text])
    return Votes(exemplar_vote(vectors), audience_vote(text), slm_vote(text, subject=uuid4()))


def _label(text: str, categories: Sequence[CategoryOption]) -> Label:
    return classify(
        "", [text], categories=categories, floor=Sensitivity.PUBLIC, default=None, subject=uuid4()
    )


def _chosen(votes: Sequence[Votes], weights: Weights) -> list[Sensitivity]:
    """The likeliest label for each; of equals the stricter."""
    totals = [
        np.sum(list(weights.weigh(vote.exemplars, vote.audience, vote.slm).values()), axis=0)
        for vote in votes
    ]
    return [LABELS[len(LABELS) - 1 - int(np.argmax(total[::-1]))] for total in totals]


def _scores(
    name: str, split: str, true: Sequence[Sensitivity], predicted: Sequence[Sensitivity]
) -> SensitivityScores:
    pairs = list(zip(true, predicted, strict=True))
    return SensitivityScores(
        method=name,
        split=split,
        texts=len(pairs),
        accuracy=accuracy(true, predicted),
        macro_f1=macro_f1(true, predicted),
        too_lax=sum(guess < label for label, guess in pairs),
        too_strict=sum(guess > label for label, guess in pairs),
    )


def _final(split: str, true: Sequence[Sensitivity], labels: Sequence[Label]) -> SensitivityScores:
    """With markings, rules, and the stricter of two close labels."""
    plain = _scores("all, with markings and rules", split, true, [label.sensitivity for label in labels])
    unseen = sum(
        label.sensitivity < right and not label.needs_review
        for right, label in zip(true, labels, strict=True)
    )
    return replace(plain, for_review=sum(label.needs_review for label in labels), too_lax_unseen=unseen)


def _category_accuracy(known: Sequence[Known], labels: Sequence[Label]) -> dict[str, float]:
    splits = sorted({item.split for item in known})
    pairs = list(zip(known, labels, strict=True))
    return {
        split: float(
            np.mean([label.category == item.category for item, label in pairs if item.split == split])
        )
        for split in splits
    }

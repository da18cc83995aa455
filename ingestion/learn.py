"""THE FLOW: labels that people decided → a further vote, used only if labels are surely better with it.

gather ─▶ cross-validate ─▶ train on all ─▶ keep, adopted or not

Everything stays on this machine. A logistic regression learns from the vectors that were kept when the documents were
read; the votes that were kept with them say what would have been decided without it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from django.db.models import QuerySet

from inference import registry
from inference.protocols import Vectors
from ingestion.classify import choose
from ingestion.evaluate.figures import interval
from ingestion.learned import as_vote
from ingestion.votes import Judge, Vote, probabilities
from kb.errors import Rejected
from kb.models import Document, LabelVotes, LearnedVote, Sensitivity

NEW = 10
"""Labels that people decided since the last training, for the next one to begin by itself."""
LEAST = 5
"""Documents of a label, for it to be learned: one for each fold."""
FOLDS, REPEATS = 5, 4
SEED = 10
INVERSE_REGULARISATION = 10.0
"""scikit-learn's C, for unit vectors: the default of 1 hardly moves from the mean."""
RIGHT, TOO_STRICT, TOO_LAX = 1.0, 0.0, -1.0
"""What a label is worth. One that is too lax is the dangerous mistake: text would be seen or sent where it must not."""

Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Documents whose label a person decided: what each looks like, how the judges voted, and the label.

    `vectors` has shape (n, d), `votes` (n, 4): the sum of all votes but for what was learned before.
    """

    vectors: Vectors
    votes: npt.NDArray[np.float64]
    labels: Labels

    def __len__(self) -> int:
        return len(self.labels)


@dataclass(frozen=True, slots=True)
class Classifier:
    """Logarithms of odds: `coefficients @ vector + intercepts`, of shapes (k, d) and (k,), for the k `labels`."""

    labels: tuple[int, ...]
    coefficients: npt.NDArray[np.float64]
    intercepts: npt.NDArray[np.float64]

    def vote(self, vector: npt.NDArray[np.float32]) -> Vote:
        return as_vote(self.labels, self.coefficients @ vector + self.intercepts)


@dataclass(frozen=True, slots=True)
class Gain:
    """How much more a label is worth with the learned vote, a document; `ci95` by resampling the documents."""

    mean: float
    ci95: tuple[float, float]

    @property
    def surely_better(self) -> bool:
        return self.ci95[0] > 0


def due() -> bool:
    """Whether people have decided enough labels since the last training. Two queries."""
    embedder = registry.embedder().fingerprint
    last = LearnedVote.objects.trained_with(embedder).first()
    return _decided(embedder).count() >= (last.confirmations if last else 0) + NEW


def learn(*, keep: bool = True) -> LearnedVote:
    """Trains and measures; without `keep` nothing is written.

    Raises:
        Rejected: people have decided too few labels.
    """
    embedder = registry.embedder().fingerprint
    confirmed = gather(embedder)
    gain = measure(confirmed)
    trained = train(confirmed.vectors, confirmed.labels)
    learned = LearnedVote(
        embedder=embedder,
        confirmations=len(confirmed),
        labels=list(trained.labels),
        coefficients=trained.coefficients.tolist(),
        intercepts=trained.intercepts.tolist(),
        difference=gain.mean,
        low=gain.ci95[0],
        high=gain.ci95[1],
        adopted=gain.surely_better,
    )
    if keep:
        learned.save()
    return learned


def gather(embedder: str) -> Confirmed:
    """
    Raises:
        Rejected: fewer than two labels have documents enough.
    """
    rows = list(_decided(embedder).values_list("vector", "votes", "document__sensitivity").order_by("pk"))
    counts = {label: sum(row[2] == label for row in rows) for label in Sensitivity}
    enough = {label for label, count in counts.items() if count >= LEAST}
    if len(enough) < 2:
        told = ", ".join(f"{label.label} {count}" for label, count in counts.items())
        raise Rejected(
            f"There is too little to learn from: people decided {told}. At least {LEAST} documents of each of two "
            "labels are needed. Confirm more under Review in the console."
        )
    kept = [row for row in rows if row[2] in enough]
    return Confirmed(
        vectors=np.stack([np.frombuffer(vector, dtype="<f4") for vector, _, _ in kept]),
        votes=np.stack([_without_learned(votes) for _, votes, _ in kept]),
        labels=np.array([label for _, _, label in kept]),
    )


def measure(confirmed: Confirmed) -> Gain:
    """Repeated stratified cross-validation: each document is judged by classifiers that have not seen it."""
    worth = np.array(
        [_worth(votes, label) for votes, label in zip(confirmed.votes, confirmed.labels, strict=True)]
    )
    gains = np.zeros(len(confirmed))
    for training, testing in _folds(confirmed.labels):
        trained = train(confirmed.vectors[training], confirmed.labels[training])
        for place in testing:
            votes = confirmed.votes[place] + trained.vote(confirmed.vectors[place])
            gains[place] += (_worth(votes, confirmed.labels[place]) - worth[place]) / REPEATS
    return Gain(float(gains.mean()), interval(gains))


def train(vectors: Vectors, labels: Labels) -> Classifier:
    """Multinomial logistic regression, each label as heavy as the others."""
    from sklearn.linear_model import LogisticRegression  # Takes a second to import.

    model = LogisticRegression(C=INVERSE_REGULARISATION, class_weight="balanced", max_iter=1_000)
    model.fit(vectors.astype(np.float64), labels)
    coefficients, intercepts = model.coef_, model.intercept_
    if len(model.classes_) == 2:  # Then there is one row, for the second label against the first.
        coefficients = np.vstack([np.zeros_like(coefficients), coefficients])
        intercepts = np.array([0.0, *intercepts])
    return Classifier(tuple(map(int, model.classes_)), coefficients, intercepts)


def _decided(embedder: str) -> QuerySet[LabelVotes]:
    return LabelVotes.objects.filter(
        embedder=embedder,
        document__sensitivity_by=Document.DecidedBy.PERSON,
        document__deleted_at=None,
    )


def _without_learned(votes: dict[str, list[float]]) -> Vote:
    total: Vote = np.sum([vote for judge, vote in votes.items() if judge != Judge.LEARNED], axis=0)
    return total


def _worth(votes: Vote, label: int) -> float:
    chosen = choose(probabilities(votes))
    if chosen == label:
        return RIGHT
    return TOO_STRICT if chosen > label else TOO_LAX


def _folds(labels: Labels) -> Iterator[tuple[Labels, Labels]]:
    from sklearn.model_selection import RepeatedStratifiedKFold  # Takes a second to import.

    splitter = RepeatedStratifiedKFold(n_splits=FOLDS, n_repeats=REPEATS, random_state=SEED)
    yield from splitter.split(np.zeros(len(labels)), labels)

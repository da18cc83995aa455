"""How well texts are sorted into classes: accuracy and macro-F1, by each method, on a folder of labelled texts.

The folder holds `train.jsonl` and `test.jsonl`, each line `{"text": …, "label": …}`. Zero-shot methods see the
names of the labels only; the others learn from `train.jsonl`.
"""

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from inference import gateway, registry
from inference.prompts import topic_prompt
from inference.protocols import Vectors
from kb.errors import Rejected
from kb.models import ModelCall, Sensitivity

NEAREST = 5
"""Training texts that vote for a label, each by its cosine."""
EXAMPLES = 3
"""Training texts of a label that a text is compared with, beside its name."""
RIDGE = 0.3
"""Regularisation of the linear classifier, on unit vectors."""
SLM_SHARE = 0.02
"""What a natural logarithm of odds by the SLM counts beside a cosine."""

Matrix = npt.NDArray[np.float64]
"""Shape (n, labels), higher is likelier."""


@dataclass(frozen=True, slots=True)
class Labelled:
    text: str
    label: str


@dataclass(frozen=True, slots=True)
class Scores:
    """Accuracy and macro-F1 are 0..1; `seconds` are wall time for each text, embedding included."""

    method: str
    texts: int
    accuracy: float
    macro_f1: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Task:
    """The texts of one folder, embedded. Labels are places in `names`."""

    names: tuple[str, ...]
    train: Vectors
    train_labels: npt.NDArray[np.int64]
    test: Vectors
    test_texts: tuple[str, ...]
    test_labels: npt.NDArray[np.int64]


def evaluate_folder(folder: Path, *, slm: bool) -> list[Scores]:
    """The scores of each method on the folder's test texts; with `slm` also the SLM's, which takes seconds a text.

    Raises:
        Rejected: the folder does not hold labelled texts.
        ModelUnavailable: a model is missing or failed.
    """
    start = time.perf_counter()
    task = _embedded(read(folder / "train.jsonl"), read(folder / "test.jsonl"))
    embedding = (time.perf_counter() - start) / len(task.test_texts)
    methods: dict[str, Callable[[Task], Matrix]] = {
        "similarity to the name": by_name,
        "nearest examples": by_nearest,
        "linear on the examples": by_line,
        "similarity to the name and to the nearest of three examples": by_name_and_examples,
    }
    if slm:
        methods |= {"SLM": by_slm, "similarity to the name + SLM": by_name_and_slm}
    return [_measured(name, method, task, embedding) for name, method in methods.items()]


def read(path: Path) -> list[Labelled]:
    try:
        rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        return [Labelled(row["text"], row["label"]) for row in rows]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(
            f"{path} cannot be read as labelled texts: each line must be a JSON object with text and label."
        ) from error


def accuracy(true: Sequence[int], predicted: Sequence[int]) -> float:
    return float(np.mean(np.asarray(true) == np.asarray(predicted)))


def macro_f1(true: Sequence[int], predicted: Sequence[int]) -> float:
    """The mean of the F1 of each label that is true of some text."""
    return float(
        np.mean([_f1(label, np.asarray(true), np.asarray(predicted)) for label in sorted(set(true))])
    )


def by_name(task: Task) -> Matrix:
    return (task.test @ registry.embedder().embed_passages(task.names).T).astype(np.float64)


def by_nearest(task: Task) -> Matrix:
    similarity = task.test @ task.train.T
    votes = np.zeros((len(task.test), len(task.names)))
    for row, nearest in enumerate(np.argsort(-similarity, axis=1)[:, :NEAREST]):
        np.add.at(votes[row], task.train_labels[nearest], similarity[row, nearest])
    return votes


def by_line(task: Task) -> Matrix:
    """Ridge regression on one column of 1 and -1 a label, in its dual form."""
    targets = np.where(task.train_labels[:, None] == np.arange(len(task.names)), 1.0, -1.0)
    kernel = task.train @ task.train.T + RIDGE * np.eye(len(task.train))
    scores: Matrix = task.test @ task.train.T @ np.linalg.solve(kernel, targets)
    return scores


def by_name_and_examples(task: Task) -> Matrix:
    """As documents get their category (`ingestion.categorise`), with the first few training texts as its examples."""
    scores = by_name(task)
    similarity = task.test @ task.train.T
    for label in range(len(task.names)):
        examples = np.flatnonzero(task.train_labels == label)[:EXAMPLES]
        if examples.size:
            scores[:, label] = (scores[:, label] + similarity[:, examples].max(axis=1)) / 2
    return scores


def by_slm(task: Task) -> Matrix:
    """How much likelier each name is after the text than after none."""
    scores: Matrix = np.array([_topic_scores(text, task.names) for text in task.test_texts])
    scores -= np.array(_topic_scores("N/A", task.names))
    return scores


def by_name_and_slm(task: Task) -> Matrix:
    return by_name(task) + SLM_SHARE * by_slm(task)


def _topic_scores(text: str, names: Sequence[str]) -> list[float]:
    call = gateway.Call(
        purpose=ModelCall.Purpose.CLASSIFY,
        model="slm",
        prompt=topic_prompt(text, names),
        text_sensitivity=Sensitivity.RESTRICTED,
        reason="An evaluation.",
    )
    return gateway.score(call, [f" {name}" for name in names])


def _embedded(train: Sequence[Labelled], test: Sequence[Labelled]) -> Task:
    names = tuple(sorted({item.label for item in (*train, *test)}))
    embed = registry.embedder().embed_passages
    return Task(
        names=names,
        train=embed([item.text for item in train]),
        train_labels=np.array([names.index(item.label) for item in train]),
        test=embed([item.text for item in test]),
        test_texts=tuple(item.text for item in test),
        test_labels=np.array([names.index(item.label) for item in test]),
    )


def _measured(name: str, method: Callable[[Task], Matrix], task: Task, embedding: float) -> Scores:
    start = time.perf_counter()
    predicted = method(task).argmax(axis=1).tolist()
    seconds = embedding + (time.perf_counter() - start) / len(predicted)
    true = task.test_labels.tolist()
    return Scores(name, len(true), accuracy(true, predicted), macro_f1(true, predicted), round(seconds, 4))


def _f1(label: int, true: npt.NDArray[np.int64], predicted: npt.NDArray[np.int64]) -> float:
    """2 TP / (2 TP + FP + FN)."""
    hits = int(((true == label) & (predicted == label)).sum())
    return 2 * hits / (int((true == label).sum()) + int((predicted == label).sum()))

"""Teaches an embedding model which passages answer which questions, through sentence-transformers on the CPU.

The vendor's own trainer needs two packages more; what is needed of it is this loop.
"""

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from inference.backends.sentence_transformers import load
from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    import torch
    from sentence_transformers import SentenceTransformer

BATCH = 16
"""Examples a step: the passages of the others are further negatives of each."""
AT_ONCE = 8
"""Texts whose gradients are in memory together (Gao et al., Scaling Deep Contrastive Learning Batch Size, 2021):
all texts of a step took 5.9 GB, and this takes a third longer."""
RATE = 5e-5
WARM_UP = 0.1
"""Share of the steps in which the learning rate rises to RATE; after them it falls to 0."""
LONGEST_GRADIENT = 1.0
SEED = 10
"""The same examples on the same machine give the same weights."""


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a passage that answers it, and some that are found for it but do not.

    Examples of the same `subject` are kept apart, because the passage of one may answer the other, too.
    """

    question: str
    positive: str
    negatives: tuple[str, ...]
    subject: str


Steps = Callable[[Sequence[Sequence[Example]], str], Iterable[Sequence[Example]]]
"""Shows how far the steps are: `for batch in steps(batches, "Training")`."""


def train(source: Path, target: Path, examples: Sequence[Example], *, epochs: int, steps: Steps) -> None:
    """Writes into `target` what became of the model in `source`. It takes some 2 GB, and minutes.

    The loss is that of Henderson et al., Efficient Natural Language Response Suggestion (2017), with hard negatives.

    Raises:
        ModelUnavailable: the model could not be loaded or trained.
    """
    model = load(source, "float32")
    # After `load`, which keeps the vendor from looking for a hub.
    import torch

    torch.manual_seed(SEED)
    order = random.Random(SEED)  # noqa: S311 - an order, no secret
    batches = [batch for _ in range(epochs) for batch in batched(examples, order)]
    try:
        _learn(model, batches, steps)
        model.eval().save(str(target), create_model_card=False)
    except RuntimeError as error:
        raise ModelUnavailable(f"The embedder could not be trained in PyTorch: {error}") from error


def batched(examples: Sequence[Example], order: random.Random) -> list[list[Example]]:
    """All examples in a new order, in batches in which each is about something else."""
    batches: list[list[Example]] = []
    for example in order.sample(examples, len(examples)):
        batch = next((batch for batch in batches if _fits(example, batch)), None)
        if batch is None:
            batches.append(batch := [])
        batch.append(example)
    # The first batches are full and the last ones thin; the learning rate should not know which is which.
    order.shuffle(batches)
    return batches


def _fits(example: Example, batch: Sequence[Example]) -> bool:
    return len(batch) < BATCH and all(example.subject != other.subject for other in batch)


def _learn(model: "SentenceTransformer", batches: Sequence[Sequence[Example]], steps: Steps) -> None:
    import torch
    from sentence_transformers.sentence_transformer.losses import CachedMultipleNegativesRankingLoss

    loss_of = CachedMultipleNegativesRankingLoss(model, mini_batch_size=AT_ONCE)
    optimiser = torch.optim.AdamW(model.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimiser, lambda step: _pace(step, len(batches)))
    loss_of.train()
    for batch in steps(batches, "Training"):
        loss = loss_of([model.preprocess(texts) for texts in _columns(batch)], _no_labels())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), LONGEST_GRADIENT)
        optimiser.step()
        schedule.step()
        optimiser.zero_grad()


def _pace(step: int, steps: int) -> float:
    """Which share of the learning rate this step has."""
    rising = max(1, round(WARM_UP * steps))
    return min((step + 1) / rising, (steps - step) / max(1, steps - rising))


def _columns(batch: Sequence[Example]) -> list[list[str]]:
    """Questions, positives, and as many columns of negatives as every example can fill."""
    negatives = zip(*(example.negatives for example in batch), strict=False)
    positives = [example.positive for example in batch]
    return [[example.question for example in batch], positives, *map(list, negatives)]


def _no_labels() -> "torch.Tensor":
    """The loss is asked for some, and needs none: the diagonal is right."""
    import torch

    return torch.empty(0)

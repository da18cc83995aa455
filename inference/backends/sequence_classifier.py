"""A classifier with labels of its own, such as a DistilBERT that was trained on documents of the house."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from inference import weights
from inference.protocols import THIS_PROCESS
from kb.errors import ModelUnavailable

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerBase


class SequenceClassifier:
    """A `LabelScorer` whose continuations are the names of its labels. Making one loads PyTorch: seconds.

    `model` is a folder as transformers saves it: `config.json` with `id2label`, `model.safetensors`, and the
    tokenizer's files. Of a text longer than its window it reads the beginning.
    """

    destination = THIS_PROCESS

    def __init__(self, model: str, *, models_dir: Path | None = None, hub: bool = False):
        self.name = Path(model).name
        folder = weights.resolve(model, models_dir or settings.VAR / "models", hub=hub)
        self._tokenizer, self._model = _load(folder)
        names = self._model.config.id2label or {}
        self._labels = {str(name).upper(): int(place) for place, name in names.items()}
        self.window = int(self._model.config.max_position_embeddings)
        self._turn = threading.Lock()

    def score(self, prompt: str, continuations: Sequence[str]) -> list[float]:
        """The logarithm of the probability that a text has each label, whatever the case of its name."""
        missing = [name for name in continuations if name.upper() not in self._labels]
        if missing:
            raise ModelUnavailable(
                f"{self.name} has no label {', '.join(missing)}; its config.json has {', '.join(self._labels)}. "
                "Train it with these labels, or leave STRONGROOM_CLASSIFIER out."
            )
        with self._turn:
            scores = self._log_probabilities(prompt)
        return [scores[self._labels[name.upper()]] for name in continuations]

    def count_tokens(self, text: str) -> int:
        return len(self._tokenize(text)["input_ids"])

    def _tokenize(self, text: str, **options: Any) -> Any:
        return self._tokenizer(text, truncation=True, max_length=self.window, **options)

    def _log_probabilities(self, text: str) -> list[float]:
        import torch

        with torch.inference_mode():
            logits = self._model(**self._tokenize(text, return_tensors="pt")).logits[0]
            scores: list[float] = torch.log_softmax(logits.double(), dim=0).tolist()
        return scores


def _load(folder: Path) -> "tuple[PreTrainedTokenizerBase, PreTrainedModel]":
    # Seconds of imports, which classification without such a model does without.
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True, trust_remote_code=False)
        model = AutoModelForSequenceClassification.from_pretrained(
            str(folder), local_files_only=True, trust_remote_code=False
        )
    except (OSError, ValueError, KeyError, AttributeError, RuntimeError) as error:
        raise ModelUnavailable(f"{folder} cannot be loaded as a classifier: {error}") from error
    return tokenizer, model.eval()

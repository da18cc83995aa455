"""An embedding model in 8-bit integers: where it lies, and who makes it from the float32 weights.

It is made once for each model, by a process of its own: PyTorch is needed for making it but not for running it, and
a process that has used PyTorch keeps its memory and must not be forked.
"""

import hashlib
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from inference import weights
from kb.errors import ModelUnavailable

RECIPE = 1
"""Raise it when `inference.quantise` writes something else: every machine then makes its models again."""

MODEL_FILE, TOKENIZER_FILE, SHAPE_FILE = "model.onnx", "tokenizer.json", "shape.json"
"""What the folder of such a model holds."""

ROOT = Path(__file__).resolve().parent.parent
INSTEAD = "Set STRONGROOM_EMBEDDER_PRECISION to “float32” to run it as it is."

RUNNABLE = (["Transformer", "Pooling"], ["Transformer", "Pooling", "Normalize"])
"""The modules of a sentence-transformers model that the int8 backend can take the place of."""

OLD_KEYS = {
    "mean": "pooling_mode_mean_tokens",
    "cls": "pooling_mode_cls_token",
    "max": "pooling_mode_max_tokens",
    "mean_sqrt_len_tokens": "pooling_mode_mean_sqrt_len_tokens",
    "weightedmean": "pooling_mode_weightedmean_tokens",
    "lasttoken": "pooling_mode_lasttoken",
}
"""Of sentence-transformers, which wrote a true or false for each until version 5."""


class Pooling(StrEnum):
    """How the vectors of all tokens become one: their mean, or the first token's."""

    MEAN = "mean"
    CLS = "cls"


@dataclass(frozen=True, slots=True)
class Shape:
    """`window` counts tokens without special ones."""

    pooling: Pooling
    window: int
    dimension: int

    def write(self, folder: Path) -> None:
        (folder / SHAPE_FILE).write_text(json.dumps(asdict(self)))

    @classmethod
    def read(cls, folder: Path) -> "Shape":
        said = json.loads((folder / SHAPE_FILE).read_bytes())
        return cls(Pooling(said["pooling"]), said["window"], said["dimension"])


def prepared(source: Path, name: str, models_dir: Path) -> Path:
    """The folder of the int8 form of the model in `source`; making it takes some ten seconds, once.

    Raises:
        ModelUnavailable: the model does not allow it, or comes out too different.
    """
    pooling(source)
    fingerprint = hashlib.sha256(f"{RECIPE} {weights.content(source)}".encode()).hexdigest()
    target = models_dir / f"{name}-int8-{fingerprint[:12]}"
    if weights.state_of(target, fingerprint) is not weights.State.PREPARED:
        _make(source, target, fingerprint)
    return target


def pooling(source: Path) -> Pooling:
    """What the model's own files say about it.

    Raises:
        ModelUnavailable: they say nothing, or that there is more to it than a transformer and this pooling.
    """
    try:
        modules = json.loads((source / "modules.json").read_bytes())
        kinds = [module["type"].rpartition(".")[2] for module in modules]
        mode = _mode(json.loads((source / modules[1]["path"] / "config.json").read_bytes()))
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ModelUnavailable(f"{source} does not say how its vectors are pooled. {INSTEAD}") from error
    if kinds not in RUNNABLE:
        raise _refusal(source, f"its modules are {', '.join(kinds)}")
    if mode not in set(Pooling):
        raise _refusal(source, f"its pooling is “{mode}”")
    if _has_own_prompt(source):
        raise _refusal(source, "it puts a prompt of its own before every text")
    return Pooling(mode)


def _refusal(source: Path, reason: str) -> ModelUnavailable:
    return ModelUnavailable(f"{source} cannot run in int8, because {reason}. {INSTEAD}")


def _has_own_prompt(source: Path) -> bool:
    try:
        config = json.loads((source / "config_sentence_transformers.json").read_bytes())
    except (OSError, ValueError):
        return False
    return bool(config.get("default_prompt_name"))


def _mode(config: Mapping[str, Any]) -> str:
    """“mean”, “cls”, or whatever sentence-transformers calls it."""
    old = [mode for mode, key in OLD_KEYS.items() if config.get(key)]
    said = config.get("pooling_mode", old or "unknown")
    return said if isinstance(said, str) else ", ".join(said)


def _make(source: Path, target: Path, fingerprint: str) -> None:
    command = [
        sys.executable,
        "-m",
        "inference.quantise",
        str(source.resolve()),
        str(target.resolve()),
        fingerprint,
    ]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)  # noqa: S603 - our own module
    if done.returncode:
        said = done.stderr.strip().splitlines() or [f"the process ended with {done.returncode}"]
        raise ModelUnavailable(f"{source} could not be made to run in int8: {said[-1]} {INSTEAD}")

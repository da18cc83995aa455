"""Makes the int8 form of an embedding model: `python -m inference.quantise SOURCE TARGET FINGERPRINT`.

Exported with PyTorch, quantised with ONNX Runtime, and taken only if its vectors still point where they did.
"""

import sys
from functools import partial
from pathlib import Path

from inference import int8, weights
from inference.backends import onnxruntime
from inference.backends.sentence_transformers import SentenceTransformerEmbedder
from inference.protocols import Vectors
from kb.errors import ModelUnavailable, StrongroomError

EXPORTED = "float32.onnx"
"""Lies in the draft for a moment; what is killed then leaves it where the next one clears up."""

LEAST_COSINE = 0.97
"""Between the vectors of a sentence in float32 and int8. all-MiniLM-L6-v2 has .988 at least; pooled wrongly, .51."""

SENTENCES = (
    "Holidays are requested four weeks ahead.",
    "How much water does one flush need?",
    "The supplier reports a defect within three working days, keeps spare parts in stock for ten years, and names "
    "a contact who answers on the same day; otherwise the customer may withdraw from the contract.",
    "Invoice 4711 of 3 March 2025 over 1,250.00 EUR is due in thirty days.",
)


def main() -> None:
    source, target, fingerprint = sys.argv[1:]
    try:
        weights.prepare_folder(Path(target), fingerprint, partial(quantise, Path(source)))
    except (StrongroomError, OSError) as error:
        sys.exit(" ".join(str(error).split()))


def quantise(source: Path, draft: Path) -> None:
    """Writes the int8 form of the model in `source` into the folder `draft`.

    Raises:
        ModelUnavailable: PyTorch cannot export it, or it comes out too different.
    """
    exact = SentenceTransformerEmbedder(str(source), models_dir=draft.parent)
    int8.Shape(int8.pooling(source), exact.window, exact.dimension).write(draft)
    exported = draft / EXPORTED
    exact.export(exported, draft / int8.TOKENIZER_FILE)
    onnxruntime.quantise(exported, draft / int8.MODEL_FILE)
    exported.unlink()
    check_alike(exact.embed_passages(SENTENCES), onnxruntime.Int8Model(draft).embed(SENTENCES))


def check_alike(exact: Vectors, ours: Vectors) -> None:
    """
    Raises:
        ModelUnavailable: a row of `ours` points elsewhere than that of `exact`.
    """
    least = float((exact * ours).sum(axis=1).min())
    if least < LEAST_COSINE:
        raise ModelUnavailable(
            f"Its vectors agree with those in float32 to a cosine of {least:.3f} only, "
            f"and {LEAST_COSINE} is the least."
        )


if __name__ == "__main__":
    main()

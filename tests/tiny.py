"""An embedding model of a few thousand random weights, which trains in a second: for modules that say
`pytest_plugins = ["tests.tiny"]`."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from inference import registry
from inference.retrieve import chunk_index

HIDDEN = 32
SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
WORDS = (
    "where",
    "is",
    "the",
    "lies",
    "in",
    "hall",
    "row",
    "box",
    "valve",
    "pump",
    "filter",
    "motor",
    "gasket",
)


def make_tiny(folder: Path, words: Sequence[str] = WORDS) -> Path:
    """A BERT of two layers that knows these words and all numbers below 100, pooled by the mean."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizerFast

    torch.manual_seed(0)
    vocabulary = [*SPECIAL, *words, *map(str, range(100)), *"abcdefghijklmnopqrstuvwxyz.?"]
    bert = folder / "bert"
    bert.mkdir(parents=True)
    (bert / "vocab.txt").write_text("\n".join(dict.fromkeys(vocabulary)))
    BertTokenizerFast(vocab=str(bert / "vocab.txt"), model_max_length=32).save_pretrained(bert)
    config = BertConfig(
        vocab_size=len(dict.fromkeys(vocabulary)), hidden_size=HIDDEN, num_hidden_layers=2,
        num_attention_heads=2, intermediate_size=HIDDEN, max_position_embeddings=40,
    )  # fmt: skip
    BertModel(config).save_pretrained(bert)
    transformer = Transformer(str(bert), max_seq_length=32)
    model = folder / "tiny"
    SentenceTransformer(modules=[transformer, Pooling(HIDDEN)], device="cpu").save(str(model))
    return model


@pytest.fixture
def tiny(tmp_path: Path, settings: Settings) -> Iterator[Settings]:
    """The tiny model is the embedder, in float32 and in a data folder of its own for models; the index is empty."""
    model = make_tiny(tmp_path)
    settings.VAR = tmp_path
    settings.MODELS = {
        **settings.MODELS,
        "embedder": {
            "BACKEND": "inference.backends.dense.embedder",
            "LOCATION": "on-premises",
            "OPTIONS": {"model": str(model), "precision": "float32"},
        },
    }
    registry.forget()
    chunk_index.cache_clear()
    yield settings
    chunk_index().close()
    registry.forget()
    chunk_index.cache_clear()

"""Reranking by a model from a local folder, without a hub."""

from pathlib import Path

import pytest

from inference.backends.cross_encoder import CrossEncoderReranker
from inference.protocols import Reranker
from kb.errors import ModelUnavailable

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "where", "is", "the", "pump", "valve")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A BERT of one layer with one output and random weights."""
    import torch
    from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

    torch.manual_seed(0)
    made = tmp_path_factory.mktemp("cross-encoder")
    (made / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(vocab=str(made / "vocab.txt"), model_max_length=32).save_pretrained(made)
    config = BertConfig(
        vocab_size=len(WORDS), hidden_size=32, num_hidden_layers=1, num_attention_heads=2,
        intermediate_size=32, max_position_embeddings=40, num_labels=1,
    )  # fmt: skip
    BertForSequenceClassification(config).save_pretrained(made)
    return made


def test_a_folder_s_model_scores_each_passage_by_itself(folder: Path) -> None:
    reranker = CrossEncoderReranker(str(folder))
    assert isinstance(reranker, Reranker)
    pump, valve = reranker.score("where is the pump", ["the pump", "the valve"])
    assert pump != valve
    assert reranker.score("where is the pump", ["the valve"]) == pytest.approx([valve], abs=1e-5)
    assert reranker.score("where is the pump", []) == []


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be loaded as a cross-encoder"):
        CrossEncoderReranker(str(tmp_path))

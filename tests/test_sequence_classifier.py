"""A DistilBERT of random weights as the classifier of the house."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import numpy as np
import pytest
from pytest_django.fixtures import Settings

from inference import registry
from inference.backends.sequence_classifier import SequenceClassifier
from inference.protocols import LabelScorer
from ingestion.classifier import classifier_vote
from kb.errors import ModelUnavailable
from kb.models import ModelCall, Sensitivity

WORDS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "salary", "brochure", "the", "of", "secret")
LABELS = [label.name for label in Sensitivity]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    import torch
    from transformers import BertTokenizerFast, DistilBertConfig, DistilBertForSequenceClassification

    torch.manual_seed(0)
    made = tmp_path_factory.mktemp("distilbert") / "house-labels"
    made.mkdir()
    (made / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(vocab=str(made / "vocab.txt")).save_pretrained(made)
    config = DistilBertConfig(
        vocab_size=len(WORDS), dim=32, n_layers=1, n_heads=2, hidden_dim=32, max_position_embeddings=40,
        id2label=dict(enumerate(map(str.lower, LABELS))),
    )  # fmt: skip
    DistilBertForSequenceClassification(config).save_pretrained(made)
    return made


@pytest.fixture(scope="module")
def classifier(folder: Path) -> SequenceClassifier:
    return SequenceClassifier(str(folder))


@pytest.fixture
def configured(folder: Path, fake_models: Settings) -> Iterator[Settings]:
    fake_models.MODELS = {
        **fake_models.MODELS,
        "classifier": {
            "BACKEND": "inference.backends.sequence_classifier.SequenceClassifier",
            "LOCATION": "on-premises",
            "OPTIONS": {"model": str(folder)},
        },
    }
    registry.forget()
    yield fake_models


def test_its_labels_share_out_all_probability(classifier: SequenceClassifier) -> None:
    assert isinstance(classifier, LabelScorer)
    scores = classifier.score("the salary of", LABELS)
    assert np.exp(scores).sum() == pytest.approx(1.0)
    assert classifier.score("the salary of", LABELS[::-1]) == scores[::-1]
    assert classifier.score("the brochure of", LABELS) != scores


def test_of_a_long_text_it_reads_the_beginning(classifier: SequenceClassifier) -> None:
    beginning = "secret " * 60
    assert classifier.score(beginning + "salary", LABELS) == classifier.score(beginning, LABELS)
    assert classifier.count_tokens(beginning) == classifier.window == 40


def test_a_label_that_it_has_not_learned_is_a_sentence(classifier: SequenceClassifier) -> None:
    with pytest.raises(ModelUnavailable, match="house-labels has no label SECRET; its config"):
        classifier.score("the salary", ["SECRET"])


def test_a_folder_without_a_classifier_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be loaded as a classifier"):
        SequenceClassifier(str(tmp_path))


def test_it_votes_through_the_gateway_and_the_ledger_has_the_call(configured: Settings, db: None) -> None:
    document = uuid4()
    vote = classifier_vote("the salary of", subject=document)
    expected = registry.scorer("classifier").score("the salary of", LABELS)
    assert np.argsort(vote).tolist() == np.argsort(expected).tolist()
    call = ModelCall.objects.get(subject=document)
    assert (call.model, call.location, call.outcome) == ("house-labels", "on-premises", "done")


def test_without_one_nobody_is_asked(fake_models: Settings, db: None) -> None:
    assert classifier_vote("the salary of", subject=uuid4()).tolist() == [0.0] * 4
    assert not ModelCall.objects.exists()

from collections.abc import Callable
from pathlib import Path

import pytest
from django.conf import settings

from inference import weights
from inference.backends import ctransformers
from inference.backends.ctransformers import Gguf
from inference.catalogue import SMOLLM2
from inference.protocols import Generator, LabelScorer, Prompt, Usage
from kb.errors import ModelUnavailable
from tests.contracts.language_model import PROMPT, LanguageModelContract, written

pytestmark = pytest.mark.models

GERMAN = "„Müller & Söhne — 3 €“, 日本語 🙂 12.5"


@pytest.fixture(scope="module")
def models_dir() -> Path:
    weights.prepare(settings.VAR / "models")
    return Path(settings.VAR / "models")


@pytest.fixture(scope="module")
def slm(models_dir: Path) -> Gguf:
    return Gguf("SmolLM2-135M-Instruct", models_dir=models_dir)


class TestTheShippedModel(LanguageModelContract):
    @pytest.fixture
    def model(self, slm: Gguf) -> Gguf:
        return slm

    @pytest.fixture
    def fresh(self, models_dir: Path) -> Callable[[], Gguf]:
        return lambda: Gguf("SmolLM2-135M-Instruct", models_dir=models_dir)


def test_it_is_a_generator_and_a_scorer_and_loads_nothing_until_it_is_asked() -> None:
    idle = Gguf("not-there", models_dir=Path("/nowhere"))
    assert isinstance(idle, Generator)
    assert isinstance(idle, LabelScorer)


def test_it_answers_and_counts_what_it_took(slm: Gguf) -> None:
    text, usage = written(slm, PROMPT)
    assert "Paris" in text
    assert usage == Usage(prompt_tokens=27, answer_tokens=12, cost_usd=0.0)


def test_it_stops_by_itself_when_the_answer_is_complete(slm: Gguf) -> None:
    _, usage = written(slm, Prompt("test-1", "Answer with one word.", "Say yes."), max_tokens=200)
    assert usage.answer_tokens < 200


def test_text_outside_ascii_survives_the_tokenizer(slm: Gguf) -> None:
    model = slm._load()
    assert model._tokenizer.decode(model.encode(GERMAN)) == GERMAN


def test_it_finds_the_true_continuation_likeliest(slm: Gguf) -> None:
    scores = slm.score("The capital of France is the city of", [" Berlin", " Paris", " Madrid"])
    assert max(scores) == scores[1]
    assert all(score <= 0 for score in scores)


def test_a_prompt_that_fills_the_window_leaves_room_for_the_markers(slm: Gguf) -> None:
    user = "word " * (slm.window - 10)
    assert slm.count_tokens(user) <= slm.window
    model = slm._load()
    assert (
        len(model.chat_ids(Prompt("test-1", "", user))) - len(model.encode(user)) < ctransformers.CHAT_TOKENS
    )


def test_weights_that_are_not_there_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"Run `python manage\.py models prepare`"):
        Gguf("SmolLM2-135M-Instruct", models_dir=tmp_path).count_tokens("x")


def test_any_gguf_file_can_be_named_by_its_path(tmp_path: Path) -> None:
    source = weights._installed(SMOLLM2)
    named = Gguf(str(source / "SmolLM2-135M-Instruct.Q4_1.gguf"), models_dir=tmp_path)
    assert named.count_tokens("The notice period is four weeks.") == 7
    assert named.name == "SmolLM2-135M-Instruct.Q4_1"

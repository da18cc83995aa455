import threading
from pathlib import Path

import pytest
from django.conf import settings

from inference import weights
from inference.backends import ctransformers
from inference.backends.ctransformers import Gguf
from inference.catalogue import SMOLLM2
from inference.protocols import Generator, LabelScorer, Prompt, Usage
from kb.errors import ModelUnavailable, TooLarge
from tests.builders import unnoticed

pytestmark = pytest.mark.models

CAPITAL = Prompt("test-1", "You are a helpful assistant.", "What is the capital of France?")
GERMAN = "„Müller & Söhne — 3 €“, 日本語 🙂 12.5"
CONTRACT = "The supplier delivers 400 screws a month at 3 € each. The contract runs until 2027. " * 8
SUBJECTS = [" supplier contract", " cooking recipe", " holiday photograph"]


@pytest.fixture(scope="module")
def models_dir() -> Path:
    weights.prepare(settings.VAR / "models")
    return Path(settings.VAR / "models")


@pytest.fixture(scope="module")
def slm(models_dir: Path) -> Gguf:
    return Gguf("SmolLM2-135M-Instruct", models_dir=models_dir)


def written(slm: Gguf, prompt: Prompt, max_tokens: int = 12) -> tuple[str, Usage]:
    pieces, generation = [], slm.generate(prompt, max_tokens=max_tokens, before_sending=unnoticed)
    while True:
        try:
            pieces.append(next(generation))
        except StopIteration as end:
            return "".join(pieces), end.value


def test_it_is_a_generator_and_a_scorer_and_loads_nothing_until_it_is_asked() -> None:
    idle = Gguf("not-there", models_dir=Path("/nowhere"))
    assert isinstance(idle, Generator)
    assert isinstance(idle, LabelScorer)


def test_it_answers_and_counts_what_it_took(slm: Gguf) -> None:
    text, usage = written(slm, CAPITAL)
    assert "Paris" in text
    assert usage == Usage(prompt_tokens=27, answer_tokens=12, cost_usd=0.0)


def test_it_stops_by_itself_when_the_answer_is_complete(slm: Gguf) -> None:
    _, usage = written(slm, Prompt("test-1", "Answer with one word.", "Say yes."), max_tokens=200)
    assert usage.answer_tokens < 200


def test_the_same_prompt_gives_the_same_answer_whatever_was_read_before(slm: Gguf) -> None:
    first = written(slm, CAPITAL)
    slm.score(CONTRACT, SUBJECTS)
    assert written(slm, CAPITAL) == first


def test_text_outside_ascii_survives_the_tokenizer(slm: Gguf) -> None:
    model = slm._load()
    assert model._tokenizer.decode(model.encode(GERMAN)) == GERMAN


def test_a_marker_in_a_document_stays_text(slm: Gguf) -> None:
    plain, marked = slm._load().encode("a b"), slm._load().encode("a <|im_end|> b")
    assert 2 not in marked
    assert len(marked) > len(plain) + 3


def test_it_finds_the_true_continuation_likeliest(slm: Gguf) -> None:
    scores = slm.score("The capital of France is the city of", [" Berlin", " Paris", " Madrid"])
    assert max(scores) == scores[1]
    assert all(score <= 0 for score in scores)


def test_labels_scored_together_score_as_each_alone(slm: Gguf, models_dir: Path) -> None:
    together = slm.score(CONTRACT, SUBJECTS)
    fresh = Gguf("SmolLM2-135M-Instruct", models_dir=models_dir)
    assert [fresh.score(CONTRACT, [subject])[0] for subject in reversed(SUBJECTS)] == together[::-1]


def test_a_text_longer_than_the_window_is_refused(slm: Gguf) -> None:
    with pytest.raises(TooLarge, match="SmolLM2-135M-Instruct reads 2048"):
        slm.score("word " * 3000, SUBJECTS)


def test_a_prompt_that_fills_the_window_leaves_room_for_the_markers(slm: Gguf) -> None:
    user = "word " * (slm.window - 10)
    assert slm.count_tokens(user) <= slm.window
    model = slm._load()
    assert (
        len(model.chat_ids(Prompt("test-1", "", user))) - len(model.encode(user)) < ctransformers.CHAT_TOKENS
    )


def test_an_answer_that_nobody_reads_on_lets_the_next_call_in(slm: Gguf) -> None:
    generation = slm.generate(CAPITAL, max_tokens=50, before_sending=unnoticed)
    next(generation)
    generation.close()
    assert slm.score("Yes or no?", [" yes"])[0] < 0


def test_a_call_that_waits_too_long_is_told_that_the_model_is_busy(
    slm: Gguf, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Two minutes in earnest.
    monkeypatch.setattr(ctransformers, "PATIENCE", 0.05)
    generation = slm.generate(CAPITAL, max_tokens=50, before_sending=unnoticed)
    next(generation)
    failures: list[str] = []
    thread = threading.Thread(target=lambda: failures.append(_failure(slm)))
    thread.start()
    thread.join()
    generation.close()
    assert failures == ["SmolLM2-135M-Instruct has been busy for 0 seconds. Try again later."]


def _failure(slm: Gguf) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        slm.score("Yes or no?", [" yes"])
    return str(caught.value)


def test_weights_that_are_not_there_are_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"Run `python manage\.py models prepare`"):
        Gguf("SmolLM2-135M-Instruct", models_dir=tmp_path).count_tokens("x")


def test_any_gguf_file_can_be_named_by_its_path(tmp_path: Path) -> None:
    source = weights._installed(SMOLLM2)
    named = Gguf(str(source / "SmolLM2-135M-Instruct.Q4_1.gguf"), models_dir=tmp_path)
    assert named.count_tokens("The notice period is four weeks.") == 7
    assert named.name == "SmolLM2-135M-Instruct.Q4_1"

"""What every language model in this process must do. A test class inherits `LanguageModelContract` and gives the
fixture `model`, and `fresh`, which makes the same model anew."""

import threading
from collections.abc import Callable
from typing import Protocol

import pytest

from inference.backends import turn
from inference.protocols import BeforeSending, Generator, LabelScorer, Prompt, Usage
from kb.errors import ModelUnavailable, RouteRefused, TooLarge
from tests.builders import unnoticed

PROMPT = Prompt("test-1", "You are a helpful assistant.", "What is the capital of France?")
CONTRACT = "The supplier delivers 400 screws a month at 3 € each. The contract runs until 2027. " * 4
SUBJECTS = [" public", " secret", " Paris"]


class LanguageModel(Generator, LabelScorer, Protocol):
    """Both at once, as the SLM is."""


def written(
    model: Generator, prompt: Prompt, *, max_tokens: int = 12, before_sending: BeforeSending = unnoticed
) -> tuple[str, Usage]:
    pieces, generation = [], model.generate(prompt, max_tokens=max_tokens, before_sending=before_sending)
    while True:
        try:
            pieces.append(next(generation))
        except StopIteration as end:
            return "".join(pieces), end.value


class LanguageModelContract:
    @pytest.fixture
    def model(self) -> LanguageModel:
        raise NotImplementedError

    @pytest.fixture
    def fresh(self) -> Callable[[], LanguageModel]:
        raise NotImplementedError

    def test_it_writes_no_more_than_it_may_and_counts_it(self, model: LanguageModel) -> None:
        _, usage = written(model, PROMPT, max_tokens=3)
        assert usage.answer_tokens <= 3
        assert usage.cost_usd == 0.0
        texts = model.count_tokens(PROMPT.system) + model.count_tokens(PROMPT.user)
        assert usage.prompt_tokens >= texts

    def test_it_is_told_byte_for_byte_what_it_reads(self, model: LanguageModel) -> None:
        told: list[bytes] = []
        written(model, PROMPT, max_tokens=1, before_sending=told.append)
        assert told == [PROMPT.serialised()]

    def test_it_reads_nothing_that_may_not_be_sent(self, model: LanguageModel) -> None:
        def refuse(payload: bytes) -> None:
            raise RouteRefused("The label was raised a moment ago.")

        with pytest.raises(RouteRefused):
            written(model, PROMPT, before_sending=refuse)

    def test_the_same_prompt_gives_the_same_answer_whatever_was_read_before(
        self, model: LanguageModel
    ) -> None:
        first = written(model, PROMPT)
        model.score(CONTRACT, SUBJECTS)
        assert written(model, PROMPT) == first

    def test_labels_scored_together_score_as_each_alone(
        self, model: LanguageModel, fresh: Callable[[], LanguageModel]
    ) -> None:
        together = model.score(CONTRACT, SUBJECTS)
        other = fresh()
        assert [other.score(CONTRACT, [subject])[0] for subject in reversed(SUBJECTS)] == together[::-1]
        assert all(score < 0 for score in together)

    def test_a_text_longer_than_the_window_is_refused(self, model: LanguageModel) -> None:
        with pytest.raises(TooLarge, match=rf"{model.name} reads \d+\. Send less of it\."):
            model.score("word " * 3000, SUBJECTS)
        with pytest.raises(TooLarge, match="Send less of it"):
            written(model, Prompt("test-1", "", "word " * 3000))

    def test_a_marker_in_a_document_stays_text(self, model: LanguageModel) -> None:
        for marker in ("<|im_end|>", "<end_of_turn>", "<|eot_id|>", "</s>"):
            assert model.count_tokens(marker) > 1

    def test_an_answer_that_nobody_reads_on_lets_the_next_call_in(self, model: LanguageModel) -> None:
        generation = model.generate(PROMPT, max_tokens=50, before_sending=unnoticed)
        next(generation)
        generation.close()
        assert model.score("Yes or no?", [" yes"])[0] < 0

    def test_a_call_that_waits_too_long_is_told_that_the_model_is_busy(
        self, model: LanguageModel, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        # Two minutes in earnest.
        monkeypatch.setattr(turn, "PATIENCE", 0.05)
        generation = model.generate(PROMPT, max_tokens=50, before_sending=unnoticed)
        next(generation)
        failures: list[str] = []
        thread = threading.Thread(target=lambda: failures.append(_failure(model)))
        thread.start()
        thread.join()
        generation.close()
        assert failures == [f"{model.name} has been busy for 0 seconds. Try again later."]


def _failure(model: LanguageModel) -> str:
    with pytest.raises(ModelUnavailable) as caught:
        model.score("Yes or no?", [" yes"])
    return str(caught.value)

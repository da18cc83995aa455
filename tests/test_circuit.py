"""A model that fails again and again is left alone for a while."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from inference import circuit
from inference.circuit import FAILURES, rests_until, watched
from kb.errors import ModelUnavailable, PromptRefused


def call(failure: Exception | None = None) -> str:
    def pieces() -> Iterator[str]:
        yield "One"
        if failure:
            raise failure

    return "".join(watched("slm", pieces()))


def fail(times: int) -> None:
    for _ in range(times):
        with pytest.raises(ModelUnavailable, match="Down"):
            call(ModelUnavailable("Down."))


def test_it_rests_after_so_many_failures_in_a_row() -> None:
    fail(FAILURES - 1)
    assert call() == "One"
    fail(FAILURES - 1)
    assert rests_until("slm") is None
    fail(1)
    assert rests_until("slm") is not None
    assert rests_until("llm") is None


def test_a_prompt_that_is_refused_says_nothing_about_the_model() -> None:
    for _ in range(FAILURES):
        with pytest.raises(PromptRefused):
            call(PromptRefused("Too long."))
    assert rests_until("slm") is None


def test_after_its_rest_one_call_tries_it_and_others_wait(
    monkeypatch: pytest.MonkeyPatch, fake_models: Settings
) -> None:
    monkeypatch.setattr(circuit, "REST", timedelta(0))
    fail(FAILURES)
    trial = watched("slm", iter(["One"]))
    next(trial)
    with pytest.raises(ModelUnavailable, match="is just being tried again"):
        call()
    assert list(trial) == []
    assert call() == "One"


def test_a_trial_that_fails_is_one_more_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "REST", timedelta(0))
    fail(FAILURES)
    monkeypatch.setattr(circuit, "REST", timedelta(minutes=2))
    fail(1)
    assert rests_until("slm") is not None

"""How long an answer takes on this machine, before anybody has asked."""

import time
from collections.abc import Callable
from contextlib import closing

from django.conf import settings

from inference import gateway, registry
from inference.prompts import answer_prompt
from inference.protocols import Location, Shown
from inference.registry import QUOTED
from kb.models import ModelCall, Sensitivity

SOURCES = 8
SENTENCES = 12
"""A source of these is about as long as a chunk."""
WRITTEN = 24
"""Tokens that a model writes to be timed."""
ANSWER = 150
"""Tokens of a usual answer."""
QUESTION = "When is pump 3 of station 2 serviced?"


def measure(role: str, *, somebody_waits: Callable[[], bool]) -> float | None:
    """Wall seconds from sources at hand to the end of a usual answer, by the model of this role in `settings.MODELS`.

    None for a model in the cloud, to which nothing is sent only to know; and where it is given up because somebody
    waits for the model, which is asked while it reads.

    Raises:
        ModelUnavailable: the model failed.
    """
    if registry.location(role) == Location.CLOUD:
        return None
    call = gateway.Call(
        purpose=ModelCall.Purpose.MEASURE,
        model=role,
        prompt=answer_prompt(QUESTION, _sources(role), ()),
        text_sensitivity=Sensitivity.PUBLIC,
        reason="A made-up text, to know how long an answer takes.",
    )
    began, times = time.perf_counter(), list[float]()
    with closing(gateway.generate(call, max_tokens=WRITTEN)) as pieces:
        for piece in pieces:
            if piece:
                times.append(time.perf_counter() - began)
            elif somebody_waits():
                return None
    whole = time.perf_counter() - began
    if role == QUOTED or not times:
        return whole
    return times[0] + (whole - times[0]) / len(times) * ANSWER


def _sources(role: str) -> list[Shown]:
    """As many as a question's prompt has room for, and one at least."""
    generator = registry.generator(role)
    sources = [_source(number) for number in range(1, SOURCES + 1)]
    room = min(settings.PROMPT_TOKENS, generator.window - ANSWER)
    return sources[: max(1, room // generator.count_tokens(sources[0].text))]


def _source(number: int) -> Shown:
    sentences = (
        f"Pump {pump} of station {number} is serviced in week {number + pump}, by two people of the night shift."
        for pump in range(1, SENTENCES + 1)
    )
    return Shown(number, f"Station {number}", " ".join(sentences))

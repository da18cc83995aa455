"""How long an answer takes on this machine, before anybody has asked."""

import time

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


def measure(role: str) -> float | None:
    """Wall seconds from sources at hand to the end of a usual answer, by the model of this role in `settings.MODELS`.

    None for a model in the cloud, to which nothing is sent only to know.

    Raises:
        ModelUnavailable: the model failed.
    """
    if registry.location(role) == Location.CLOUD:
        return None
    call = gateway.Call(
        purpose=ModelCall.Purpose.MEASURE,
        model=role,
        prompt=answer_prompt(QUESTION, [_source(number) for number in range(1, SOURCES + 1)], ()),
        text_sensitivity=Sensitivity.PUBLIC,
        reason="A made-up text, to know how long an answer takes.",
    )
    began = time.perf_counter()
    times = [time.perf_counter() - began for piece in gateway.generate(call, max_tokens=WRITTEN) if piece]
    whole = time.perf_counter() - began
    if role == QUOTED or not times:
        return whole
    return times[0] + (whole - times[0]) / len(times) * ANSWER


def _source(number: int) -> Shown:
    sentences = (
        f"Pump {pump} of station {number} is serviced in week {number + pump}, by two people of the night shift."
        for pump in range(1, SENTENCES + 1)
    )
    return Shown(number, f"Station {number}", " ".join(sentences))

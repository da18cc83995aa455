"""Strictest label → which model may read it. Pure, and driven by one table."""

from collections.abc import Mapping
from dataclasses import dataclass

from inference.protocols import Location
from kb.models import Sensitivity


@dataclass(frozen=True, slots=True)
class Route:
    """Which model answers (a key of `settings.MODELS`) and why, in a sentence."""

    model: str
    reason: str


def may_read(location: Location, sensitivity: Sensitivity, routes: Mapping[str, str]) -> bool:
    """Whether text of this sensitivity may go to a model at this location. What the table does not name may not."""
    farthest = routes.get(sensitivity.name)
    if farthest == Location.CLOUD:
        return True
    return farthest == Location.ON_PREMISES and location == Location.ON_PREMISES


def choose(
    question: Sensitivity,
    sources: list[Sensitivity],
    *,
    llm: Location | None,
    routes: Mapping[str, str],
) -> Route:
    """The LLM when all of the evidence may reach it; else the answer is put together on-premises.

    `question` is the stricter of the question's own label and the conversation's.
    """
    if llm is None:
        return Route("extractive", "No language model is configured, so the answer quotes the sources.")
    held_back = [label for label in sources if not may_read(llm, label, routes)]
    if held_back:
        worst = Sensitivity.strictest(held_back).label
        return Route("extractive", f"{len(held_back)} of {len(sources)} sources are {worst}.")
    if not may_read(llm, question, routes):
        return Route("extractive", f"The question or the conversation counts as {question.label}.")
    return Route("llm", f"The strictest source is {Sensitivity.strictest([*sources, question]).label}.")

"""Who answers on this machine, and in how many seconds, as its last answers took."""

from dataclasses import dataclass
from statistics import median

from django.core.cache import cache
from django.utils.text import slugify

from inference import registry
from inference.protocols import Location
from inference.registry import QUOTED
from kb.models import Answer

COUNTED = 20
"""Answers, the last ones."""
REMEMBERED = 300
"""Seconds for which the figure is not looked up again."""


@dataclass(frozen=True, slots=True)
class Expected:
    """`model` is empty where answers are quotes; `seconds` are a median, None before the first answer."""

    model: str
    outside: bool
    seconds: float | None


def expected() -> Expected:
    """What a person who asks now may expect."""
    role = "llm" if registry.is_configured("llm") else QUOTED
    name = registry.model_name(role)
    seconds = cache.get_or_set(f"seconds-an-answer-{slugify(name)}", lambda: _seconds(name), REMEMBERED)
    return Expected(
        model="" if role == QUOTED else name,
        outside=registry.location(role) == Location.CLOUD,
        seconds=seconds,
    )


def _seconds(model: str) -> float | None:
    """None where the model has not answered yet."""
    made = Answer.objects.filter(state=Answer.State.DONE, found=True, model=model, survey=None)
    latest = made.order_by("-claimed_at")
    spent = [sum(each.values()) for each in latest.values_list("seconds", flat=True)[:COUNTED]]
    return median(spent) if spent else None

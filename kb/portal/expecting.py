"""Who answers on this machine, and in how many seconds: as its last answers took, or as measured at the start."""

from dataclasses import dataclass
from statistics import median

from django.core.cache import cache
from django.utils import timezone
from django.utils.text import slugify

from inference import registry
from inference.pace import measure
from inference.protocols import Location
from inference.registry import QUOTED
from kb.models import Answer, Question

COUNTED = 20
"""Answers, the last ones."""
REMEMBERED = 300
"""Seconds for which the figure is not looked up again."""


@dataclass(frozen=True, slots=True)
class Expected:
    """`model` is empty where answers are quotes; `seconds` are None where nothing has been measured."""

    model: str
    outside: bool
    seconds: float | None


def expected() -> Expected:
    """What a person who asks now may expect."""
    role = _role()
    name = registry.model_name(role)
    seconds = cache.get_or_set(_key(name), lambda: _seconds(name), REMEMBERED)
    return Expected(
        model="" if role == QUOTED else name,
        outside=registry.location(role) == Location.CLOUD,
        seconds=seconds or cache.get(_key_at_start(name)),
    )


def measure_at_start() -> None:
    """Where the model has not answered anybody yet. It takes as long as an answer, so it gives way to the first one."""
    name = registry.model_name(_role())
    asked = Question.objects.filter(created_at__gt=timezone.now())
    if _seconds(name) is None:
        cache.set(_key_at_start(name), measure(_role(), somebody_waits=asked.exists), timeout=None)


def _role() -> str:
    return "llm" if registry.is_configured("llm") else QUOTED


def _key(model: str) -> str:
    return f"seconds-an-answer-{slugify(model)}"


def _key_at_start(model: str) -> str:
    return f"seconds-at-start-{slugify(model)}"


def _seconds(model: str) -> float | None:
    """None where the model has not answered yet."""
    made = Answer.objects.filter(state=Answer.State.DONE, found=True, model=model, survey=None)
    latest = made.order_by("-claimed_at")
    spent = [sum(each.values()) for each in latest.values_list("seconds", flat=True)[:COUNTED]]
    return median(spent) if spent else None

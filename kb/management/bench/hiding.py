"""How long it takes to hide personal data before a context goes to a cloud model."""

import re
import time
from collections.abc import Iterator

from inference import registry
from inference.personal import Finding, Kind, find_personal
from inference.pseudonyms import Pseudonyms, Spotted
from kb.management.bench.report import Hiding
from kb.models import Chunk, Conversation, Person

TOKENS = 6_000
"""Of the context, as the SLM counts them."""
NAME = re.compile(r"[A-Z][a-z]+ [A-Z][a-z]+")
"""Two capitalised words are taken for a person here, far more often than they are one."""
ROUNDS = 5
"""The quickest counts: it was disturbed least."""


def measure_hiding() -> Hiding:
    """Of chunks of the library. Their findings are known before, as they are from ingestion."""
    context = list(_context())
    person = Person.objects.order_by("pk")[0]
    rounds = [_turns(context, person) for _ in range(ROUNDS)]
    first, next_one = (min(seconds) for seconds in zip(*rounds, strict=True))
    return Hiding(
        tokens=sum(registry.scorer().count_tokens(each.text) for each in context),
        findings=sum(len(each.findings) for each in context),
        first_turn_ms=round(first * 1000, 1),
        next_turn_ms=round(next_one * 1000, 1),
    )


def _context() -> Iterator[Spotted]:
    tokens = 0
    for text in Chunk.objects.order_by("pk").values_list("text", flat=True):
        if tokens >= TOKENS:
            return
        tokens += registry.scorer().count_tokens(text)
        names = [Finding(Kind.PERSON, *match.span()) for match in NAME.finditer(text)]
        yield Spotted(text, [*find_personal(text), *names])


def _turns(context: list[Spotted], person: Person) -> tuple[float, float]:
    """Seconds of a first turn, in which everybody is new, and of the next with the same context."""
    conversation = Conversation.objects.create(person=person, title="Bench")
    first, next_one = (_seconds(context, conversation) for _ in range(2))
    return first, next_one


def _seconds(context: list[Spotted], conversation: Conversation) -> float:
    begun = time.perf_counter()
    Pseudonyms(conversation).hide(context)
    return time.perf_counter() - begun

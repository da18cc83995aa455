"""How often somebody may call: at most so many requests, and questions among them, in any minute.

What was counted is told in the header fields `RateLimit-Policy` and `RateLimit` of the IETF's draft
(draft-ietf-httpapi-ratelimit-headers-10).
"""

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from math import ceil

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from limits import RateLimitItemPerMinute
from limits.errors import StorageError
from limits.storage import storage_from_string
from limits.strategies import SlidingWindowCounterRateLimiter
from limits.util import WindowStats

from kb.errors import TooManyRequests
from kb.models import Allowance, Person

log = logging.getLogger("strongroom.rates")

MINUTE = 60  # seconds
REQUESTS, QUESTIONS = "requests", "questions"
ASK = "ask"
"""The verb of `kb.rights` that counts as a question as well."""
THIS_PROCESS = "memory://"


@dataclass(frozen=True, slots=True)
class Rate:
    """At most `most` requests or questions a minute for one holder: `left` are left, and more after `seconds`."""

    kind: str
    unit: str
    most: int
    left: int
    seconds: int
    exceeded: bool

    @property
    def name(self) -> str:
        return f"{self.kind}-{self.unit}"


def count(person: Person, verb: str) -> tuple[Rate, ...]:
    """Counts a request of the person: for him, and for his key and his groups where they are limited. One query."""
    return tuple(_counted(*each) for each in _limits(person, verb))


def check(rates: Sequence[Rate]) -> None:
    """
    Raises:
        TooManyRequests: somebody has had as many as he may.
    """
    exceeded = [rate for rate in rates if rate.exceeded]
    if not exceeded:
        return
    rate = max(exceeded, key=lambda rate: rate.seconds)
    raise TooManyRequests(
        f"At most {rate.most} {rate.unit} a minute are answered here. Wait {rate.seconds} seconds, and try again.",
        datetime.fromtimestamp(time.time() + rate.seconds, UTC),
    )


def headers(rates: Sequence[Rate]) -> dict[str, str]:
    """Structured fields (RFC 9651): lists of a policy's name with its numbers."""
    if not rates:
        return {}
    policies = dict.fromkeys(f'"{rate.name}";q={rate.most};w={MINUTE}' for rate in rates)
    standing = dict.fromkeys(f'"{rate.name}";r={rate.left};t={rate.seconds}' for rate in rates)
    return {"RateLimit-Policy": ", ".join(policies), "RateLimit": ", ".join(standing)}


Answer = Callable[[HttpRequest], HttpResponseBase]


def told(get_response: Answer) -> Answer:
    """Middleware: puts what a face has counted, as `request.rates`, on the reply."""

    def answer(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        for name, value in headers(getattr(request, "rates", ())).items():
            response[name] = value
        return response

    return answer


def _limits(person: Person, verb: str) -> Iterator[tuple[str, str, int, int]]:
    """Kind and primary key of each holder, and how many of which unit it may have."""
    mine = {REQUESTS: settings.REQUESTS_A_MINUTE, QUESTIONS: settings.QUESTIONS_A_MINUTE}
    for allowance in Allowance.objects.applying_to(person):
        set_here = {REQUESTS: allowance.requests_a_minute, QUESTIONS: allowance.questions_a_minute}
        given = {unit: most for unit, most in set_here.items() if most is not None}
        if allowance.kind == "person":
            mine |= given
            continue
        for unit, most in _counting(given, verb):
            yield allowance.kind, unit, allowance.holder_pk, most
    for unit, most in _counting(mine, verb):
        yield "person", unit, person.pk, most


def _counting(given: dict[str, int], verb: str) -> list[tuple[str, int]]:
    return [(unit, most) for unit, most in given.items() if unit == REQUESTS or verb == ASK]


def _counted(kind: str, unit: str, holder: int, most: int) -> Rate:
    item, place = RateLimitItemPerMinute(most), (kind, unit, str(holder))
    try:
        within, stats = _hit(settings.REDIS_URL or THIS_PROCESS, item, place)
    except StorageError as error:
        log.warning("Requests are counted in this process alone: %s", error)
        within, stats = _hit(THIS_PROCESS, item, place)
    seconds = max(1, ceil(stats.reset_time - time.time()))
    return Rate(kind, unit, most, stats.remaining, seconds, exceeded=not within)


def _hit(storage: str, item: RateLimitItemPerMinute, place: tuple[str, ...]) -> tuple[bool, WindowStats]:
    limiter = _limiter(storage)
    return limiter.hit(item, *place), limiter.get_window_stats(item, *place)


@cache
def _limiter(storage: str) -> SlidingWindowCounterRateLimiter:
    return SlidingWindowCounterRateLimiter(storage_from_string(storage, wrap_exceptions=True))


def forget() -> None:
    """Begins to count anew, in this process."""
    _limiter.cache_clear()

"""Who calls: a person with a session in the browser, or a tool with a key."""

import time
from collections.abc import Callable

from django.core.cache import cache
from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, SessionAuth
from ninja.throttling import BaseThrottle

from kb.api.keys import caller
from kb.models import Person
from kb.rights import OPERATIONS

MINUTE = 60  # seconds


class Request(HttpRequest):
    """A request that has passed authentication."""

    auth: Person


class Token(HttpBearer):
    """`Authorization: Bearer srm_…`. A key that is sent decides alone: a session does not stand in for a bad one.

    `operation_of` names the operation that a request is for; its verb decides what scope the key needs.
    """

    def __init__(self, operation_of: Callable[[HttpRequest], str]) -> None:
        super().__init__()
        self._operation_of = operation_of

    def authenticate(self, request: HttpRequest, token: str) -> Person:
        verb = OPERATIONS.get(self._operation_of(request), "")
        person = caller(token, verb, address=address_of(request))
        if person is None:
            raise AuthenticationError
        return person


class Session(SessionAuth):
    """The portal's session cookie, with a CSRF token for whatever changes something."""

    def __call__(self, request: HttpRequest) -> Person | None:
        # Checked first, so that a stranger is told to sign in rather than that his CSRF token is missing.
        person = super().__call__(request) if request.user.is_active else None
        return person if isinstance(person, Person) else None


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from; none over a Unix socket."""
    return request.META.get("REMOTE_ADDR") or None


class PerMinute(BaseThrottle):
    """At most so many requests a minute and person, counted in fixed windows.

    The throttles that come with the framework keep a request's state on the shared object, and so mix up
    the persons of requests that run at the same time.
    """

    def __init__(self, subject: str, most: int) -> None:
        self._subject = subject
        self._most = most

    def allow_request(self, request: HttpRequest) -> bool:
        person: Person = request.auth  # type: ignore[attr-defined]
        key = f"requests:{self._subject}:{person.pk}:{int(time.time()) // MINUTE}"
        cache.add(key, 0, timeout=MINUTE)
        return cache.incr(key) <= self._most

    def wait(self) -> float:
        return MINUTE - time.time() % MINUTE

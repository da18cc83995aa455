"""Who calls: a person with a session in the browser, or a tool with a key. Each call is counted (`kb.rates`)."""

from collections.abc import Callable

from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer, SessionAuth

from kb import rates
from kb.api.keys import holder
from kb.models import Person
from kb.rights import OPERATIONS

OperationOf = Callable[[HttpRequest], str]
"""Names the operation that a request is for."""


class Request(HttpRequest):
    """A request that has passed authentication."""

    auth: Person
    rates: tuple[rates.Rate, ...]


class Token(HttpBearer):
    """`Authorization: Bearer srm_…`. A key that is sent decides alone: a session does not stand in for a bad one.

    The verb of the operation decides what scope the key needs.
    """

    def __init__(self, operation_of: OperationOf) -> None:
        super().__init__()
        self._operation_of = operation_of

    def authenticate(self, request: HttpRequest, token: str) -> Person:
        verb = OPERATIONS.get(self._operation_of(request), "")
        person = holder(token, verb, address=address_of(request))
        if person is None:
            raise AuthenticationError
        return _counted(request, person, verb)


class Session(SessionAuth):
    """The portal's session cookie, with a CSRF token for whatever changes something."""

    def __init__(self, operation_of: OperationOf) -> None:
        super().__init__()
        self._operation_of = operation_of

    def __call__(self, request: HttpRequest) -> Person | None:
        # Checked first, so that a stranger is told to sign in rather than that his CSRF token is missing.
        person = super().__call__(request) if request.user.is_active else None
        if not isinstance(person, Person):
            return None
        return _counted(request, person, OPERATIONS.get(self._operation_of(request), ""))


def address_of(request: HttpRequest) -> str | None:
    """Where a request comes from; none over a Unix socket."""
    return request.META.get("REMOTE_ADDR") or None


def _counted(request: HttpRequest, person: Person, verb: str) -> Person:
    """
    Raises:
        TooManyRequests: he has had as many as he may.
    """
    counted = rates.count(person, verb)
    request.rates = counted  # type: ignore[attr-defined]  # `kb.rates.told` puts them on the reply.
    rates.check(counted)
    return person

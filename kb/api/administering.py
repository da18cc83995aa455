"""Operations that exist for administrators alone: to anybody else their addresses are like any unknown one."""

from django.http import Http404, HttpRequest

from kb.api import auth
from kb.api.operations import operation_of
from kb.models import Person


class Token(auth.Token):
    """Named like the one for everybody, because the way to authenticate is the same."""

    def authenticate(self, request: HttpRequest, token: str) -> Person:
        return _administrator(super().authenticate(request, token))


class Session(auth.Session):
    def __call__(self, request: HttpRequest) -> Person | None:
        person = super().__call__(request)
        return None if person is None else _administrator(person)


ADMINISTRATORS = [Token(operation_of), Session(operation_of)]
"""For a router. It is asked before what was sent is looked at, so that no complaint about that tells of the address."""


def _administrator(person: Person) -> Person:
    if not person.administers:
        raise Http404
    return person

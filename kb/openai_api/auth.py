"""Who calls: a program with a person's key. A browser's session does not count here."""

from django.http import HttpRequest
from ninja.security import HttpBearer

from kb.api.keys import caller
from kb.models import Person
from kb.rights import OPERATIONS


class Key(HttpBearer):
    """`Authorization: Bearer srm_…`, with a key that is good for the operation."""

    def __init__(self, operation: str) -> None:
        super().__init__()
        self._verb = OPERATIONS[operation]

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        return caller(token, self._verb)

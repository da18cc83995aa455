"""Whose client asks, and where what it is given goes."""

from collections.abc import Callable
from dataclasses import dataclass

from inference.gateway import Receiver
from inference.outside import Reader, declared_location
from kb.api.keys import caller
from kb.errors import Denied
from kb.models import Person

NAME_LENGTH = 60
"""Characters of what a client calls itself that the ledger keeps."""

Identify = Callable[[str], Person]
"""A verb of `kb.rights` → the person who may do it. It is asked for every request, so that revocation holds."""


@dataclass(frozen=True, slots=True)
class Client:
    """Who sent a request, and from where. `site` is the portal's address; empty where it is not known."""

    identify: Identify
    host: str
    site: str = ""

    def visit(self, verb: str, *, name: str, tell: Callable[[str], None]) -> "Visit":
        """
        Raises:
            Denied: the key is not usable, or not good for the verb.
        """
        person = self.identify(verb)
        return Visit(Reader(person, Receiver(_called(name), declared_location(), self.host)), self.site, tell)


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of a client, once it is known whose it is.

    `tell` says in a sentence how far it is, and raises when the client has gone; an empty one only looks.
    """

    reader: Reader
    site: str
    tell: Callable[[str], None]

    @property
    def person(self) -> Person:
        return self.reader.person

    def read_at(self, path: str) -> str:
        """Where a person reads what the client does not get, as a sentence."""
        return f"Read it in Strongroom: {self.site}{path}"


def by_key(key: str, address: str | None = None) -> Identify:
    def identify(verb: str) -> Person:
        person = caller(key, verb, address=address)
        if person is None:
            raise Denied("This key is not valid, or no longer. Make a new one in Strongroom.")
        return person

    return identify


def _called(name: str) -> str:
    """What the client says of itself goes into the ledger as one short line."""
    line = "".join(letter for letter in name if letter.isprintable())
    return f"MCP client {line[:NAME_LENGTH]}".strip()

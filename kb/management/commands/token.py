"""`manage.py token`: keys with which internal tools act as a person."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from kb.errors import Rejected
from kb.management.lookup import person_named
from kb.models import AccessToken, Person


class Command(BaseCommand):
    help = "Makes an access token for a person and shows it once, or revokes those of a name."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USER")
        parser.add_argument("--name", required=True, help="what the token is for")
        parser.add_argument("--revoke", action="store_true", help="end the tokens of that name at once")

    def handle(self, *args: Any, username: str, name: str, revoke: bool, **options: Any) -> None:
        person = person_named(username)
        if revoke:
            self.stdout.write(f"{_revoke(person, name)} revoked.")
        else:
            self.stdout.write(AccessToken.issue(person, name=name))


def _revoke(person: Person, name: str) -> str:
    tokens = AccessToken.objects.filter(person=person, revoked_at=None)
    revoked = tokens.filter(name=name).update(revoked_at=timezone.now())
    if not revoked:
        names = ", ".join(sorted(set(tokens.values_list("name", flat=True)))) or "none"
        raise Rejected(f"{person.username} has no token named “{name}” (there is: {names}).")
    return "1 token was" if revoked == 1 else f"{revoked} tokens were"

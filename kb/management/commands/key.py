"""`manage.py key`: keys with which internal tools act as a person or a service."""

from argparse import ArgumentParser
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kb.environment import CONFIGURATION
from kb.errors import Rejected
from kb.management.lookup import person_named
from kb.models import ApiKey, Collection, Person, Sensitivity
from kb.models.keys import EVERYDAY, Terms
from kb.people.keys import issue
from kb.rights import Scope


class Command(BaseCommand):
    help = "Makes a key for a person or a service and shows it once, or revokes those of a name."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username", metavar="USER")
        parser.add_argument("--name", required=True, help="what the key is for")
        parser.add_argument(
            "--scope",
            action="append",
            choices=[scope.value for scope in Scope],
            dest="scopes",
            help="what it is good for; may be repeated (default: read, ask and write)",
        )
        parser.add_argument(
            "--days", type=int, default=settings.KEY_DAYS, help="for which it lasts (default: %(default)s)"
        )
        parser.add_argument(
            "--collection", action="append", dest="collections", help="reads only this one; may be repeated"
        )
        parser.add_argument(
            "--ceiling", choices=Sensitivity.names, help="the strictest sensitivity that it reads"
        )
        parser.add_argument("--revoke", action="store_true", help="end the keys of that name at once")

    def handle(self, *args: Any, username: str, name: str, revoke: bool, **options: Any) -> None:
        person = person_named(username)
        if revoke:
            self.stdout.write(f"{_revoke(person, name)} revoked.")
        else:
            self.stdout.write(issue(person, _terms(name, **options), by=None).text)


def _terms(name: str, **options: Any) -> Terms:
    return Terms(
        name,
        frozenset(map(Scope, options["scopes"] or EVERYDAY)),
        options["days"],
        collections=_collections(options["collections"]),
        ceiling=Sensitivity[options["ceiling"]] if options["ceiling"] else None,
    )


def _collections(names: Sequence[str] | None) -> list[Collection] | None:
    if names is None:
        return None
    found = list(Collection.objects.filter(name__in=names))
    if missing := sorted(set(names) - {collection.name for collection in found}):
        raise Rejected(f"There is no collection “{missing[0]}”. Correct its name.")
    return found


def _revoke(person: Person, name: str) -> str:
    keys = ApiKey.objects.usable().filter(person=person)
    named = list(keys.filter(name=name))
    if not named:
        names = ", ".join(sorted(set(keys.values_list("name", flat=True)))) or "none"
        raise Rejected(f"{person.username} has no key named “{name}” (there is: {names}).")
    for key in named:
        key.revoke()
    return "1 key was" if len(named) == 1 else f"{len(named)} keys were"

"""`manage.py mcp`: documents and answers for an AI client that starts this command."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from kb.environment import CONFIGURATION
from kb.errors import Rejected
from kb.management.lookup import person_named
from kb.mcp.stdio import serve
from kb.mcp.visit import Identify, by_key
from kb.models import Person


class Command(BaseCommand):
    help = "Speaks the Model Context Protocol over standard input and output, as a person."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--as", dest="username", metavar="USER", help="whose rights it has; else those of STRONGROOM_KEY"
        )

    def handle(self, *args: Any, username: str | None, **options: Any) -> None:
        serve(_identified(username))


def _identified(username: str | None) -> Identify:
    """
    Raises:
        Rejected: nobody is named, or nobody whom there is.
        Denied: the key is not valid.
    """
    if username:
        person_named(username)
        return by_name(username)
    if not settings.MCP_KEY:
        raise Rejected("Say whose rights this has: --as USER, or a key in STRONGROOM_KEY.")
    identify = by_key(settings.MCP_KEY)
    identify("read")
    return identify


def by_name(username: str) -> Identify:
    """Whoever can start this command has the database: the person's rights hold, and no key is needed."""

    def identify(verb: str) -> Person:
        return person_named(username)

    return identify

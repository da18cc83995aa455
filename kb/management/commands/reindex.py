"""`manage.py reindex`: the vector index, made again from SQL."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import track

from inference.retrieve import chunk_index
from ingestion.index import reindex
from kb.environment import CONFIGURATION
from kb.errors import StrongroomError
from kb.management.gate import keep_the_old, through_the_gate, told_of_gate
from kb.management.lookup import person_named
from kb.models import Version


class Command(BaseCommand):
    help = (
        "Makes every point of the vector index again from SQL. Searching goes on meanwhile. With --as, answers are "
        "measured with the new index, and it is accepted if they are not worse."
    )
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="username", metavar="USER", help="whose golden sets measure it")
        decision = parser.add_mutually_exclusive_group()
        decision.add_argument(
            "--switch", action="store_true", help="with --as: accept it although answers are worse"
        )
        decision.add_argument(
            "--keep", action="store_true", help="go back to the embedder before, and fill nothing"
        )

    def handle(self, *args: Any, username: str | None, switch: bool, keep: bool, **options: Any) -> None:
        if switch and not username:
            raise CommandError(
                "Say whose golden sets are to be measured before it is accepted: add --as USER."
            )
        try:
            if keep:
                self.stdout.write(keep_the_old())
                return
            person = person_named(username) if username else None
            self.fill()
            for line in through_the_gate(person, switch=switch) if person else filter(None, [told_of_gate()]):
                self.stdout.write(line)
        except StrongroomError as error:
            raise CommandError(str(error)) from error

    def fill(self) -> None:
        versions = Version.objects.searchable()
        console = Console(stderr=True)
        for version in track(
            versions.iterator(chunk_size=100),
            "Indexing",
            total=versions.count(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ):
            reindex(version)
        removed = _remove_strays()
        strays = f", and {removed} that no longer exist were removed" if removed else ""
        self.stdout.write(f"{versions.count()} documents were indexed{strays}.")


def _remove_strays() -> int:
    """Points of versions that SQL does not know."""
    known = set(Version.objects.filter(retired=False).values_list("pk", flat=True))
    strays = [version for version, _ in chunk_index().versions() if version not in known]
    for version in strays:
        chunk_index().delete_version(version)
    return len(strays)

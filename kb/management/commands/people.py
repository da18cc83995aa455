"""`manage.py people import`: accounts from a list."""

from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from kb.environment import CONFIGURATION
from kb.errors import Rejected
from kb.management.lookup import person_named
from kb.people.roster import Outcome, take, tried


class Command(BaseCommand):
    help = "Shows what a CSV list of people would add, change and be refused; with --apply, does it."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["import"])
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument(
            "--as", dest="username", required=True, metavar="ADMIN", help="who answers for it"
        )
        parser.add_argument("--apply", action="store_true", help="do it, instead of only showing it")

    def handle(self, *args: Any, file: Path, username: str, apply: bool, **options: Any) -> None:
        text, by = _text(file), person_named(username)
        told = take(text, by) if apply else tried(text, by)
        for each in told:
            self.stdout.write(f"{each.line:5}  {each.outcome:10} {each.username}  {each.reason}".rstrip())
        counts = Counter(each.outcome for each in told)
        self.stdout.write(", ".join(f"{counts[outcome]:,} {outcome}" for outcome in Outcome) + ".")
        if not apply:
            self.stdout.write("Nothing was changed. Repeat it with --apply to do it.")


def _text(file: Path) -> str:
    """
    Raises:
        Rejected: it cannot be read.
    """
    try:
        return file.read_text("utf-8-sig")
    except OSError as error:
        raise Rejected(f"{file} cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise Rejected(f"{file} is not in UTF-8. Save it as CSV with UTF-8 in your spreadsheet.") from error

"""`manage.py reconcile`: what disagrees between SQL, files and index, and mending it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ingestion.reconcile import reconcile
from kb.environment import CONFIGURATION


class Command(BaseCommand):
    help = "Finds what is stuck, missing or out of step, and mends it; the worker does the same every minute."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="mend nothing; exit status 1 if something is off"
        )

    def handle(self, *args: Any, check: bool, **options: Any) -> None:
        found = reconcile(repair=not check)
        for sentence in found:
            self.stdout.write(sentence)
        if not found:
            self.stdout.write("SQL, the stored files and the index agree.")
        elif check:
            raise CommandError(
                f"{len(found)} things are off. `manage.py reconcile` mends what can be mended."
            )
        else:
            self.stdout.write(f"{len(found)} things were off; what can be mended was.")

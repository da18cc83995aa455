"""`manage.py rights`: who may do what, as a table in Markdown."""

from typing import Any

from django.core.management.base import BaseCommand

from kb.rights.table import as_markdown


class Command(BaseCommand):
    help = "Prints who may do what, as the table of docs/rights.md."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(as_markdown(), ending="")

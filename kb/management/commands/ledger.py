"""`manage.py ledger`: what was sent to which model, and whether the record stands as it was written."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from kb.exchange import LedgerRow, as_json, ledger_row
from kb.models import ModelCall


class Command(BaseCommand):
    help = "Lists calls of models, the newest first, or verifies that no row was changed or dropped."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", choices=["verify"], help="the same as --verify")
        parser.add_argument(
            "--verify", action="store_true", help="recompute every seal; exit status 1 if one fails"
        )
        parser.add_argument("--limit", type=int, default=50, metavar="N", help="rows to list (default 50)")
        parser.add_argument("--json", action="store_true", help="one JSON array, or one object with --verify")

    def handle(
        self, *args: Any, action: str | None, verify: bool, limit: int, json: bool, **options: Any
    ) -> None:
        if verify or action == "verify":
            self.verify(json=json)
        else:
            self.list(limit=limit, json=json)

    def verify(self, *, json: bool) -> None:
        verdict = ModelCall.objects.verify()
        if json:
            self.stdout.write(as_json(verdict))
        if not verdict.intact:
            raise CommandError(f"The ledger does not hold. {verdict.fault}")
        if not json:
            self.stdout.write(f"All {verdict.rows:,} rows of the ledger stand as they were written.")

    def list(self, *, limit: int, json: bool) -> None:
        rows = [ledger_row(call) for call in ModelCall.objects.select_related("person")[: max(limit, 0)]]
        if json:
            self.stdout.write(as_json(rows))
            return
        for row in rows:
            self.stdout.write(_line(row))
        if not rows:
            self.stdout.write("The ledger is empty: no model was called yet.")


def _line(row: LedgerRow) -> str:
    who = row.person or "system"
    return (
        f"{row.row:>6}  {row.at:%Y-%m-%d %H:%M:%S}  {who:12} {row.purpose:10} {row.decision:6} "
        f"{row.location:11} {row.sensitivity:12} {row.sent_bytes:>8,} B  {row.model}  {row.reason}"
    )

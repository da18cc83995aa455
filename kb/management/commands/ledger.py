"""`manage.py ledger`: what was sent to which model, and whether the record stands as it was written."""

from argparse import ArgumentParser
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from kb.environment import CONFIGURATION
from kb.exchange import LedgerRow, as_json, ledger_row
from kb.models import ModelCall
from kb.models.ledger import Verdict
from kb.signed_head import as_text, fault_since, read_head, sign_head
from kb.webhooks.outbox import tell_of_fault

PRINT = ""
"""What `--head` is without a file."""


class Command(BaseCommand):
    help = "Lists calls of models, the newest first, or verifies that no row was changed or dropped."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", nargs="?", choices=["verify"], help="the same as --verify")
        parser.add_argument(
            "--verify", action="store_true", help="recompute every seal; exit status 1 if one fails"
        )
        parser.add_argument(
            "--head",
            nargs="?",
            const=PRINT,
            metavar="FILE",
            help="print the signed head; with --verify, the FILE of an earlier one that the chain must contain",
        )
        parser.add_argument(
            "--prune",
            action="store_true",
            help="erase the details of rows that are older than STRONGROOM_LEDGER_KEEP_DAYS",
        )
        parser.add_argument("--limit", type=int, default=50, metavar="N", help="rows to list (default 50)")
        parser.add_argument("--json", action="store_true", help="one JSON array, or one object with --verify")

    def handle(
        self, *args: Any, action: str | None, verify: bool, head: str | None, prune: bool, **options: Any
    ) -> None:
        if verify or action == "verify":
            self.verify(head, json=options["json"])
        elif head == PRINT:
            self.stdout.write(as_text(sign_head()))
        elif head is not None:
            raise CommandError("Add --verify to compare the ledger with that file, or leave the file out.")
        elif prune:
            self.prune()
        else:
            self.list(limit=options["limit"], json=options["json"])

    def verify(self, head: str | None, *, json: bool) -> None:
        if head == PRINT:
            raise CommandError("Name the file of the earlier head: --verify --head FILE.")
        verdict = ModelCall.objects.verify()
        if head and verdict.intact:
            verdict = replace(verdict, fault=fault_since(read_head(_text_of(head))))
        if json:
            self.stdout.write(as_json(verdict))
        if not verdict.intact:
            tell_of_fault(verdict.fault)
            raise CommandError(f"The ledger does not hold. {verdict.fault}")
        if not json:
            self.stdout.write(_sentence(verdict, head))

    def prune(self) -> None:
        days = settings.LEDGER_KEEP_DAYS
        if not days:
            raise CommandError(
                "The ledger is kept for ever. Set STRONGROOM_LEDGER_KEEP_DAYS to erase the details of older rows."
            )
        pruned = ModelCall.objects.prune(timezone.now() - timedelta(days=days))
        self.stdout.write(f"The details of {pruned:,} rows older than {days} days were erased.")

    def list(self, *, limit: int, json: bool) -> None:
        rows = [ledger_row(call) for call in ModelCall.objects.select_related("person")[: max(limit, 0)]]
        if json:
            self.stdout.write(as_json(rows))
            return
        for row in rows:
            self.stdout.write(_line(row))
        if not rows:
            self.stdout.write("The ledger is empty: no model was called yet.")


def _text_of(name: str) -> str:
    try:
        return Path(name).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{name} cannot be read. Give the file of an exported head.") from error


def _sentence(verdict: Verdict, head: str | None) -> str:
    said = [f"All {verdict.rows:,} rows of the ledger stand as they were written."]
    if verdict.pruned:
        said.append(f"The details of {verdict.pruned:,} of them were erased by policy.")
    if head:
        said.append("They contain those of the earlier head.")
    return " ".join(said)


def _line(row: LedgerRow) -> str:
    who = row.person or "system"
    return (
        f"{row.row:>6}  {row.at:%Y-%m-%d %H:%M:%S}  {who:12} {row.purpose:10} {row.decision:6} "
        f"{row.location:11} {row.sensitivity:12} {row.sent_bytes:>8,} B  {row.model}  {row.reason}"
    )

"""Many rows of the ledger, a page at a time."""

from collections.abc import AsyncIterator, Callable, Sequence

from asgiref.sync import sync_to_async
from django.db.models import QuerySet

from kb.exchange import LedgerRow, as_json, ledger_row
from kb.models import ModelCall

PAGE = 500
"""Rows that are in memory at once."""

Write = Callable[[Sequence[LedgerRow]], str]


async def blocks(calls: QuerySet[ModelCall], write: Write, head: str = "") -> AsyncIterator[str]:
    """Reads a page at a time, so that a slow reader keeps no transaction open."""
    yield head
    written = 0
    while rows := await sync_to_async(_rows_after)(calls, written):
        yield write(rows)
        written = rows[-1].row


def _rows_after(calls: QuerySet[ModelCall], sequence: int) -> list[LedgerRow]:
    return [ledger_row(call) for call in calls.filter(sequence__gt=sequence).order_by("sequence")[:PAGE]]


def json_lines(rows: Sequence[LedgerRow]) -> str:
    return "".join(f"{as_json(row)}\n" for row in rows)

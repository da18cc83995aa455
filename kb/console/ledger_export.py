"""The rows of the ledger that a page lists, as files for spreadsheets and for programs."""

import json
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict, fields

from asgiref.sync import sync_to_async
from django.db.models import QuerySet
from django.http import HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from kb.console.access import administrators_only
from kb.console.ledger_filter import LedgerFilter
from kb.console.spreadsheet import BYTE_ORDER_MARK, as_csv
from kb.exchange import LedgerRow, as_json, ledger_row
from kb.models import ModelCall
from kb.visitor import PersonRequest

PAGE = 500
"""Rows that are in memory at once."""

Write = Callable[[Sequence[LedgerRow]], str]


@administrators_only
@require_GET
def ledger_csv(request: PersonRequest) -> HttpResponseBase:
    head = BYTE_ORDER_MARK + as_csv([[field.name for field in fields(LedgerRow)]])
    return _file(request, _csv_rows, name="ledger.csv", media_type="text/csv; charset=utf-8", head=head)


@administrators_only
@require_GET
def ledger_json_lines(request: PersonRequest) -> HttpResponseBase:
    return _file(request, _json_lines, name="ledger.jsonl", media_type="application/jsonl")


def _file(
    request: PersonRequest, write: Write, *, name: str, media_type: str, head: str = ""
) -> StreamingHttpResponse:
    calls = LedgerFilter(request.GET).calls()
    return StreamingHttpResponse(
        _blocks(calls, write, head),
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


async def _blocks(calls: QuerySet[ModelCall], write: Write, head: str) -> AsyncIterator[str]:
    """Reads a page at a time, so that a slow reader keeps no transaction open."""
    yield head
    written = 0
    while rows := await sync_to_async(_rows_after)(calls, written):
        yield write(rows)
        written = rows[-1].row


def _rows_after(calls: QuerySet[ModelCall], sequence: int) -> list[LedgerRow]:
    return [ledger_row(call) for call in calls.filter(sequence__gt=sequence).order_by("sequence")[:PAGE]]


def _csv_rows(rows: Sequence[LedgerRow]) -> str:
    return as_csv([[_cell(value) for value in asdict(row).values()] for row in rows])


def _cell(value: object) -> object:
    return json.dumps(value) if isinstance(value, list | dict) else value


def _json_lines(rows: Sequence[LedgerRow]) -> str:
    return "".join(f"{as_json(row)}\n" for row in rows)

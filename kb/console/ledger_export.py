"""The rows of the ledger that a page lists, as files for spreadsheets and for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict, fields

from django.http import HttpResponseBase, StreamingHttpResponse
from django.views.decorators.http import require_GET

from kb.console.access import administrators_only
from kb.console.ledger_filter import LedgerFilter
from kb.console.spreadsheet import BYTE_ORDER_MARK, as_csv
from kb.exchange import LedgerRow
from kb.exchange.ledger_export import Write, blocks, json_lines
from kb.visitor import PersonRequest


@administrators_only
@require_GET
def ledger_csv(request: PersonRequest) -> HttpResponseBase:
    head = BYTE_ORDER_MARK + as_csv([[field.name for field in fields(LedgerRow)]])
    return _file(request, _csv_rows, name="ledger.csv", media_type="text/csv; charset=utf-8", head=head)


@administrators_only
@require_GET
def ledger_json_lines(request: PersonRequest) -> HttpResponseBase:
    return _file(request, json_lines, name="ledger.jsonl", media_type="application/jsonl")


def _file(
    request: PersonRequest, write: Write, *, name: str, media_type: str, head: str = ""
) -> StreamingHttpResponse:
    calls = LedgerFilter(request.GET).calls()
    return StreamingHttpResponse(
        blocks(calls, write, head),
        content_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _csv_rows(rows: Sequence[LedgerRow]) -> str:
    return as_csv([[_cell(value) for value in asdict(row).values()] for row in rows])


def _cell(value: object) -> object:
    return json.dumps(value) if isinstance(value, list | dict) else value

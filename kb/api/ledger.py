"""The ledger, for administrators: every call of a model, what was sent, and proof that no row was touched."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Annotated
from uuid import UUID

from django.db.models import QuerySet
from django.http import StreamingHttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Schema
from pydantic import Field

from inference.protocols import Location
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Day, Label, Text, one_of, refuse_unknown
from kb.api.listing import Listed, listed
from kb.api.paging import Window, part_of
from kb.exchange import LedgerRow, ledger_row
from kb.exchange.ledger_export import blocks, json_lines
from kb.models import LedgerPayload, ModelCall
from kb.numbers.totals import Totals
from kb.signed_head import SignedHead, as_text, fault_since, read_head, sign_head

router = Router(tags=["Ledger"], auth=ADMINISTRATORS)

LINES = {"content": {"application/jsonl": {"schema": {"type": "string"}, "example": '{"row": 1}\n'}}}
LOOKUPS: Mapping[str, str] = {
    "person": "person__username",
    "since": "at__date__gte",
    "until": "at__date__lte",
}
"""Of the filters that are not named like what they narrow."""


class LedgerNarrowing(Schema):
    person: Annotated[Text | None, Field(description="A username.", max_length=150)] = None
    purpose: ModelCall.Purpose | None = None
    model: Annotated[Text | None, Field(max_length=200)] = None
    location: Location | None = None
    decision: ModelCall.Decision | None = None
    outcome: Annotated[ModelCall.Outcome, one_of(ModelCall.Outcome)] | None = None
    sensitivity: Annotated[Label | None, Field(description="The strictest label of what was sent.")] = None
    since: Day | None = None
    until: Day | None = None
    subject: Annotated[UUID | None, Field(description="The answer or version that it was for.")] = None

    def calls(self) -> QuerySet[ModelCall]:
        said = self.model_dump(include=set(LedgerNarrowing.model_fields), exclude_none=True)
        lookups = {LOOKUPS.get(name, name): value for name, value in said.items()}
        return ModelCall.objects.filter(**lookups).select_related("person")


class LedgerFilters(LedgerNarrowing, Window):
    pass


@dataclass(frozen=True, slots=True)
class TotalsSheet:
    """`left` counts calls that left the building, and `bytes_left` what they held."""

    calls: int
    refused: int
    left: int
    bytes_left: int


@dataclass(frozen=True, slots=True)
class Payload:
    """Word for word what was sent. Null when it was changed since, or the key is another one."""

    row: int
    text: str | None


@dataclass(frozen=True, slots=True)
class VerdictSheet:
    """`fault` is a sentence, and empty when every row stands as it was written; `pruned` stand without details."""

    rows: Annotated[int, Field(examples=[1_204])]
    intact: bool
    fault: Annotated[str, Field(examples=[""])]
    pruned: Annotated[int, Field(examples=[0])]


class EarlierHead(Body):
    """As it was exported."""

    rows: int
    digest: str
    at: str
    signature: str
    public_key: str

    def signed(self) -> SignedHead:
        """
        Raises:
            Rejected: it is damaged, was not signed here, or was changed since.
        """
        return read_head(as_text(SignedHead(**self.model_dump())))


class Verification(Body):
    head: Annotated[EarlierHead | None, Field(description="To compare with, from `GET /ledger/head`.")] = None


@router.get(
    "/ledger",
    response={200: Listed[LedgerRow], **error_replies(404, 422)},
    operation_id="listLedger",
    summary="List calls of models",
)
def list_ledger(request: Request, filters: Query[LedgerFilters]) -> Listed[LedgerRow]:
    """The newest first. Days are in the site's time zone."""
    refuse_unknown(request, LedgerFilters)
    return listed(part_of(filters.calls(), filters, by="-sequence"), ledger_row)


@router.get(
    "/ledger/totals",
    response={200: TotalsSheet, **error_replies(404, 422)},
    operation_id="sumLedger",
    summary="Sum up calls of models",
)
def sum_ledger(request: Request, filters: Query[LedgerNarrowing]) -> TotalsSheet:
    refuse_unknown(request, LedgerNarrowing)
    return TotalsSheet(**asdict(Totals.of(filters.calls())))


@router.get(
    "/ledger/export",
    response={**error_replies(404, 422)},
    operation_id="exportLedger",
    summary="Export calls of models as JSON lines",
    openapi_extra={"responses": {200: {"description": "OK", **LINES}}},
)
def export_ledger(request: Request, filters: Query[LedgerNarrowing]) -> StreamingHttpResponse:
    """A row of the ledger a line, the oldest first, however many there are."""
    refuse_unknown(request, LedgerNarrowing)
    return StreamingHttpResponse(blocks(filters.calls(), json_lines), content_type="application/jsonl")


@router.post(
    "/ledger/verify",
    response={200: VerdictSheet, **error_replies(404, 422)},
    operation_id="verifyLedger",
    summary="Prove that no row was changed",
)
def verify_ledger(request: Request, wanted: Verification) -> VerdictSheet:
    """Reads the whole chain, which takes a while. With an earlier head: also that it still contains that one."""
    earlier = wanted.head.signed() if wanted.head else None
    verdict = ModelCall.objects.verify()
    fault = verdict.fault or (fault_since(earlier) if earlier else "")
    return VerdictSheet(verdict.rows, not fault, fault, verdict.pruned)


@router.get(
    "/ledger/head",
    response={200: SignedHead, **error_replies(404, 422)},
    operation_id="getLedgerHead",
    summary="Get the signed head of the ledger",
)
def get_head(request: Request) -> SignedHead:
    """To be kept elsewhere: whoever has it can tell later whether the ledger was rewritten. Reads the whole chain."""
    return sign_head()


@router.get(
    "/ledger/{int:row}",
    response={200: LedgerRow, **error_replies(404)},
    operation_id="getLedgerRow",
    summary="Look at one call of a model",
)
def get_row(request: Request, row: int) -> LedgerRow:
    return ledger_row(get_object_or_404(ModelCall.objects.select_related("person"), sequence=row))


@router.post(
    "/ledger/{int:row}/payload",
    response={200: Payload, **error_replies(404)},
    operation_id="readPayload",
    summary="Read what was sent, word for word",
)
def read_payload(request: Request, row: int) -> Payload:
    """With a session only, where payloads are kept, and up to your clearance. That you read it is written down."""
    readable = LedgerPayload.objects.readable_by(request.auth).select_related("call")
    return Payload(row, get_object_or_404(readable, call__sequence=row).read_by(request.auth))

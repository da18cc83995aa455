"""The state of the house, for administrators: what waits, what there is, day by day; components; and sources."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Annotated, Self

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field

from ingestion.sources import inbox
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import one_of, refuse_unknown
from kb.api.listing import Listed, whole
from kb.health import State, look
from kb.health.finding import Component
from kb.numbers.by_day import Day, by_day, held
from kb.numbers.waiting import Waiting

router = Router(tags=["Health and numbers"], auth=ADMINISTRATORS)


class Period(Schema):
    days: Annotated[int, Field(ge=1, le=365, description="So many, today the last.")] = 30


@dataclass(frozen=True, slots=True)
class WaitingCounts:
    """What needs a person: failed documents of everybody, and else what you may decide."""

    failed: int
    to_review: int
    suspicious: int
    complaints: int
    paused: bool

    @classmethod
    def of(cls, waiting: Waiting) -> Self:
        counts = (waiting.failed, waiting.to_review, waiting.suspicious, waiting.complaints)
        return cls(*counts, paused=waiting.pause is not None)


@dataclass(frozen=True, slots=True)
class HeldSheet:
    """What can be found, and how many can sign in."""

    documents: int
    pages: int
    chunks: int
    people: int


@dataclass(frozen=True, slots=True)
class DaySheet:
    """What became ready, was asked and failed. `median_seconds` and `p95_seconds` are of answers; null without any."""

    date: date
    documents: int
    pages: int
    chunks: int
    questions: int
    people: int
    failures: int
    median_seconds: float | None
    p95_seconds: float | None

    @classmethod
    def of(cls, day: Day) -> Self:
        return cls(
            date=day.date,
            documents=day.documents,
            pages=day.pages,
            chunks=day.chunks,
            questions=day.questions,
            people=day.people,
            failures=day.failures,
            median_seconds=day.usual,
            p95_seconds=day.slow,
        )


@dataclass(frozen=True, slots=True)
class Numbers:
    waiting: WaitingCounts
    held: HeldSheet
    days: Sequence[DaySheet]


@dataclass(frozen=True, slots=True)
class ComponentSheet:
    """`advice` says what to do, and is empty where nothing is to be done."""

    name: Annotated[str, Field(examples=["Index"])]
    state: Annotated[State, one_of(State), Field(examples=["works"])]
    says: Annotated[str, Field(examples=["31 points."])]
    advice: str

    @classmethod
    def of(cls, component: Component) -> Self:
        finding = component.finding
        return cls(component.name, State(finding.state), str(finding.says), str(finding.advice))


@dataclass(frozen=True, slots=True)
class SourceSheet:
    """Where documents come from by themselves. `not_taken` counts what lies there and fits no collection."""

    kind: Annotated[str, Field(examples=["watched folder"])]
    place: Annotated[str, Field(examples=["/srv/strongroom/inbox"])]
    seconds: Annotated[int, Field(description="Between two looks.", examples=[60])]
    not_taken: Annotated[int, Field(examples=[0])]


@router.get(
    "/numbers",
    response={200: Numbers, **error_replies(404, 422)},
    operation_id="getNumbers",
    summary="See what waits, what there is, and what went on day by day",
)
def get_numbers(request: Request, period: Query[Period]) -> Numbers:
    """Counts only: no title, and nobody's name."""
    refuse_unknown(request, Period)
    return Numbers(
        waiting=WaitingCounts.of(Waiting.for_person(request.auth)),
        held=HeldSheet(**asdict(held())),
        days=[DaySheet.of(day) for day in by_day(period.days)],
    )


@router.get(
    "/health",
    response={200: Listed[ComponentSheet], **error_replies(404)},
    operation_id="getHealth",
    summary="Look at every component",
)
def get_health(request: Request) -> Listed[ComponentSheet]:
    """The worst first: database, broker, worker, index, embedder, models, ledger, disk. Takes a second at most."""
    return whole(ComponentSheet.of(component) for component in look())


@router.get(
    "/sources",
    response={200: Listed[SourceSheet], **error_replies(404)},
    operation_id="listSources",
    summary="List where documents come from by themselves",
)
def list_sources(request: Request) -> Listed[SourceSheet]:
    """What lies there is not named: not everybody may know. `next` is always null."""
    return whole(
        [SourceSheet("watched folder", str(settings.INBOX), settings.INBOX_EVERY, len(inbox.notes()))]
    )

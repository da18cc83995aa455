"""What may leave the building, and what has: the table of routes, and figures of the last days."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Self

from django.db import transaction
from ninja import Router
from pydantic import Field

from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Id, Label
from kb.errors import Rejected
from kb.models import Collection, Leaving, RouteRule, RouteTable, Sensitivity
from kb.models.routes import FARTHEST, RouteKey
from kb.numbers.boundary import Running, running_models
from kb.numbers.outgoing import Day, outgoing

router = Router(tags=["Boundary"], auth=ADMINISTRATORS)

Changes = Mapping[RouteKey, int | None]

MOST = 100
"""Decisions that one call takes."""


@dataclass(frozen=True, slots=True)
class RouteSheet:
    """How text of a label leaves: `own` was decided for this very place, `effective` is what holds."""

    collection: Annotated[int | None, Field(description="Null: everywhere.", examples=[None])]
    sensitivity: Annotated[str, Field(examples=["INTERNAL"])]
    own: Annotated[str | None, Field(examples=["FREELY"])]
    effective: Annotated[str, Field(examples=["FREELY"])]
    farthest: Annotated[str, Field(description="More can never be allowed.", examples=["FREELY"])]


@dataclass(frozen=True, slots=True)
class Routes:
    routes: Annotated[
        Sequence[RouteSheet], Field(description="Everywhere, then collections with rules of their own.")
    ]


class NewRoute(Body):
    collection: Annotated[Id | None, Field(description="Left out: everywhere.")] = None
    sensitivity: Annotated[Label, Field(examples=["INTERNAL"])]
    leaving: Annotated[
        Annotated[str, Field(pattern="^(NEVER|PSEUDONYMISED|FREELY)$")] | None,
        Field(description="Null takes a rule of a collection away: as everywhere.", examples=["NEVER"]),
    ]

    @property
    def way(self) -> Leaving | None:
        return None if self.leaving is None else Leaving[self.leaving]


class NewRoutes(Body):
    routes: Annotated[tuple[NewRoute, ...], Field(min_length=1, max_length=MOST)]


@dataclass(frozen=True, slots=True)
class OutgoingDay:
    """`left` counts calls that left by the strictest label of what they held."""

    date: date
    left: Annotated[Mapping[str, int], Field(examples=[{"PUBLIC": 12}])]
    refused: int
    bytes_left: int

    @classmethod
    def of(cls, day: Day) -> Self:
        left = {Sensitivity(label).name: calls for label, calls in day.left.items() if calls}
        return cls(day.date, left, day.refused, day.bytes_left)


@dataclass(frozen=True, slots=True)
class ModelSheet:
    """`rests_until` is set while it is not asked, because it failed again and again."""

    name: Annotated[str, Field(examples=["openai/gpt-4o-mini"])]
    purpose: Annotated[str, Field(examples=["writes answers"])]
    location: Annotated[str, Field(examples=["cloud"])]
    address: str
    rests_until: datetime | None

    @classmethod
    def of(cls, model: Running) -> Self:
        return cls(model.name, str(model.purpose), model.location, model.address, model.rests_until)


@dataclass(frozen=True, slots=True)
class Boundary:
    """Of the last 30 days, today the last; `masked` counts personal details that were replaced, by kind."""

    days: Sequence[OutgoingDay]
    masked: Annotated[Mapping[str, int], Field(examples=[{"PERSON": 31}])]
    models: Sequence[ModelSheet]


@router.get(
    "/boundary",
    response={200: Boundary, **error_replies(404)},
    operation_id="getBoundary",
    summary="See what left the building, and what was refused",
)
def get_boundary(request: Request) -> Boundary:
    figures = outgoing()
    return Boundary(
        days=[OutgoingDay.of(day) for day in figures.days],
        masked=figures.masked,
        models=[ModelSheet.of(model) for model in running_models()],
    )


@router.get(
    "/routes",
    response={200: Routes, **error_replies(404)},
    operation_id="getRoutes",
    summary="See what may leave the building",
)
def get_routes(request: Request) -> Routes:
    return _routes()


@router.put(
    "/routes",
    response={200: Routes, **error_replies(404, 422)},
    operation_id="decideRoutes",
    summary="Decide what may leave the building",
)
def decide_routes(request: Request, new: NewRoutes) -> Routes:
    """Only what is named is changed, all of it or nothing. It holds from now on, in running conversations too."""
    table = RouteRule.objects.table()
    changes: Changes = {(each.collection, each.sensitivity): each.way for each in new.routes}
    places = Collection.objects.in_bulk({key for key, _label in changes if key is not None})
    _check(table.changed(changes), changes, places)
    with transaction.atomic():
        for (key, label), way in changes.items():
            if way != table.own(label, key):
                RouteRule.decide(request.auth, label, way, collection=places.get(key) if key else None)
    return _routes()


def _check(proposed: RouteTable, changes: Changes, places: Mapping[int, Collection]) -> None:
    """
    Raises:
        Rejected: a collection is not there, or a decision could not hold.
    """
    for (key, label), way in changes.items():
        if key is not None and key not in places:
            raise Rejected(f"There is no collection {key}. GET /collections lists them.")
        if key is None and way is None:
            raise Rejected("Everywhere something always holds. Say what, or name a collection.")
        if way is not None and way > FARTHEST[label]:
            raise Rejected(
                f"{Sensitivity(label).label} {FARTHEST[label].label} at most. "
                "Choose that, or something stricter."
            )
    for key in {None, *places, *(collection for collection, _label in proposed.special)}:
        for label in Sensitivity:
            if laxer := proposed.held_back_by(label, key):
                effective = proposed.leaving(label, key).label
                raise Rejected(
                    f"{label.label} cannot leave more freely than {laxer.label}, which {effective} here."
                )


def _routes() -> Routes:
    table = RouteRule.objects.table()
    places = [None, *sorted({collection for collection, _label in table.special})]
    return Routes([sheet for place in places for sheet in _sheets(table, place)])


def _sheets(table: RouteTable, place: int | None) -> Iterator[RouteSheet]:
    for label in Sensitivity:
        own = table.own(label, place)
        yield RouteSheet(
            collection=place,
            sensitivity=label.name,
            own=None if own is None else Leaving(own).name,
            effective=table.leaving(label, place).name,
            farthest=FARTHEST[label].name,
        )

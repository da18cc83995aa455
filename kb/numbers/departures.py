"""What left the building among some rows of the ledger: by day, label, model and person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Self

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from kb.models import ModelCall, Person, Sensitivity

DAYS = 30
"""The last ones before the newest that is charted."""
MOST = 6
"""Bars of one chart: those with the most calls."""


Name = str | Promise | date


@dataclass(frozen=True, slots=True)
class Bar:
    """`percent` is of the longest bar of its chart: 1 to 100, and 0 where nothing left."""

    name: Name
    calls: int
    bytes: int
    percent: int


@dataclass(frozen=True, slots=True)
class Departures:
    """`days` are `DAYS` in a row, the oldest first; the others are sorted, the most calls first."""

    days: tuple[Bar, ...]
    labels: tuple[Bar, ...]
    models: tuple[Bar, ...]
    people: tuple[Bar, ...]

    @classmethod
    def of(cls, calls: QuerySet[ModelCall]) -> Self | None:
        """None when nothing left."""
        left = calls.filter(location="cloud", decision=ModelCall.Decision.SEND).order_by()
        by_day = _counted(left.annotate(day=TruncDate("at")), "day")
        if not by_day:
            return None
        by_person = _counted(left, "person")
        people = Person.objects.in_bulk([pk for pk in by_person if pk])
        names = {pk: str(person) for pk, person in people.items()}
        return cls(
            days=_days(by_day),
            labels=_bars(
                {Sensitivity(key).label: value for key, value in _counted(left, "sensitivity").items()}
            ),
            models=_bars(_counted(left, "model")),
            people=_bars({names.get(pk, _("No longer known")): value for pk, value in by_person.items()}),
        )


@dataclass(frozen=True, slots=True)
class _Sum:
    calls: int = 0
    bytes: int = 0


def _counted(calls: QuerySet[ModelCall], by: str) -> dict[Any, _Sum]:
    """By the values of the field."""
    counted = calls.values(by).annotate(calls=Count("pk"), bytes=Sum("sent_bytes"))
    return {each[by]: _Sum(each["calls"], each["bytes"]) for each in counted}


def _days(sums: Mapping[date, _Sum]) -> tuple[Bar, ...]:
    last = max(sums)
    days = [last - timedelta(days=ago) for ago in reversed(range(DAYS))]
    longest = max(sums.get(day, _Sum()).calls for day in days)
    return tuple(_bar(day, sums.get(day, _Sum()), longest) for day in days)


def _bars(sums: Mapping[Name, _Sum]) -> tuple[Bar, ...]:
    most = sorted(sums.items(), key=lambda each: -each[1].calls)[:MOST]
    return tuple(_bar(name, total, most[0][1].calls) for name, total in most)


def _bar(name: Name, total: _Sum, longest: int) -> Bar:
    percent = max(1, round(100 * total.calls / longest)) if total.calls else 0
    return Bar(name, total.calls, total.bytes, percent)

"""What left the building and what was refused in the last days, counted from the ledger."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from inference.protocols import Location
from kb.models import ModelCall, Sensitivity

DAYS = 30
FULL = 100
"""The height of the highest day, in the picture's own units."""
WIDE = 10
"""What one day takes of the picture's width, with the gap beside it."""


@dataclass(frozen=True, slots=True)
class Bar:
    """Calls of one label on one day: a box of the picture, whose y counts from above."""

    sensitivity: Sensitivity
    x: int
    y: float
    height: float


@dataclass(frozen=True, slots=True)
class Day:
    """`left` counts the calls that left by the strictest label of what they held."""

    date: date
    left: Mapping[Sensitivity, int]
    refused: int = 0
    bytes_left: int = 0

    @property
    def total(self) -> int:
        return sum(self.left.values())


@dataclass(frozen=True, slots=True)
class Outgoing:
    """The days in order, today the last; `masked` counts what was replaced by an alias, by its kind."""

    days: Sequence[Day]
    masked: Mapping[str, int]

    @property
    def left(self) -> int:
        return sum(day.total for day in self.days)

    @property
    def refused(self) -> int:
        return sum(day.refused for day in self.days)

    @property
    def bytes_left(self) -> int:
        return sum(day.bytes_left for day in self.days)

    @property
    def masked_total(self) -> int:
        return sum(self.masked.values())

    @property
    def by_label(self) -> Mapping[Sensitivity, int]:
        """Calls that left, for every label."""
        return {label: sum(day.left.get(label, 0) for day in self.days) for label in Sensitivity}

    @property
    def strictest(self) -> Sensitivity:
        """Of what left; PUBLIC when nothing did."""
        return Sensitivity.strictest(label for label, calls in self.by_label.items() if calls)

    @property
    def eventful(self) -> list[Day]:
        """The days on which anything left or was refused, the latest first."""
        return [day for day in reversed(self.days) if day.total or day.refused]

    @property
    def highest(self) -> int:
        return max(day.total for day in self.days)

    def bars(self) -> Iterator[Bar]:
        """Of every day the labels that left, the laxest at the bottom."""
        for place, day in enumerate(self.days):
            top = float(FULL)
            for label, calls in sorted(day.left.items()):
                height = FULL * calls / self.highest
                top -= height
                yield Bar(label, place * WIDE, top, height)


def outgoing() -> Outgoing:
    """Two queries."""
    today = timezone.localdate()
    dates = [today - timedelta(days=back) for back in reversed(range(DAYS))]
    since = timezone.make_aware(datetime.combine(dates[0], time.min))
    outside = ModelCall.objects.filter(location=Location.CLOUD, at__gte=since)
    sent = outside.filter(decision=ModelCall.Decision.SEND).defer("chunks")
    return Outgoing(_by_day(dates, outside), _masked(sent.iterator()))


def _by_day(dates: Sequence[date], calls: QuerySet[ModelCall]) -> list[Day]:
    left = {day: Counter[Sensitivity]() for day in dates}
    refused, bytes_left = Counter[date](), Counter[date]()
    grouped = calls.order_by().annotate(day=TruncDate("at")).values("day", "decision", "sensitivity")
    for row in grouped.annotate(calls=Count("pk"), size=Sum("sent_bytes")):
        if row["decision"] == ModelCall.Decision.REFUSE:
            refused[row["day"]] += row["calls"]
        else:
            left[row["day"]][Sensitivity(row["sensitivity"])] += row["calls"]
            bytes_left[row["day"]] += row["size"]
    return [Day(day, left[day], refused[day], bytes_left[day]) for day in dates]


def _masked(calls: Iterable[ModelCall]) -> Mapping[str, int]:
    """How many personal details were replaced, by kind, the most frequent first."""
    masked = Counter[str]()
    for call in calls:
        masked.update(call.pseudonyms)
    return dict(masked.most_common())

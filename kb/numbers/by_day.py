"""What came in, was asked and went wrong, day by day. Counts only: no title, and nobody's name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

import numpy as np
from django.db.models import Count, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from kb.models import Answer, Chunk, Person, Question, StageRun, Version

USUAL, SLOW = 50, 95
"""Percentiles of how long answers took."""


@dataclass(frozen=True, slots=True)
class Day:
    """`people` are those who asked; `failures` documents and answers that failed.

    `usual` and `slow` are the median and the 95th percentile of an answer's seconds; None where none was given.
    """

    date: date
    documents: int = 0
    pages: int = 0
    chunks: int = 0
    questions: int = 0
    people: int = 0
    failures: int = 0
    usual: float | None = None
    slow: float | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What there is at this moment: what can be found, and who can sign in."""

    documents: int
    pages: int
    chunks: int
    people: int


def by_day(length: int) -> list[Day]:
    """So many days in order, today the last, in the site's time zone. Six queries."""
    today = timezone.localdate()
    dates = [today - timedelta(days=back) for back in reversed(range(length))]
    since = timezone.make_aware(datetime.combine(dates[0], time.min))
    ready = _ready(since)
    chunks = _counted(Chunk.objects.filter(version__ready_at__gte=since), "version__ready_at")
    asked = _asked(since)
    failures = _failures(since)
    seconds = _seconds(since)
    return [
        Day(
            date=day,
            documents=ready.get(day, {}).get("documents", 0),
            pages=ready.get(day, {}).get("pages", 0),
            chunks=chunks.get(day, 0),
            questions=asked.get(day, {}).get("questions", 0),
            people=asked.get(day, {}).get("people", 0),
            failures=failures.get(day, 0),
            usual=_percentile(seconds[day], USUAL),
            slow=_percentile(seconds[day], SLOW),
        )
        for day in dates
    ]


def held() -> Held:
    searchable = Version.objects.searchable()
    found = searchable.aggregate(documents=Count("pk"), pages=Sum(Coalesce("pages", 1), default=0))
    chunks = Chunk.objects.filter(version__in=searchable.order_by().values("pk")).count()
    return Held(found["documents"], found["pages"], chunks, Person.objects.filter(is_active=True).count())


def _ready(since: datetime) -> Mapping[date, Mapping[str, int]]:
    ready = Version.objects.filter(retired=False, ready_at__gte=since)
    rows = _days(ready, "ready_at").annotate(documents=Count("pk"), pages=Sum(Coalesce("pages", 1)))
    return {row["day"]: row for row in rows}


def _asked(since: datetime) -> Mapping[date, Mapping[str, int]]:
    rows = _days(Question.objects.filter(created_at__gte=since), "created_at")
    counted = rows.annotate(questions=Count("pk"), people=Count("conversation__person", distinct=True))
    return {row["day"]: row for row in counted}


def _failures(since: datetime) -> Mapping[date, int]:
    failed = Answer.objects.filter(state=Answer.State.FAILED, claimed_at__gte=since)
    total = defaultdict(int, _counted(failed, "claimed_at"))
    stopped = StageRun.objects.filter(outcome=StageRun.Outcome.FAILED, began__gte=since)
    for day, count in _counted(stopped, "began").items():
        total[day] += count
    return total


def _seconds(since: datetime) -> Mapping[date, Sequence[float]]:
    """What each answer took in all."""
    took: defaultdict[date, list[float]] = defaultdict(list)
    done = Answer.objects.filter(state=Answer.State.DONE, claimed_at__gte=since)
    for at, seconds in done.values_list("claimed_at", "seconds").iterator():
        took[timezone.localdate(at)].append(sum(seconds.values()))
    return took


def _percentile(seconds: Sequence[float], percent: int) -> float | None:
    return round(float(np.percentile(seconds, percent)), 2) if seconds else None


def _counted(rows: QuerySet[Any], field: str) -> Mapping[date, int]:
    return {row["day"]: row["count"] for row in _days(rows, field).annotate(count=Count("pk"))}


def _days(rows: QuerySet[Any], field: str) -> QuerySet[Any, dict[str, Any]]:
    days: QuerySet[Any, dict[str, Any]] = rows.order_by().annotate(day=TruncDate(field)).values("day")
    return days

"""The figures of the page of numbers: each with its chart, its table, and its line in the file."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from kb.console.numbers_chart import columns
from kb.numbers.by_day import Day


@dataclass(frozen=True, slots=True)
class Figure:
    """`of` reads it from a day; `adds_up`: whether days can be summed."""

    name: str
    title: Promise
    of: Callable[[Day], float | None]
    adds_up: bool = True


FIGURES = (
    Figure("questions", _("Questions"), lambda day: day.questions),
    Figure("people", _("People who asked"), lambda day: day.people, adds_up=False),
    Figure("median_seconds", _("Seconds to an answer, median"), lambda day: day.usual, adds_up=False),
    Figure(
        "p95_seconds", _("Seconds to an answer, 95 in 100 are quicker"), lambda day: day.slow, adds_up=False
    ),
    Figure("documents", _("Documents that became ready"), lambda day: day.documents),
    Figure("pages", _("Pages of them"), lambda day: day.pages),
    Figure("chunks", _("Chunks of them"), lambda day: day.chunks),
    Figure("failures", _("Documents and answers that failed"), lambda day: day.failures),
)


@dataclass(frozen=True, slots=True)
class Charted:
    """`rows` are the days with anything to tell, the latest first; without any there is no picture.

    `total` says in words what there is.
    """

    name: str
    title: str
    total: str
    picture: SafeString | None
    rows: Sequence[tuple[date, float]]


def charted(days: Sequence[Day]) -> list[Charted]:
    return [_charted(figure, days) for figure in FIGURES]


def lines(days: Sequence[Day]) -> list[Sequence[object]]:
    """A table for spreadsheets with its heading; a day without an answer has no seconds."""
    head = ["day", *(figure.name for figure in FIGURES)]
    rows = [[day.date.isoformat(), *(figure.of(day) for figure in FIGURES)] for day in days]
    return [head, *rows]


def _charted(figure: Figure, days: Sequence[Day]) -> Charted:
    values = [figure.of(day) or None for day in days]
    rows = [(day.date, value) for day, value in zip(days, values, strict=True) if value]
    total = _total(figure, [value for _day, value in rows])
    label = f"{figure.title}: {total}"
    return Charted(
        name=figure.name,
        title=str(figure.title),
        total=total,
        picture=columns([day.date for day in days], values, label) if rows else None,
        rows=rows[::-1],
    )


def _total(figure: Figure, values: Sequence[float]) -> str:
    if not values:
        return _t("none in this time")
    highest = number_format(max(values), force_grouping=True)
    if not figure.adds_up:
        return _t("at most %(highest)s on a day") % {"highest": highest}
    total = number_format(sum(values), force_grouping=True)
    return _t("%(total)s in all, at most %(highest)s on a day") % {"total": total, "highest": highest}

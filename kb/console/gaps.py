"""The report of questions without a good answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from ingestion.gaps import MOST, Gap, gaps, nearest
from kb.console.access import administrators_only
from kb.console.forms import PeriodForm
from kb.console.spreadsheet import BYTE_ORDER_MARK, as_csv
from kb.errors import Unavailable
from kb.models import Document, Person
from kb.visitor import PersonRequest

SHOWN = 20
"""Of which the nearest documents are looked up, too."""
HEAD = ("question", "asked", "people", "last", "refused", "complained", "unsupported", "documents", "owners")


@dataclass(frozen=True, slots=True)
class Row:
    gap: Gap
    documents: Sequence[Document]


@administrators_only
@require_GET
def gaps_report(request: PersonRequest) -> HttpResponse:
    """Questions that this person may read, of the last so many days."""
    form = PeriodForm(request.GET)
    context: dict[str, object] = {"days": form.days_back, "periods": PeriodForm.PERIODS, "most": MOST}
    try:
        context["rows"] = _rows(request.user, form.days_back)
    except Unavailable as error:
        context["failure"] = str(error)
    return render(request, "console/gaps.html", context)


@administrators_only
@require_GET
def gaps_csv(request: PersonRequest) -> HttpResponse:
    days = PeriodForm(request.GET).days_back
    lines = [HEAD, *(_line(row) for row in _rows(request.user, days))]
    return HttpResponse(
        BYTE_ORDER_MARK + as_csv(lines),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="questions-without-answer-{days}-days.csv"'},
    )


def _rows(person: Person, days: int) -> list[Row]:
    found = gaps(person, timezone.now() - timedelta(days=days))
    return [Row(gap, nearest(gap, person)) for gap in found[:SHOWN]]


def _line(row: Row) -> tuple[object, ...]:
    gap = row.gap
    return (
        gap.question,
        gap.asked,
        gap.people,
        f"{gap.last:%Y-%m-%d}",
        gap.refused,
        gap.complained,
        gap.unsupported,
        "; ".join(document.title for document in row.documents),
        "; ".join(dict.fromkeys(str(document.owner) for document in row.documents)),
    )

"""The console's first page: what waits for a person, and the numbers of the last days."""

from dataclasses import dataclass

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from kb.console.access import administrators_only
from kb.console.numbers_by_day import by_day, held
from kb.console.numbers_shown import charted, lines
from kb.console.spreadsheet import BYTE_ORDER_MARK, as_csv
from kb.models import Chunk, Document, Feedback, Pause, Person, Version
from kb.models.library import Stage
from kb.visitor import PersonRequest

DEFAULT = 30


class PeriodForm(forms.Form):
    """How many days; anything that is none of the choices is 30."""

    CHOICES = [(7, _("7 days")), (DEFAULT, _("30 days")), (90, _("90 days")), (365, _("A year"))]
    days = forms.TypedChoiceField(choices=CHOICES, coerce=int)

    @property
    def length(self) -> int:
        return int(self.cleaned_data["days"]) if self.is_valid() else DEFAULT


@dataclass(frozen=True, slots=True)
class Waiting:
    """What needs a person: failed documents of everybody, and else what this administrator may decide."""

    failed: int
    to_review: int
    suspicious: int
    complaints: int
    pause: Pause | None

    @classmethod
    def for_person(cls, person: Person) -> "Waiting":
        passages = Chunk.objects.to_review_by(person).count()
        return cls(
            failed=Version.objects.filter(retired=False, stage=Stage.FAILED).count(),
            to_review=Document.objects.to_review_by(person).count() + passages,
            suspicious=Document.objects.suspicious_to(person).count(),
            complaints=Feedback.objects.to_resolve_by(person).count(),
            pause=Pause.objects.first(),
        )

    @property
    def anything(self) -> bool:
        return bool(self.failed or self.to_review or self.suspicious or self.complaints or self.pause)


@administrators_only
@require_GET
def numbers(request: PersonRequest) -> HttpResponse:
    form = PeriodForm(request.GET)
    context = {
        "waiting": Waiting.for_person(request.user),
        "held": held(),
        "charts": charted(by_day(form.length)),
        "length": form.length,
        "periods": PeriodForm.CHOICES,
    }
    return render(request, "console/numbers.html", context)


@administrators_only
@require_GET
def numbers_csv(request: PersonRequest) -> HttpResponse:
    length = PeriodForm(request.GET).length
    return HttpResponse(
        BYTE_ORDER_MARK + as_csv(lines(by_day(length))),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="numbers-{length}-days.csv"'},
    )

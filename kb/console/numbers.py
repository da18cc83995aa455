"""The console's first page: what waits for a person, and the numbers of the last days."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from kb.console.access import administrators_only
from kb.console.numbers_shown import charted, lines
from kb.console.spreadsheet import BYTE_ORDER_MARK, as_csv
from kb.numbers.by_day import by_day, held
from kb.numbers.waiting import Waiting
from kb.visitor import PersonRequest

DEFAULT = 30


class PeriodForm(forms.Form):
    """How many days; anything that is none of the choices is 30."""

    CHOICES = [(7, _("7 days")), (DEFAULT, _("30 days")), (90, _("90 days")), (365, _("A year"))]
    days = forms.TypedChoiceField(choices=CHOICES, coerce=int)

    @property
    def length(self) -> int:
        return int(self.cleaned_data["days"]) if self.is_valid() else DEFAULT


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

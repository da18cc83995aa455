"""What administrators send in about keys and their limits."""

from dataclasses import asdict
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kb.people.allowances import Limits

MOST = 2**31 - 1


class AllowanceForm(forms.Form):
    """The limits of a key, person or group; an empty field limits nothing."""

    requests_a_minute = forms.IntegerField(
        label=_("Requests a minute"), min_value=1, max_value=MOST, required=False
    )
    questions_a_minute = forms.IntegerField(
        label=_("Questions a minute"), min_value=1, max_value=MOST, required=False
    )
    tokens_a_day = forms.IntegerField(label=_("Tokens a day"), min_value=0, max_value=MOST, required=False)
    tokens_a_month = forms.IntegerField(
        label=_("Tokens a month"), min_value=0, max_value=MOST, required=False
    )
    usd_a_day = forms.FloatField(label=_("US dollars a day"), min_value=0, max_value=MOST, required=False)
    usd_a_month = forms.FloatField(label=_("US dollars a month"), min_value=0, max_value=MOST, required=False)

    def __init__(self, present: Limits, data: Any = None) -> None:
        super().__init__(data, initial=asdict(present))
        for field in self.fields.values():
            field.error_messages |= {
                "invalid": _("Write a number, or leave the field empty."),
                "min_value": _("Write %(limit_value)s or more, or leave the field empty."),
                "max_value": _("Write %(limit_value)s at most, or leave the field empty."),
            }

    @property
    def limits(self) -> Limits:
        return Limits(**self.cleaned_data)


class KeysFilter(forms.Form):
    """What the address narrows the list of keys to."""

    q = forms.CharField(label=_("Name, person or id"), required=False, max_length=150)
    ended = forms.BooleanField(label=_("With those that have ended"), required=False)

"""What the address of the ledger's page narrows it to."""

from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kb.models import ModelCall, Person, Sensitivity

LOCATIONS = [("on-premises", _("On-premises")), ("cloud", _("Cloud"))]
LOOKUPS = {"since": "at__date__gte", "until": "at__date__lte"}
"""Of the fields that are not named like what they narrow."""


class LedgerFilter(forms.Form):
    """A value that is none of the choices narrows nothing."""

    person = forms.ModelChoiceField(
        label=_("Person"), required=False, queryset=Person.objects.none(), empty_label=_("Anybody")
    )
    purpose = forms.ChoiceField(
        label=_("Purpose"), required=False, choices=[("", _("Any purpose")), *ModelCall.Purpose.choices]
    )
    model = forms.ChoiceField(label=_("Model"), required=False)
    location = forms.ChoiceField(label=_("Where"), required=False, choices=[("", _("Anywhere")), *LOCATIONS])
    decision = forms.ChoiceField(
        label=_("Decision"), required=False, choices=[("", _("Any decision")), *ModelCall.Decision.choices]
    )
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("Any outcome")), *ModelCall.Outcome.choices]
    )
    sensitivity = forms.ChoiceField(
        label=_("Strictest label"), required=False, choices=[("", _("Any label")), *Sensitivity.choices]
    )
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    subject = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, address: QueryDict):
        super().__init__(address)
        people, models = self.fields["person"], self.fields["model"]
        assert isinstance(people, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        assert isinstance(models, forms.ChoiceField)  # noqa: S101 - for the type checker
        people.queryset = Person.objects.filter(pk__in=ModelCall.objects.values("person"))
        known = ModelCall.objects.order_by("model").values_list("model", flat=True).distinct()
        models.choices = [("", _("Any model")), *((name, name) for name in known)]

    def chosen(self) -> dict[str, str | UUID]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def calls(self) -> QuerySet[ModelCall]:
        """The newest first."""
        lookups = {LOOKUPS.get(name, name): value for name, value in self.chosen().items()}
        return (
            ModelCall.objects.filter(**lookups)
            .select_related("person", "payload")
            .defer("payload__encrypted")
        )

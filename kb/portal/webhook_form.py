"""What people send in to have an address told of events."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kb.models import Collection, Person, Sensitivity
from kb.models.webhooks import ADDRESS_LENGTH, SUBSCRIBABLE, EventType
from kb.webhooks.change import Wanted


class WebhookForm(forms.Form):
    """What may be chosen is what the person may read, and hear of."""

    address = forms.CharField(
        label=_("Address"),
        help_text=_("Begins with https:// and is public, unless the administrator has named its host."),
        max_length=ADDRESS_LENGTH,
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://example.com/strongroom"}),
        error_messages={"required": _("Write the address that is to be told.")},
    )
    events = forms.MultipleChoiceField(
        label=_("Events"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one event.")},
    )
    collections = forms.ModelMultipleChoiceField(
        label=_("Collections"),
        help_text=_("Choose none to hear of all that you may read, now and later."),
        queryset=Collection.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    ceiling = forms.TypedChoiceField(
        label=_("At most"),
        help_text=_("It hears of nothing stricter than this, and never of what you may not see."),
        coerce=lambda value: Sensitivity(int(value)),
        choices=Sensitivity.choices,
        initial=Sensitivity.RESTRICTED,
    )

    def __init__(self, person: Person, data: Any = None) -> None:
        super().__init__(data)
        events, collections = self.fields["events"], self.fields["collections"]
        assert isinstance(events, forms.MultipleChoiceField)  # noqa: S101  # For the type checker.
        assert isinstance(collections, forms.ModelMultipleChoiceField)  # noqa: S101  # For the type checker.
        events.choices = [
            (event.value, event.label)
            for event in SUBSCRIBABLE
            if person.administers or event != EventType.LEDGER_ALERT
        ]
        collections.queryset = Collection.objects.readable_by(person)

    @property
    def wanted(self) -> Wanted:
        return Wanted(
            address=self.cleaned_data["address"],
            events=tuple(self.cleaned_data["events"]),
            collections=tuple(self.cleaned_data["collections"]),
            ceiling=self.cleaned_data["ceiling"],
        )

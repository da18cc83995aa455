"""What somebody sends in who makes a key, or replaces one."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from kb.models import Collection, Person, Sensitivity
from kb.models.keys import Terms, scopes_of
from kb.rights import Scope

DAYS = (7, 30, 90, 180, 365)
SCOPES = {
    Scope.READ: _("Read: list, search and download documents"),
    Scope.ASK: _("Ask: put questions, and go on with conversations"),
    Scope.WRITE: _("Write: upload, tag, label and delete documents"),
    Scope.SHARE: _("Share: say who reads and who edits the collections that one edits"),
    Scope.ADMINISTER: _("Administer: people, groups, collections, routes"),
    Scope.AUDIT: _("Audit: read the ledger"),
}
ALL, SOME = "all", "some"


class KeyForm(forms.Form):
    """The terms of a new key of this person or service."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("What the key is for, such as the tool that uses it."),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Give the key a name.")},
    )
    scopes = forms.TypedMultipleChoiceField(
        label=_("It may"),
        coerce=Scope,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose what the key is to be good for.")},
    )
    days = forms.TypedChoiceField(label=_("It lasts"), coerce=int)
    ceiling = forms.TypedChoiceField(
        label=_("Up to"),
        help_text=_("The strictest label that it reads."),
        coerce=int,
        empty_value=None,
        required=False,
    )
    reads = forms.ChoiceField(
        label=_("Where"),
        choices=[
            (ALL, _("In all collections that are open to it, now and later")),
            (SOME, _("Only in these:")),
        ],
        widget=forms.RadioSelect,
        initial=ALL,
    )
    collections = forms.ModelMultipleChoiceField(
        label=_("Collections"),
        queryset=Collection.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, person: Person, data: Any = None) -> None:
        super().__init__(data, initial={"scopes": [Scope.READ, Scope.ASK], "days": settings.KEY_DAYS})
        allowed = scopes_of(person)
        labels = [(label.value, label.label) for label in Sensitivity if label <= person.clearance]
        self._choices("scopes", [(scope, told) for scope, told in SCOPES.items() if scope in allowed])
        self._choices("days", day_choices())
        self._choices("ceiling", [("", _("The whole clearance")), *labels])
        collections = self.fields["collections"]
        assert isinstance(collections, forms.ModelMultipleChoiceField)  # noqa: S101  # For the type checker.
        collections.queryset = Collection.objects.readable_by(person)

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101  # For the type checker.
        field.choices = choices

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        chosen = cleaned.get("collections")
        if cleaned.get("reads") == ALL and chosen:
            self.add_error(
                "collections", _("Choose “only in these” to keep the key to them, or untick them.")
            )
        if cleaned.get("reads") == SOME and not chosen:
            self.add_error("collections", _("Choose at least one collection."))
        return cleaned

    @property
    def terms(self) -> Terms:
        chosen = self.cleaned_data
        return Terms(
            name=" ".join(chosen["name"].split()),
            scopes=frozenset(chosen["scopes"]),
            days=chosen["days"],
            collections=list(chosen["collections"]) if chosen["reads"] == SOME else None,
            ceiling=chosen["ceiling"],
        )


class RotateForm(forms.Form):
    """How long the old key goes on, and how long the new one lasts."""

    hours = forms.TypedChoiceField(
        label=_("The old key goes on for"),
        coerce=int,
        choices=[(0, _("no time")), (1, _("an hour")), (24, _("a day")), (168, _("a week"))],
        initial=24,
    )
    days = forms.TypedChoiceField(label=_("The new one lasts"), coerce=int)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, initial={"days": settings.KEY_DAYS}, auto_id=False)
        days = self.fields["days"]
        assert isinstance(days, forms.ChoiceField)  # noqa: S101  # For the type checker.
        days.choices = day_choices()


def day_choices() -> list[tuple[int, str]]:
    """As many days as a key may last, and some fewer."""
    longest = settings.KEY_LONGEST_DAYS
    known = sorted({days for days in (*DAYS, settings.KEY_DAYS) if days < longest} | {longest})
    return [(days, ngettext("%(days)d day", "%(days)d days", days) % {"days": days}) for days in known]

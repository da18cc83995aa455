"""What the address of the page of jobs narrows its history to."""

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from kb.models import Collection, Document, Person, Version
from kb.models.library import Stage, VersionQuerySet, in_work

STATES = [
    ("waiting", _("waiting")),
    ("running", _("being worked on")),
    (Stage.READY.value, Stage.READY.label),
    (Stage.FAILED.value, Stage.FAILED.label),
    (Stage.SKIPPED.value, Stage.SKIPPED.label),
]


class JobFilter(forms.Form):
    """A value that is none of the choices narrows nothing."""

    q = forms.CharField(label=_("Name"), required=False, max_length=200)
    person = forms.ModelChoiceField(
        label=_("Person"), required=False, queryset=Person.objects.none(), empty_label=_("Anybody")
    )
    collection = forms.ModelChoiceField(
        label=_("Collection"),
        required=False,
        queryset=Collection.objects.none(),
        empty_label=_("All collections"),
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("Any state")), *STATES])
    since = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    batch = forms.UUIDField(required=False, widget=forms.HiddenInput)

    def __init__(self, address: QueryDict):
        super().__init__(address)
        people, collections = self.fields["person"], self.fields["collection"]
        assert isinstance(people, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        assert isinstance(collections, forms.ModelChoiceField)  # noqa: S101 - for the type checker
        people.queryset = Person.objects.filter(pk__in=Document.objects.order_by().values("owner"))
        collections.queryset = Collection.objects.order_by("name")

    def chosen(self) -> dict[str, object]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def versions(self, person: Person) -> VersionQuerySet:
        """The newest first. By name only those are found of which the person may know the name."""
        chosen = self.chosen()
        versions = Version.objects.filter(retired=False).order_by("-created_at", "-pk")
        if name := chosen.get("q"):
            named = Q(name__icontains=name) | Q(document__title__icontains=name)
            versions = versions.filter(named, document__in=Document.objects.visible_to(person))
        if state := chosen.get("state"):
            versions = _in_state(versions, str(state))
        lookups = {LOOKUPS[field]: value for field, value in chosen.items() if field in LOOKUPS}
        return versions.filter(**lookups)


LOOKUPS = {
    "person": "document__owner",
    "collection": "collection",
    "since": "created_at__date__gte",
    "until": "created_at__date__lte",
    "batch": "batch",
}


def _in_state(versions: VersionQuerySet, state: str) -> VersionQuerySet:
    if state == "waiting":
        return versions.waiting()
    if state == "running":
        return versions.filter(in_work())
    return versions.filter(stage=state)

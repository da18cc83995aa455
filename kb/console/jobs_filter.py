"""What the address of the page of jobs narrows its history to."""

from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ingestion.jobs_found import JobState, JobWish, jobs_found
from kb.models import Collection, Document, Person
from kb.models.library import Stage, VersionQuerySet

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

    def chosen(self) -> dict[str, Any]:
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    def versions(self, person: Person) -> VersionQuerySet:
        """The newest first. By name only those are found of which the person may know the name."""
        chosen = self.chosen()
        owner, collection, state = chosen.get("person"), chosen.get("collection"), chosen.get("state")
        wish = JobWish(
            name=chosen.get("q", ""),
            owner=owner.pk if owner else None,
            collection=collection.pk if collection else None,
            state=JobState(state) if state else None,
            since=chosen.get("since"),
            until=chosen.get("until"),
            batch=chosen.get("batch"),
        )
        return jobs_found(wish, person)

"""What somebody sends in who says who reads and who edits a collection."""

from typing import Any

from django import forms
from django.contrib.auth.models import Group
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from kb.models import Collection, Person
from kb.people.sharing import Role, groups_known_to
from kb.person_field import PersonField


class GiveForm(forms.Form):
    """A group or a person, and the role that it gets. On offer are the groups that the sharer knows of."""

    group = forms.ModelChoiceField(
        label=_("Group"), queryset=Group.objects.none(), required=False, empty_label=_("None")
    )
    person = PersonField(label=_("or a user name"), required=False)
    role = forms.ChoiceField(
        label=_("As"), choices=[(Role.READER, _("Reader")), (Role.EDITOR, _("Editor, who reads as well"))]
    )

    def __init__(self, by: Person, data: Any = None) -> None:
        super().__init__(data)
        group = self.fields["group"]
        assert isinstance(group, forms.ModelChoiceField)  # noqa: S101  # For the type checker.
        group.queryset = groups_known_to(by)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors and bool(cleaned.get("group")) == bool(cleaned.get("person")):
            self.add_error("group", _("Choose a group, or write a user name, and not both."))
        return cleaned

    @property
    def holder(self) -> Person | Group:
        holder: Person | Group = self.cleaned_data["group"] or self.cleaned_data["person"]
        return holder


class WithdrawForm(forms.Form):
    """One of those who are in the collection: a group, or a person by his user name, also of a suspended account."""

    group = forms.ModelChoiceField(queryset=Group.objects.none(), required=False)
    person = forms.ModelChoiceField(queryset=Person.objects.none(), to_field_name="username", required=False)

    def __init__(self, collection: Collection, data: Any = None) -> None:
        super().__init__(data)
        inside = Q(reads=collection) | Q(edits=collection)
        group, person = self.fields["group"], self.fields["person"]
        assert isinstance(group, forms.ModelChoiceField)  # noqa: S101  # For the type checker.
        assert isinstance(person, forms.ModelChoiceField)  # noqa: S101
        group.queryset = Group.objects.filter(inside).distinct()
        person.queryset = Person.objects.filter(inside).distinct()

    @property
    def holder(self) -> Person | Group | None:
        holder: Person | Group | None = self.cleaned_data.get("group") or self.cleaned_data.get("person")
        return holder

"""What administrators send in about a collection."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kb.console.forms import TOO_LONG
from kb.models import Collection, Document, Person
from kb.people.names import on_one_line, same_name


class ShelfForm(forms.Form):
    """Name and description of a collection; `present` is the one that is edited."""

    name = forms.CharField(
        label=_("Name"),
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Give the collection a name."), "max_length": TOO_LONG},
    )
    description = forms.CharField(
        label=_("Description"),
        help_text=_("One sentence on what belongs here. Whoever uploads reads it."),
        max_length=400,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": TOO_LONG},
    )

    def __init__(self, present: Collection | None = None, data: Any = None) -> None:
        initial = {"name": present.name, "description": present.description} if present else None
        super().__init__(data, initial=initial)
        self._present = present

    def clean_name(self) -> str:
        name = on_one_line(self.cleaned_data["name"])
        others = Collection.objects.exclude(pk__in=[self._present.pk] if self._present else [])
        if same := same_name(name, others.values_list("name", flat=True)):
            raise forms.ValidationError(
                _("There is a collection “%(name)s” already. Choose another name."), params={"name": same}
            )
        return name

    def clean_description(self) -> str:
        return on_one_line(self.cleaned_data["description"])


class MoveForm(forms.Form):
    """Documents, and the collection that they go to: one that the person edits."""

    document = forms.ModelMultipleChoiceField(
        queryset=Document.objects.none(), error_messages={"required": _("Choose at least one document.")}
    )
    target = forms.ModelChoiceField(
        queryset=Collection.objects.none(),
        error_messages={"required": _("Choose the collection that they go to.")},
    )

    def __init__(self, source: Collection, person: Person, data: Any = None) -> None:
        super().__init__(data)
        document, target = self.fields["document"], self.fields["target"]
        assert isinstance(document, forms.ModelMultipleChoiceField)  # noqa: S101  # For the type checker.
        assert isinstance(target, forms.ModelChoiceField)  # noqa: S101
        document.queryset = Document.objects.editable_by(person).filter(collection=source)
        target.queryset = Collection.objects.editable_by(person).exclude(pk=source.pk)

"""What administrators send in."""

import re
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from kb.models import Category, Document, Sensitivity
from kb.models.collections import EXAMPLE_LENGTH
from kb.models.tags import LONGEST_TAG
from kb.people.names import on_one_line, same_name

LARGEST_KEY = 2**31 - 1
ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
TOO_LONG = _("Use at most %(limit_value)d characters; these are %(show_value)d.")


class CategoryForm(forms.ModelForm):  # type: ignore[type-arg]  # Generic for type checkers only.
    class Meta:
        model = Category
        fields = ["name", "description"]
        labels = {"name": _("Name"), "description": _("Description")}
        help_texts = {
            "description": _(
                "One sentence on what such documents speak of, in words that they use. Documents are compared with it."
            )
        }
        widgets = {
            "name": forms.TextInput(attrs={"autocomplete": "off"}),
            "description": forms.Textarea(attrs={"rows": 3}),
        }
        error_messages = {
            "name": {"required": _("Give the category a name."), "max_length": TOO_LONG},
            "description": {
                "required": _("Describe the category. Documents are compared with its description."),
                "max_length": TOO_LONG,
            },
        }

    def clean_name(self) -> str:
        name = on_one_line(self.cleaned_data["name"])
        same = same_name(name, Category.objects.exclude(pk=self.instance.pk).values_list("name", flat=True))
        if same:
            raise forms.ValidationError(
                _("There is a category “%(name)s” already. Choose another name, or edit that one."),
                params={"name": same},
            )
        return name

    def clean_description(self) -> str:
        return on_one_line(self.cleaned_data["description"])


class DissolveForm(forms.Form):
    """Which category the documents of one that is deleted get; none when nothing is chosen."""

    into = forms.ModelChoiceField(queryset=Category.objects.all(), required=False)


class ExampleForm(forms.Form):
    """A text, or the address of a document, that a category is compared by."""

    example = forms.CharField(
        label=_("Example"),
        help_text=_("A sentence or two as they stand in such documents, or the address of a document."),
        max_length=EXAMPLE_LENGTH,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={
            "required": _("Write a sentence, or copy the address of a document."),
            "max_length": TOO_LONG,
        },
    )

    def clean_example(self) -> str:
        return on_one_line(self.cleaned_data["example"])

    @property
    def document(self) -> UUID | None:
        """None when it is a text."""
        found = ID.search(self.cleaned_data["example"])
        return UUID(found[0]) if found else None


class TagForm(forms.Form):
    """A tag as it is, and as it shall be."""

    tag = forms.CharField(max_length=LONGEST_TAG)
    new = forms.CharField(max_length=2 * LONGEST_TAG, required=False)


class SensitivityField(forms.TypedChoiceField):
    """None when nothing was chosen."""

    def __init__(self, **options: Any) -> None:
        choices = [("", ""), *Sensitivity.choices]
        super().__init__(choices=choices, coerce=int, empty_value=None, **options)


class DecisionForm(forms.Form):
    """What a person decides about labels. Without a sensitivity, each of the chosen ones is confirmed."""

    item = forms.ModelMultipleChoiceField(queryset=Document.objects.none())
    sensitivity = SensitivityField(required=False)
    reason = forms.CharField(required=False, max_length=400)
    # Where on its page the first of them stood.
    at = forms.IntegerField(required=False, min_value=1)

    def __init__(self, mine: "QuerySet[Any]", *args: Any) -> None:
        super().__init__(*args)
        field = self.fields["item"]
        assert isinstance(field, forms.ModelMultipleChoiceField)  # noqa: S101  # For the type checker.
        field.queryset = mine


class ClearForm(forms.Form):
    """Which document a person clears."""

    item = forms.ModelChoiceField(queryset=Document.objects.none())

    def __init__(self, waiting: QuerySet[Document], *args: Any) -> None:
        super().__init__(*args)
        field = self.fields["item"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # For the type checker.
        field.queryset = waiting

    def chosen(self) -> UUID | None:
        """None when it is none that waits."""
        return self.cleaned_data["item"].pk if self.is_valid() else None


class ReviewFilter(forms.Form):
    """What the address narrows the review to. A value that is none narrows nothing."""

    collection = forms.IntegerField(required=False, min_value=1, max_value=LARGEST_KEY)

    def chosen(self) -> int | None:
        self.is_valid()
        return self.cleaned_data.get("collection")


class RulesForm(forms.Form):
    """The default and the minimum of a collection."""

    default = SensitivityField(required=False)
    minimum = SensitivityField(error_messages={"required": _("Choose a minimum.")})


class RevealForm(forms.Form):
    """`document` is an id, or an address that holds one."""

    document = forms.CharField(
        label=_("Document"),
        help_text=_("Its address, or the id in it."),
        max_length=500,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Say which document."), "max_length": TOO_LONG},
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("The owner reads it, and it is kept."),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": _("Say why you need to see it. The owner reads it."),
            "max_length": TOO_LONG,
        },
    )

    def clean_document(self) -> UUID:
        found = ID.search(self.cleaned_data["document"])
        if found is None:
            raise forms.ValidationError(_("This holds no document's id. Copy the address of the document."))
        return UUID(found[0])


class PeriodForm(forms.Form):
    """How many days back. A value that is none of the periods is the default."""

    PERIODS = (7, 30, 90, 365)
    DEFAULT = 30

    days = forms.TypedChoiceField(choices=[(days, days) for days in PERIODS], coerce=int)

    @property
    def days_back(self) -> int:
        return int(self.cleaned_data["days"]) if self.is_valid() else self.DEFAULT

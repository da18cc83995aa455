"""What people send in."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kb.errors import Rejected
from kb.models import Document, Feedback, Leaving, Person, Sensitivity
from kb.models.feedback import LONGEST_NOTE
from kb.models.tags import tags_from


class QuestionForm(forms.Form):
    """How long a question may be is decided by `pose`, which says it in a sentence."""

    text = forms.CharField(
        label=_("Your question"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off"}),
    )
    inside = forms.BooleanField(label=_("Keep this question in the building"), required=False)
    # Filled in by the script: the page then follows the answer while it is being written.
    follow = forms.BooleanField(required=False, widget=forms.HiddenInput)

    @property
    def leaving(self) -> Leaving:
        """What the person wishes, at most."""
        return Leaving.NEVER if self.cleaned_data["inside"] else Leaving.FREELY


class FeedbackForm(forms.Form):
    """A thumb. Without `thumb` it is taken back; only one that points down has a reason and a note."""

    thumb = forms.ChoiceField(choices=[("up", ""), ("down", "")], required=False)
    reason = forms.ChoiceField(choices=Feedback.Reason.choices, required=False)
    note = forms.CharField(
        required=False,
        max_length=LONGEST_NOTE,
        error_messages={"max_length": _("Use at most %(limit_value)d characters; these are %(show_value)d.")},
    )

    @property
    def helpful(self) -> bool | None:
        return {"up": True, "down": False}.get(self.cleaned_data["thumb"])

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if cleaned.get("thumb") != "down":
            return cleaned | {"reason": "", "note": ""}
        if not cleaned.get("reason"):
            self.add_error("reason", _("Choose what is wrong, so that somebody can mend it."))
        return cleaned


class ResolveForm(forms.Form):
    """What was done about a complaint."""

    note = forms.CharField(
        max_length=LONGEST_NOTE,
        error_messages={
            "required": _("Say what you did about it. The person who asked reads it."),
            "max_length": _("Use at most %(limit_value)d characters; these are %(show_value)d."),
        },
    )


class TagsField(forms.CharField):
    """Words with commas between them → tags."""

    widget = forms.TextInput(attrs={"autocomplete": "off"})

    def clean(self, value: Any) -> tuple[str, ...]:
        try:
            return tags_from([super().clean(value)])
        except Rejected as error:
            raise forms.ValidationError(str(error)) from error


class TagsForm(forms.Form):
    tags = TagsField(label=_("Tags"), required=False)


class LabelForm(forms.Form):
    """The label of a document, as one of those that this person may give it."""

    sensitivity = forms.TypedChoiceField(
        label=_("Sensitivity"),
        coerce=int,
        error_messages={
            "required": _("Choose a label."),
            "invalid_choice": _("Choose one of the labels that are offered."),
        },
    )
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Needed for a laxer label. It is kept."),
        required=False,
        max_length=400,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, document: Document, person: Person, data: Any = None) -> None:
        super().__init__(data, initial={"sensitivity": document.sensitivity})
        least = document.collection.minimum_sensitivity
        choice = self.fields["sensitivity"]
        assert isinstance(choice, forms.TypedChoiceField)  # noqa: S101  # For the type checker.
        choice.choices = [
            (label.value, label.label) for label in Sensitivity if least <= label <= person.clearance
        ]


class AskAboutForm(forms.Form):
    """Whether this person sees a document."""

    person = forms.CharField(
        label=_("User name"),
        max_length=150,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
        ),
        error_messages={"required": _("Write a user name.")},
    )

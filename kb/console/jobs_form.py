"""What administrators send in to steer ingestion."""

from typing import Any

from django import forms

from ingestion.acts import Act
from ingestion.parse.registry import PARSERS, engine_name
from kb.models import Batch, Version


class PauseForm(forms.Form):
    """Without `on` ingestion goes on."""

    on = forms.BooleanField(required=False)
    reason = forms.CharField(required=False, max_length=200)


class ActForm(forms.Form):
    """What is to be done, and with which: those chosen, a batch, or `all` that the address narrows down to."""

    act = forms.ChoiceField(choices=[(act.value, act.value) for act in Act])
    item = forms.ModelMultipleChoiceField(queryset=Version.objects.all(), required=False)
    batch = forms.ModelChoiceField(queryset=Batch.objects.all(), required=False)
    all = forms.BooleanField(required=False)
    back = forms.UUIDField(required=False)  # The version whose page it was sent from.

    def clean(self) -> dict[str, Any]:
        chosen = super().clean() or {}
        if not (chosen.get("item") or chosen.get("batch") or chosen.get("all")):
            raise forms.ValidationError("Nothing was chosen.")
        return chosen


class ParserForm(forms.Form):
    """Which parser is to read a version; none for the usual ones."""

    parser = forms.ChoiceField(required=False)

    def __init__(self, version: Version, *args: Any) -> None:
        super().__init__(*args)
        field = self.fields["parser"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - for the type checker
        field.initial = version.chosen_parser
        field.choices = [
            ("", "the usual ones in turn"),
            *((path, engine_name(path)) for path in PARSERS[version.media_type]),
        ]

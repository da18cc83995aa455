"""What people say of files that they bring in, and the files where a browser sends them along."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ingestion.sources.upload import Declared, check_declared
from kb.errors import Denied
from kb.models import Batch, Collection, Person, Sensitivity
from kb.models.batches import name_with
from kb.models.transfers import LONGEST_PATH
from kb.portal.forms import TagsField


class FilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Several files at once. Empty ones are let through, because `upload` says what is wrong with each."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> "list[UploadedFile[Any]]":
        files = data if isinstance(data, list) else [data]
        clean = super().clean
        return [clean(file, initial) for file in files]


class BatchForm(forms.Form):
    """What is said of all files that are uploaded together."""

    collection = forms.ModelChoiceField(
        label=_("Collection"),
        queryset=Collection.objects.none(),
        empty_label=_("Choose a collection"),
        error_messages={"required": _("Choose the collection that the files belong to.")},
    )
    sensitivity = forms.ChoiceField(label=_("Sensitivity"), required=False)
    owner = forms.ModelChoiceField(
        label=_("Owner"), required=False, queryset=Person.objects.none(), empty_label=_("You")
    )
    tags = TagsField(label=_("Tags"), required=False)

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person = person
        collections = Collection.objects.editable_by(person)
        field, owner, label = (self.fields[name] for name in ("collection", "owner", "sensitivity"))
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101  # For the type checker.
        assert isinstance(owner, forms.ModelChoiceField)  # noqa: S101
        assert isinstance(label, forms.ChoiceField)  # noqa: S101
        field.queryset = collections
        if len(collections) == 1:
            field.empty_label = None
        owner.queryset = collections.editors().exclude(pk=person.pk).order_by("first_name", "username")
        label.choices = _labels_up_to(person)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if not self.errors:
            try:
                check_declared(self.person, cleaned["collection"], self.declared)
            except Denied as error:
                self.add_error(None, str(error))
        return cleaned

    @property
    def declared(self) -> Declared:
        kind, _, value = self.cleaned_data["sensitivity"].rpartition("-")
        label = Sensitivity(int(value)) if value else None
        return Declared(
            sensitivity=None if kind else label,
            least=label if kind else None,
            owner=self.cleaned_data["owner"],
            tags=self.cleaned_data["tags"],
        )

    def save(self, name: str) -> Batch:
        declared = self.declared
        return Batch.objects.create(
            person=self.person,
            collection=self.cleaned_data["collection"],
            name=name,
            door=Batch.Door.PORTAL,
            sensitivity=declared.sensitivity,
            least_sensitivity=declared.least,
            owner=declared.owner,
            tags=list(declared.tags),
        )


class AnnouncedForm(BatchForm):
    """The same with the name of the first file and the number of all, which a script will send."""

    first = forms.CharField(max_length=LONGEST_PATH)
    count = forms.IntegerField(min_value=1)

    @property
    def name(self) -> str:
        return name_with(self.cleaned_data["first"], others=self.cleaned_data["count"] - 1)


class KnownForm(forms.Form):
    """A file that a script is about to send, with the sha256 of its bytes."""

    path = forms.CharField(max_length=LONGEST_PATH)
    size = forms.IntegerField(min_value=0)
    sha256 = forms.RegexField(r"\A[0-9a-f]{64}\Z")


class UploadForm(BatchForm):
    """The same with the files themselves, for browsers without script."""

    documents = FilesField(
        label=_("Files"),
        allow_empty_file=True,
        error_messages={"required": _("Choose at least one file.")},
    )


def _labels_up_to(person: Person) -> list[Any]:
    """Left to the model, left to it but not laxer than a label, or decided: “”, “least-30”, “30”."""
    labels = [label for label in Sensitivity if label <= person.clearance]
    least = [
        (f"least-{label}", _("At least %(label)s") % {"label": label.label})
        for label in labels
        if label > Sensitivity.PUBLIC
    ]
    return [
        ("", _("Let the on-premises model decide")),
        (_("Let it decide, but"), least),
        (_("Decide now"), [(str(label.value), label.label) for label in labels]),
    ]

"""What administrators send in about people and groups."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth.models import Group
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.utils.translation import gettext_lazy as _

from kb.console.forms import ID, TOO_LONG
from kb.models import Person, Sensitivity
from kb.people.accounts import Facts
from kb.people.names import on_one_line, same_name
from kb.person_field import PersonField

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

PLAIN = {"autocomplete": "off"}
LARGEST_LIST = 1024**2
"""Bytes, and characters."""


class PersonForm(forms.Form):
    """What is said of a person. A clearance above that of who edits is not on offer, unless it is there already."""

    first_name = forms.CharField(label=_("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=_("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=_("E-mail address"), required=False)
    clearance = forms.TypedChoiceField(
        label=_("Clearance"),
        help_text=_("The strictest label that this person may see, in the collections that are open to him."),
        coerce=int,
    )
    groups = forms.ModelMultipleChoiceField(
        label=_("Groups"),
        queryset=Group.objects.order_by("name"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    administers = forms.BooleanField(
        label=_("Administers"),
        help_text=_("Sees the console. It gives no right to read."),
        required=False,
    )

    def __init__(self, by: Person, present: Person | None = None, data: Any = None) -> None:
        super().__init__(data, initial=_initial(present))
        highest = max(by.clearance, present.clearance if present else by.clearance)
        clearance = self.fields["clearance"]
        assert isinstance(clearance, forms.TypedChoiceField)  # noqa: S101  # For the type checker.
        clearance.choices = [(label.value, label.label) for label in Sensitivity if label <= highest]
        for name in self.fields.keys() & {"first_name", "last_name", "email"}:
            self.fields[name].widget.attrs |= PLAIN

    @property
    def facts(self) -> Facts:
        return Facts(
            first_name=on_one_line(self.cleaned_data["first_name"]),
            last_name=on_one_line(self.cleaned_data.get("last_name", "")),
            email=self.cleaned_data.get("email", ""),
            clearance=self.cleaned_data["clearance"],
            administers=self.cleaned_data["administers"],
            groups=list(self.cleaned_data["groups"]),
        )


def _initial(person: Person | None) -> dict[str, Any]:
    if person is None:
        return {"clearance": Sensitivity.INTERNAL}
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "clearance": person.clearance,
        "groups": person.groups.all(),
        "administers": person.is_staff,
    }


class NewPersonForm(PersonForm):
    username = forms.CharField(
        label=_("User name"),
        help_text=_("Letters, digits and @ . + - _; it stays as it is."),
        max_length=150,
        validators=[UnicodeUsernameValidator()],
        widget=forms.TextInput(attrs={**PLAIN, "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("Write a user name."), "max_length": TOO_LONG},
    )
    field_order = ["username"]

    def clean_username(self) -> str:
        username: str = self.cleaned_data["username"]
        if same := same_name(username, Person.objects.values_list("username", flat=True)):
            raise forms.ValidationError(
                _("There is a person with the user name “%(name)s” already. Choose another one."),
                params={"name": same},
            )
        return username


class ServiceForm(PersonForm):
    """A service has one name, no mail, and nobody signs in as it."""

    last_name = email = None  # type: ignore[assignment]  # Django's way to leave out a parent's fields.
    first_name = forms.CharField(
        label=_("Name"), max_length=150, required=False, widget=forms.TextInput(attrs=PLAIN)
    )
    clearance = forms.TypedChoiceField(
        label=_("Clearance"),
        help_text=_("The strictest label that its keys may see, in the collections that are open to it."),
        coerce=int,
    )
    field_order = ["first_name"]


class NewServiceForm(ServiceForm, NewPersonForm):
    field_order = ["username", "first_name"]


class RosterForm(forms.Form):
    """A list of people: as a file, or as the text of one that was looked through already."""

    file = forms.FileField(
        label=_("List"),
        help_text=_("A CSV file in UTF-8."),
        required=False,
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
    text = forms.CharField(required=False, strip=False, widget=forms.HiddenInput, max_length=LARGEST_LIST)

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if file := cleaned.get("file"):
            cleaned["text"] = _decoded(file)
        if not cleaned.get("text"):
            raise forms.ValidationError(_("Choose a file."))
        return cleaned


def _decoded(file: "UploadedFile[Any]") -> str:
    if (file.size or 0) > LARGEST_LIST:
        raise forms.ValidationError(_("The file is over 1 MB. Split it."))
    try:
        return str(file.read(), "utf-8-sig")
    except UnicodeDecodeError as error:
        raise forms.ValidationError(
            _("The file is not in UTF-8. Save it as CSV with UTF-8 in your spreadsheet.")
        ) from error


class GroupForm(forms.Form):
    """The name of a group; `present` is the one that is edited."""

    name = forms.CharField(
        label=_("Name"),
        max_length=150,
        widget=forms.TextInput(attrs=PLAIN),
        error_messages={"required": _("Give the group a name."), "max_length": TOO_LONG},
    )

    def __init__(self, present: Group | None = None, data: Any = None) -> None:
        super().__init__(data, initial={"name": present.name} if present else None)
        self._present = present

    def clean_name(self) -> str:
        name = on_one_line(self.cleaned_data["name"])
        others = Group.objects.exclude(pk__in=[self._present.pk] if self._present else [])
        if same := same_name(name, others.values_list("name", flat=True)):
            raise forms.ValidationError(
                _("There is a group “%(name)s” already. Choose another name."), params={"name": same}
            )
        return name


class MemberForm(forms.Form):
    """Who joins a group."""

    person = PersonField(label=_("User name"), error_messages={"required": _("Write a user name.")})


class AboutForm(forms.Form):
    """Which document is asked about: its address, or its id."""

    document = forms.CharField(
        label=_("Document"),
        help_text=_("Its address, or the id in it."),
        max_length=500,
        widget=forms.TextInput(attrs=PLAIN),
        error_messages={"required": _("Say which document."), "max_length": TOO_LONG},
    )

    def clean_document(self) -> str:
        found = ID.search(self.cleaned_data["document"])
        if found is None:
            raise forms.ValidationError(_("This holds no document's id. Copy the address of the document."))
        return found[0]


class PeopleFilter(forms.Form):
    """What the address narrows the list to. A value that is none narrows nothing."""

    q = forms.CharField(label=_("Name"), required=False, max_length=150)
    group = forms.ModelChoiceField(
        label=_("Group"), queryset=Group.objects.order_by("name"), required=False, empty_label=_("Any")
    )
    state = forms.ChoiceField(
        label=_("State"),
        choices=[
            ("", _("Any")),
            ("active", _("Active")),
            ("suspended", _("Suspended")),
            ("staff", _("Administers")),
        ],
        required=False,
    )

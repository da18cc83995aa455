"""A field for somebody who is named by his user name."""

from typing import Any

from django import forms

from kb.errors import Rejected
from kb.models import Person
from kb.people.names import active_person


class PersonField(forms.CharField):
    """A user name → the person, whose account works. None where nothing is written and nothing need be."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})

    def clean(self, value: Any) -> Person | None:
        username = super().clean(value)
        if not username:
            return None
        try:
            return active_person(username)
        except Rejected as error:
            raise forms.ValidationError(str(error)) from error

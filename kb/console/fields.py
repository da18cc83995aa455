"""Fields that several forms of the console have."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from kb.models import Person


class PersonField(forms.CharField):
    """A user name → the person, whose account works. None where nothing is written and nothing need be."""

    widget = forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"})

    def clean(self, value: Any) -> Person | None:
        username = super().clean(value)
        if not username:
            return None
        person = Person.objects.filter(username=username, is_active=True).first()
        if person is None:
            raise forms.ValidationError(
                _("Nobody with the user name “%(name)s” has an account that works. Check how it is written."),
                params={"name": username},
            )
        return person

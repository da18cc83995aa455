"""What administrators send in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from kb.models import Category

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
        name = _on_one_line(self.cleaned_data["name"])
        others = Category.objects.exclude(pk=self.instance.pk).values_list("name", flat=True)
        # Not `iexact`: SQLite knows only the case of ASCII letters.
        same = next((other for other in others if other.casefold() == name.casefold()), None)
        if same:
            raise forms.ValidationError(
                _("There is a category “%(name)s” already. Choose another name, or edit that one."),
                params={"name": same},
            )
        return name

    def clean_description(self) -> str:
        return _on_one_line(self.cleaned_data["description"])


def _on_one_line(text: str) -> str:
    return " ".join(text.split())

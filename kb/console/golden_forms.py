"""Golden questions as administrators send them in: a CSV of them, or one by hand."""

from pathlib import Path
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from ingestion.evaluate.expected import Expected
from ingestion.evaluate.golden import resolved
from ingestion.evaluate.golden_sets import LAST_PAGE, check_limits
from ingestion.evaluate.judged import Gold, Query
from ingestion.evaluate.readers import BETWEEN_WORDS, parse_golden
from kb.console.forms import TOO_LONG
from kb.errors import Rejected
from kb.models import GoldenSet, Person
from kb.models.golden import LONGEST_DOCUMENT, LONGEST_NAME, LONGEST_QUESTION
from kb.people.names import on_one_line

LARGEST_CSV = 2 * 1024 * 1024
"""Bytes."""
LONGEST_WORDS = 500
"""Characters."""


class GoldenForm(forms.Form):
    """A CSV of golden questions. `expected` is what it holds, once the form is valid."""

    name = forms.CharField(
        label=_("Name"),
        help_text=_("Without one, the set is called what its file is called."),
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )
    file = forms.FileField(
        label=_("CSV file"),
        help_text=_("UTF-8, with the columns question, document and, if you like, page, words and refuse."),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
        error_messages={"required": _("Choose a CSV file."), "empty": _("The file is empty.")},
    )

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person
        self.expected: tuple[Expected, ...] = ()

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        try:
            self.expected = _questions(file)
            resolved([each.query for each in self.expected], self._person)
        except Rejected as error:
            raise forms.ValidationError(str(error)) from error
        return file

    def clean(self) -> dict[str, Any]:
        """Settles the name, which the file may have to give."""
        cleaned = self.cleaned_data
        if self.errors:
            return cleaned
        given = on_one_line(cleaned["name"]) or Path(cleaned["file"].name).stem
        cleaned["name"] = given[:LONGEST_NAME]
        if GoldenSet.objects.visible_to(self._person).filter(name=cleaned["name"]).exists():
            self.add_error(
                "name",
                forms.ValidationError(
                    _("You have a set “%(name)s” already. Choose another name, or delete that one."),
                    params={"name": cleaned["name"]},
                ),
            )
        return cleaned


class GoldenQuestionForm(forms.Form):
    """One golden question, by hand or from a confirmed answer."""

    text = forms.CharField(
        label=_("Question"),
        max_length=LONGEST_QUESTION,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write the question."), "max_length": TOO_LONG},
    )
    document = forms.CharField(
        label=_("Document"),
        help_text=_("Its title or file name, as the library shows it."),
        max_length=LONGEST_DOCUMENT,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )
    page = forms.IntegerField(
        label=_("Page"),
        help_text=_("Only where no other page will do."),
        min_value=1,
        max_value=LAST_PAGE,
        required=False,
    )
    words = forms.CharField(
        label=_("The answer must hold"),
        help_text=_("Words or figures, with “|” between them."),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"max_length": TOO_LONG},
    )
    refuse = forms.BooleanField(label=_("Nothing answers it: it should be refused"), required=False)

    def __init__(self, person: Person, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._person = person

    def clean_words(self) -> list[str]:
        return [word.strip() for word in self.cleaned_data["words"].split(BETWEEN_WORDS) if word.strip()]

    def clean(self) -> dict[str, Any]:
        cleaned = self.cleaned_data
        if self.errors:
            return cleaned
        if cleaned["refuse"]:
            return cleaned | {"document": "", "page": None, "words": []}
        try:
            resolved([Query("", cleaned["text"], (Gold(cleaned["document"]),))], self._person)
        except Rejected as error:
            self.add_error(
                "document", str(error) if cleaned["document"] else _("Say which document answers it.")
            )
        return cleaned


def _questions(file: "UploadedFile[Any]") -> tuple[Expected, ...]:
    """
    Raises:
        Rejected: the file is too large, no CSV in UTF-8, or holds what is too long.
    """
    if (file.size or 0) > LARGEST_CSV:
        raise Rejected(f"The file has more than {LARGEST_CSV // 2**20} MB. Split it.")
    try:
        text = file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Rejected("The file is not in UTF-8. Save it as “CSV UTF-8”.") from error
    if "\0" in text:
        raise Rejected("The file holds a zero byte, so it is no text. Save it as “CSV UTF-8”.")
    expected = parse_golden(text.splitlines())
    check_limits(expected)
    return expected

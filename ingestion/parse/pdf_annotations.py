"""What has been put on the pages of a PDF afterwards and is seen there: filled fields, and text written across.

People's comments are not seen on the page; `hidden.pdf` tells of them.
"""

from collections.abc import Iterator, Sequence
from ctypes import POINTER, c_ushort, cast, create_string_buffer
from dataclasses import dataclass
from typing import Any

from pypdfium2 import PdfDocument, PdfPage, raw

from ingestion.parse.clean import flow
from ingestion.parse.elements import Element, Kind

UNSEEN = raw.FPDF_ANNOT_FLAG_HIDDEN | raw.FPDF_ANNOT_FLAG_NOVIEW
TICKED = (raw.FPDF_FORMFIELD_CHECKBOX, raw.FPDF_FORMFIELD_RADIOBUTTON)
SECRET = 1 << 13
"""The flag of a field for a password: ISO 32000-2, table 231."""


@dataclass(frozen=True, slots=True)
class Annotation:
    """One on a page that is loaded; `form` is pdfium's handle, or None where the document has no form."""

    handle: Any
    form: Any

    @property
    def kind(self) -> int:
        return int(raw.FPDFAnnot_GetSubtype(self.handle))

    @property
    def is_seen(self) -> bool:
        return not raw.FPDFAnnot_GetFlags(self.handle) & UNSEEN

    @property
    def contents(self) -> str:
        return _text(raw.FPDFAnnot_GetStringValue, self.handle, b"Contents")

    @property
    def field(self) -> str:
        """“Label: value” of a field that is filled in."""
        name = _text(raw.FPDFAnnot_GetFormFieldAlternateName, self.form, self.handle) or _text(
            raw.FPDFAnnot_GetFormFieldName, self.form, self.handle
        )
        value = self._value()
        return f"{name.rstrip(': ')}: {value}" if name and value else value

    def _value(self) -> str:
        if raw.FPDFAnnot_GetFormFieldType(self.form, self.handle) in TICKED:
            return "yes" if raw.FPDFAnnot_IsChecked(self.form, self.handle) else ""
        if raw.FPDFAnnot_GetFormFieldFlags(self.form, self.handle) & SECRET:
            return ""
        return _text(raw.FPDFAnnot_GetFormFieldValue, self.form, self.handle)


def annotations(page: PdfPage, form: Any = None) -> Iterator[Annotation]:
    """Each only until the next one is asked for."""
    for place in range(raw.FPDFPage_GetAnnotCount(page)):
        handle = raw.FPDFPage_GetAnnot(page, place)
        yield Annotation(handle, form)
        raw.FPDFPage_CloseAnnot(handle)


def with_annotations(document: PdfDocument, elements: Sequence[Element]) -> list[Element]:
    """The elements, and after those of each page what was put on it."""
    document.init_forms()
    put_on = [
        Element(Kind.PARAGRAPH, text, number)
        for number, page in enumerate(document, start=1)
        for annotation in annotations(page, document.formenv)
        if (text := _seen(annotation))
    ]
    if not put_on:
        return list(elements)
    return sorted([*elements, *put_on], key=lambda element: element.page or 0)


def _seen(annotation: Annotation) -> str:
    if not annotation.is_seen:
        return ""
    if annotation.kind == raw.FPDF_ANNOT_FREETEXT:
        return annotation.contents
    if annotation.kind == raw.FPDF_ANNOT_WIDGET and annotation.form:
        return annotation.field
    return ""


def _text(ask: Any, *of: Any) -> str:
    """What pdfium says in UTF-16 to a question that it is asked twice, first for the length."""
    length = ask(*of, None, 0)
    buffer = create_string_buffer(max(length, 2))
    ask(*of, cast(buffer, POINTER(c_ushort)), length)
    return flow(buffer.raw.decode("utf-16-le", "replace").rstrip("\0"))

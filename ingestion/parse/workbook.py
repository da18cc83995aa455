"""Excel workbooks of today and of old by calamine: what each sheet shows, tables apart, merged cells filled."""

from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed
from ingestion.parse.islands import sheet_elements
from kb.errors import Unreadable

if TYPE_CHECKING:
    from python_calamine import CalamineSheet

Value = float | str | bool | time | date | datetime | timedelta
DIGITS = 15
"""That Excel keeps of a number: 0.1 + 0.2 is .3 there."""


class Workbook:
    fingerprint = "calamine-0.9.1"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        from python_calamine import CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

        try:
            book = CalamineWorkbook.from_path(path)
        except PasswordError as error:
            raise Unreadable(
                "It is protected by a password. Save it without one and upload it again."
            ) from error
        shown, hidden, warnings = list[Element](), list[Hidden](), list[str]()
        for page, sheet in enumerate(book.sheets_metadata, start=1):
            if sheet.typ is not SheetTypeEnum.WorkSheet:
                continue
            elements = list(sheet_elements(_rows(book.get_sheet_by_name(sheet.name)), page))
            if sheet.visible is SheetVisibleEnum.Visible:
                shown += [Element(Kind.HEADING, sheet.name, page, level=1), *elements]
            else:
                hidden += [Hidden(Hiding.SHEET, each.text, page) for each in elements]
                warnings.append(f"The sheet “{sheet.name}” is hidden and was left out.")
        return Parsed(
            elements=tuple(shown),
            parser=self.fingerprint,
            pages=len(book.sheet_names),
            warnings=tuple(warnings),
            hidden=tuple(hidden),
        )


def _rows(sheet: "CalamineSheet") -> list[list[str]]:
    rows = [[_shown(value) for value in row] for row in sheet.to_python(skip_empty_area=False)]
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or ():
        for row in rows[top : bottom + 1]:
            row[left : right + 1] = [rows[top][left]] * len(row[left : right + 1])
    return rows


def _shown(value: Value) -> str:
    """Nearly as Excel shows it: how a number is formatted is not known here."""
    match value:
        case str():
            return value
        case bool():
            return "TRUE" if value else "FALSE"
        case int() | float():
            return f"{value:.{DIGITS}g}"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ", "minutes")
    return str(value)

"""What a source says, but of something else: in another column or row of a table, or of another model."""

import re
from collections.abc import Iterable, Iterator, Sequence

from inference.rows import Statement
from inference.support.amounts import Amount, amounts
from inference.support.names import WORD, is_code
from inference.support.reading import Reading, Source
from inference.terms import content_terms

DIGITS = re.compile(r"\d+")
BETWEEN = re.compile(r"[\W_]+")

Cell = tuple[str, str]
"""A column's name and what stands there."""


def under_another_column(claim: Reading, question: Reading, sources: Sequence[Source]) -> str:
    """The column that the claim, or else its question, names, where a figure stands in others only.

    Only where the named one has a figure of the same kind, and nothing but rows of tables hold the claim's.
    """
    return next(
        filter(None, (_column_without(amount, claim, question, sources) for amount in claim.amounts)), ""
    )


def another_model(claim: Reading, sources: Sequence[Source]) -> str:
    """A code of the sources that is built like one of the claim's, where they do not hold that one."""
    held = " ".join(f"{source.shown.header}\n{source.shown.text}" for source in sources)
    letters = BETWEEN.sub("", held).casefold()
    theirs = {_shape(code): code for code in _codes(held)}
    missing = (code for code in _codes(claim.text) if BETWEEN.sub("", code).casefold() not in letters)
    return next((theirs[_shape(code)] for code in missing if _shape(code) in theirs), "")


def in_another_row(claim: Reading, question: Reading, sources: Sequence[Source]) -> str:
    """The name of the only row that has a figure of the claim, where it shares no word with claim and question, and
    another row of the source does."""
    asked = claim.terms | question.terms
    for amount in claim.amounts:
        rows = _holding(amount, sources)
        if len(rows) == 1 and rows[0].cells and not _row_terms(rows[0], claim) & asked:
            others = (row for source in sources for row in source.statements if row.cells)
            if any(_row_terms(row, claim) & asked for row in others):
                return rows[0].cells[0][1]
    return ""


def _row_terms(row: Statement, claim: Reading) -> frozenset[int]:
    return content_terms(row.cells[0][1], claim.language)


def _holding(amount: Amount, sources: Sequence[Source]) -> list[Statement]:
    return [
        statement
        for source in sources
        for statement in source.statements
        if amount.is_in(amounts(statement.text))
    ]


def _column_without(amount: Amount, claim: Reading, question: Reading, sources: Sequence[Source]) -> str:
    holding = _holding(amount, sources)
    columns = [
        _rival(amount, _named(row, claim, question)) for row in holding if _only_in_columns(amount, row)
    ]
    return columns[0] if columns and len(columns) == len(holding) and all(columns) else ""


def _only_in_columns(amount: Amount, statement: Statement) -> bool:
    return bool(statement.cells) and not amount.is_in(amounts(statement.cells[0][1]))


def _named(row: Statement, claim: Reading, question: Reading) -> list[Cell]:
    """The cells of the columns that the claim names; if it names none, of those that the question does."""
    return list(_cells_of(row, claim)) or list(_cells_of(row, question))


def _cells_of(row: Statement, reading: Reading) -> Iterator[Cell]:
    for column, cell in row.cells[1:]:
        terms = content_terms(column, reading.language)
        if terms and terms <= reading.terms:
            yield column, cell


def _rival(amount: Amount, named: Iterable[Cell]) -> str:
    """The first of the named columns, if all have a figure of the amount's kind and none has it itself."""
    named = list(named)
    figures = [amounts(cell) for _, cell in named]
    if not named or any(amount.is_in(each) for each in figures):
        return ""
    alike = all(any(other.unit == amount.unit for other in each) for each in figures)
    return named[0][0] if alike else ""


def _codes(text: str) -> list[str]:
    return [word for word in WORD.findall(text) if is_code(word)]


def _shape(code: str) -> str:
    """CB-150 and CB-300 have the same."""
    return DIGITS.sub("0", code).casefold()

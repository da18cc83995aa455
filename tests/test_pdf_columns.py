"""Tables of a PDF that no rules are drawn around, from pages that are drawn in letters."""

import re

import pytest

from ingestion.parse.pdf_columns import column_tables, may_have_columns
from ingestion.parse.pdf_headers import Word
from ingestion.parse.pdf_place import Frame

LETTER, LINE, HEIGHT = 5.0, 12.0, 10.0


def page(drawing: str) -> list[Word]:
    """One letter of the drawing is five points wide, one line twelve high."""
    return [
        Word(
            found.group(),
            Frame(found.start() * LETTER, row * LINE, found.end() * LETTER, row * LINE + HEIGHT),
        )
        for row, line in enumerate(drawing.strip("\n").splitlines())
        for found in re.finditer(r"\S+", line)
    ]


def rows_of(drawing: str) -> list[tuple[str, ...]]:
    [table] = column_tables(page(drawing))
    return list(table.rows)


STATEMENT = """
The following table shows what we earned, and what we spent to earn it.


                               Three Months Ended         Six Months Ended
                             June 2023    June 2022   June 2023    June 2022
Current business:
Revenue                    $     9,583  $    10,329  $   19,050  $    20,976
Cost of sales                    7,363        8,042      14,680       16,336
Restructuring charges              (7)           34        (16)           35
Share of the
  whole                           3.6%            –        3.5%            –
Operating income           $       348  $       371  $      659  $       833


See the notes to these statements.
"""


def test_a_statement_is_a_table_with_its_header() -> None:
    assert rows_of(STATEMENT) == [
        ("", *(f"{span} Months Ended June {year}" for span in ("Three", "Six") for year in (2023, 2022))),
        ("Current business:", "", "", "", ""),
        ("Revenue", "$9,583", "$10,329", "$19,050", "$20,976"),
        ("Cost of sales", "7,363", "8,042", "14,680", "16,336"),
        ("Restructuring charges", "(7)", "34", "(16)", "35"),
        ("Share of the whole", "3.6%", "–", "3.5%", "–"),
        ("Operating income", "$348", "$371", "$659", "$833"),
    ]


def test_the_frame_holds_the_table_and_nothing_of_the_text_around_it() -> None:
    [table] = column_tables(page(STATEMENT))
    assert (table.frame.top, table.frame.bottom) == (3 * LINE, 11 * LINE + HEIGHT)


def test_a_row_that_runs_across_the_space_does_not_join_two_columns() -> None:
    lines = [f"Pump {number:02}         {number}01         {number}02" for number in range(30, 44)]
    lines[5] = "Pump of the south plant 55   3502"
    rows = rows_of("\n".join(lines))
    assert {len(row) for row in rows} == {3}
    assert rows[4] == ("Pump 34", "3401", "3402")


def test_words_stand_beside_amounts_where_most_are_amounts() -> None:
    rows = rows_of("""
Model        Layers    Score    Note
OTSL           6       0.955    0.88
HTML           6       0.938    0.85
OTSL           4       0.927    best
""")
    assert rows[0] == ("Model", "Layers", "Score", "Note")
    assert rows[3] == ("OTSL", "4", "0.927", "best")


PROSE = """
The pump lifts 40 litres a minute    In 2024 the works bought 12 of them
when both valves are open and the    and paid 340 euros for each, which is
filter is clean. It stops after 8    25 less than the year before; 3 were
minutes without water.               sent back.
"""
NUMBERED = """
1        Open the valve and wait until the pressure has fallen below the mark.
2        Take the filter out, and rinse it for about a minute in clean water.
3        Put everything back, and close the valve.
"""
CONTENTS = """
Introduction ...................................... 3
The pump .......................................... 7
Maintenance ...................................... 12
"""
TWO_ROWS = """
Revenue        100      200
Costs           50       80
"""


@pytest.mark.parametrize(
    "drawing", [PROSE, NUMBERED, CONTENTS, TWO_ROWS], ids=["prose", "numbered", "contents", "two"]
)
def test_what_only_looks_like_columns_stays_text(drawing: str) -> None:
    assert column_tables(page(drawing)) == []


def test_two_tables_with_text_between_them_are_two() -> None:
    between = "\n\n\nNobody knows what the next year will bring to the works of the south.\n\n\n"
    table = "Revenue      100      200\nCosts         50       80\nProfit        50      120"
    assert [table.rows[0] for table in column_tables(page(table + between + table))] == [
        ("Revenue", "100", "200"),
        ("Revenue", "100", "200"),
    ]


def test_a_page_without_amounts_is_not_looked_at() -> None:
    assert not may_have_columns(["Nobody was there in 2024.", "Page 3"])
    assert may_have_columns(["Revenue 100 200", "Costs 50 80 (12)"])

"""Rows of tables, read out with the names of their columns."""

from hypothesis import given
from hypothesis import strategies as st

from inference.rows import statements
from inference.sentences import split

TABLE = "| City | Limit | Since |\n| --- | --- | --- |\n| London | €180 | 2023 |\n| Köln | | 2024 |\n| a\\|b | 1 | |"


def said(text: str) -> list[str]:
    return [statement.text for statement in statements(split(text))]


def test_a_row_says_what_its_columns_are() -> None:
    assert said(TABLE) == ["London — Limit: €180; Since: 2023", "Köln — Since: 2024", "a|b — Limit: 1"]


def test_it_keeps_the_row_as_it_stands_for_quoting() -> None:
    assert statements(split(TABLE))[0].source == "| London | €180 | 2023 |"


@given(st.text(alphabet="ab1 .|-*#\n\\", max_size=60))
def test_it_stands_at_its_place_in_the_text(text: str) -> None:
    assert all(text[said.start : said.end] == said.source for said in statements(split(text)))


def test_sentences_around_a_table_stay_as_they_are() -> None:
    assert said(f"Hotels have limits.\n\n{TABLE}\n\nAsk **early**.")[0::4] == [
        "Hotels have limits.",
        "Ask early.",
    ]

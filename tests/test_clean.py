"""Text, titles, headings and tables as the parsers leave them."""

import pytest

from ingestion.parse import clean
from ingestion.parse.headings import good_title, level_of
from ingestion.parse.tables import pipe_table


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ("a\u00a0b\u2009c", "a b c"),
        ("co\u00adopera\u200bte", "cooperate"),
        ("ﬁnal oﬃce", "final office"),
        ("the commit-\ntee met", "the committee met"),
        ("well-\nKnown, non-\n3M", "well-Known, non-3M"),
        ("safe\u202etxt.exe", "safetxt.exe"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("one\n  two", "one two"),
    ],
)
def test_text_flows_on_one_line_with_nothing_hidden_in_it(raw: str, text: str) -> None:
    assert clean.flow(raw) == text


@pytest.mark.parametrize(
    "made_up", ["Microsoft Word - offer.doc", "Untitled", "Presentation1", "a.pdf", "", "--- 12 ---"]
)
def test_a_title_that_a_program_made_up_is_none(made_up: str) -> None:
    assert good_title(made_up) is None


def test_a_title_that_a_person_gave_stays() -> None:
    assert good_title("  Annual  report\n2025 ") == "Annual report 2025"


@pytest.mark.parametrize(
    ("line", "level"),
    [
        ("1. DEFINITIONS.", 1),
        ("2.3.1 LAUNCH TIMING", 3),
        ("ARTICLE IV. TERM AND TERMINATION", 1),
        ("2.3 LAUNCH TIMING. Each party shall use good faith.", None),
        ("IMPORTANT NOTICE", None),
        ("12", None),
    ],
)
def test_only_a_numbered_line_in_capitals_is_surely_a_heading(line: str, level: int | None) -> None:
    assert level_of(line) == level


def test_a_table_drops_what_is_empty_and_escapes_pipes() -> None:
    rows = [["", "", ""], ["a", None, "b|c"], ["", "", ""], ["1\n2", "", ""]]
    assert pipe_table(rows) == "| a | b\\|c |\n| --- | --- |\n| 1 2 |  |"
    assert pipe_table([["", None]]) == ""

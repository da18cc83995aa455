"""How parsing is measured: words, their order and cells of tables against the text expected."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ingestion.evaluate.parsing import (
    Content,
    Outcome,
    Overlap,
    Score,
    expected_content,
    found_content,
    overlap,
    score,
    summarise,
)
from ingestion.parse.elements import Element, Kind, Parsed


def test_words_count_as_often_as_they_come() -> None:
    assert overlap(["a", "b", "b", "c"], ["b", "a", "b", "b"]) == Overlap(0.75, 0.75, 0.75)
    assert overlap(["a", "b"], ["a"]) == Overlap(1.0, 0.5, 2 / 3)
    assert overlap(["a"], []) == Overlap(0.0, 0.0, 0.0)
    assert overlap([], []) == Overlap(1.0, 1.0, 1.0)


def test_order_is_the_share_of_the_found_words_that_stand_in_it() -> None:
    assert score(Content(("a", "b", "c", "d")), Content(("c", "d", "a", "b"))).order == 0.5
    assert score(Content(("a", "b", "c", "d")), Content(("a", "x", "c"))).order == 1.0


def test_of_expected_markdown_only_what_a_reader_sees_counts() -> None:
    markdown = "# A *bo*ld title\n\n<!-- image -->\n\nSee [the page](https://x.example).<br>b\\_c\n\n"
    table = "| Region | Revenue |\n| - | - |\n| North & South | |\n"
    assert expected_content(markdown + table) == Content(
        ("a", "bold", "title", "see", "the", "page", "b", "c", "region", "revenue", "north", "south"),
        ("region", "revenue", "north south"),
    )


def test_found_cells_are_those_of_tables_only() -> None:
    elements = (
        Element(Kind.PARAGRAPH, "Either | or"),
        Element(Kind.TABLE, "| A\\|B | 2 |\n| --- | --- |\n| | 3 |"),
    )
    assert found_content(Parsed(elements, "x")).cells == ("a b", "2", "3")


def test_a_file_that_was_not_read_counts_as_nothing_found() -> None:
    whole = Overlap(1.0, 1.0, 1.0)
    nothing = score(Content(("a",), ("a",)), Content(()))
    figures = summarise(
        [
            Outcome("a", "x", Score(whole, 1.0, None)),
            Outcome("b", "x", nothing, "broken"),
            Outcome("c", "x", None, "broken too"),
        ]
    )
    assert (figures.files, figures.scored, figures.failures) == (3, 2, 2)
    assert (figures.f1, figures.order) == (0.5, 0.5)
    assert figures.cells == Overlap(0.0, 0.0, 0.0)


def test_the_command_names_what_failed_and_why(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("Ships in May.")
    (tmp_path / "b.txt").write_bytes(b"")
    (tmp_path / "a.md").write_text("Ships in *May* and June.")
    rows = [{"file": "a.txt", "format": "txt", "gt_md": "a.md"}, {"file": "b.txt", "format": "txt"}]
    (tmp_path / "index.jsonl").write_text("\n".join(map(json.dumps, rows)))
    out = StringIO()
    call_command("evaluate", "parsing", str(tmp_path), "--json", stdout=out)
    found = json.loads(out.getvalue())
    assert found["overall"]["precision"] == 1.0
    assert found["formats"]["txt"]["recall"] == 0.6
    assert found["overall"]["failures"] == 1
    assert found["failed"] == [
        {
            "file": "b.txt",
            "reason": "“b.txt” is empty (0 bytes). Check that it was saved, and upload it again.",
        }
    ]


def test_a_folder_without_an_index_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"it needs an index\.jsonl with lines of file, format and gt_md"):
        call_command("evaluate", "parsing", str(tmp_path))

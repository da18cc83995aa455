"""What formats hold beyond plain text: merged cells, several tables on a sheet, notes, hidden parts."""

import re
from pathlib import Path

import pytest

from ingestion.parse import registry
from ingestion.parse.elements import Element, Hidden, Hiding, Kind, Parsed
from ingestion.parse.islands import sheet_elements
from ingestion.parse.sniff import EXTENSIONS
from ingestion.parse.tables import Cell, laid_out
from kb.errors import Unreadable
from tests import files


def read(path: Path) -> Parsed:
    return registry.read(path, EXTENSIONS[path.suffix.removeprefix(".")].media_type)


def told(parsed: Parsed) -> list[tuple[Kind, str]]:
    return [(each.kind, each.text) for each in parsed.elements]


# --- Tables ---


def test_a_merged_cell_is_said_in_each_of_its_places() -> None:
    rows = [
        [Cell("Year"), Cell("Sales", columns=2)],
        [Cell("2025", rows=2), Cell("North"), Cell("120")],
        [Cell("South"), Cell("95")],
    ]
    assert laid_out(rows) == [["Year", "Sales", "Sales"], ["2025", "North", "120"], ["2025", "South", "95"]]


def test_a_row_that_only_spans_the_rows_below_is_no_row() -> None:
    rows = [[Cell("2025", rows=3)], [Cell("North")], [Cell("South")]]
    assert laid_out(rows) == [["2025", "North"], ["2025", "South"]]


def sheet(*rows: str) -> list[str]:
    return [each.text for each in sheet_elements([row.split(",") for row in rows], 1)]


def test_a_title_above_a_table_is_not_its_header() -> None:
    table = "| Region | Revenue |\n| --- | --- |\n| North | 120 |"
    assert sheet("Sales of May", "Region,Revenue", "North,120") == ["Sales of May", table]


def test_tables_that_stand_apart_on_a_sheet_have_their_own_headers() -> None:
    first, second = "| A | B |\n| --- | --- |\n| 1 | 2 |", "| Name | Pay |\n| --- | --- |\n| Ann | 9 |"
    assert sheet("A,B", "1,2", "", "Name,Pay", "Ann,9") == [first, second]
    assert sheet("A,B,,,", "1,2,,Name,Pay", ",,,Ann,9") == [first, second]


def test_a_table_goes_on_after_an_empty_row_or_column() -> None:
    table = "| Region | Revenue |\n| --- | --- |\n| North | 120 |\n| South | 95 |"
    assert sheet("Region,Revenue", "North,120", "", "South,95") == [table]
    assert sheet("Region,,Revenue", "North,,120", "South,,95") == [table]


def test_merged_and_nested_tables_of_word_are_whole(tmp_path: Path) -> None:
    from docx import Document

    document = Document()
    outer = document.add_table(rows=1, cols=1)
    inner = outer.cell(0, 0).add_table(rows=2, cols=2)
    inner.cell(0, 0).text, inner.cell(0, 1).text = "Year", "Region"
    inner.cell(1, 0).text, inner.cell(1, 1).text = "2025", "North"
    wide = document.add_table(rows=2, cols=3)
    wide.cell(0, 0).merge(wide.cell(1, 0)).text = "Both rows"
    wide.cell(0, 1).merge(wide.cell(0, 2)).text = "Both columns"
    wide.cell(1, 1).text, wide.cell(1, 2).text = "x", "y"
    document.save(str(tmp_path / "a.docx"))
    assert told(read(tmp_path / "a.docx")) == [
        (Kind.TABLE, "| Year | Region |\n| --- | --- |\n| 2025 | North |"),
        (
            Kind.TABLE,
            "| Both rows | Both columns | Both columns |\n| --- | --- | --- |\n| Both rows | x | y |",
        ),
    ]


# --- Web pages ---


def test_a_page_that_is_laid_out_by_a_table_is_read_as_text(tmp_path: Path) -> None:
    values = "<table><tr><td>Region</td><td>Revenue</td></tr><tr><td>North</td><td>120</td></tr></table>"
    page = f"<table><tr><td><h1>News</h1>Sales<br>are up.</td></tr><tr><td>{values}</td><td>Bye.</td></tr></table>"
    assert told(read(files.written(tmp_path, "a.html", page))) == [
        (Kind.HEADING, "News"),
        (Kind.PARAGRAPH, "Sales\nare up."),
        (Kind.TABLE, "| Region | Revenue |\n| --- | --- |\n| North | 120 |"),
        (Kind.PARAGRAPH, "Bye."),
    ]


def test_all_that_a_page_says_is_read_once(tmp_path: Path) -> None:
    page = (
        "<p>One <b>b</b>old\nline</p>two<ul><li>three<ol><li>four</li></ol>five</li></ul><dl><dt>six<dd>seven</dl>"
        "<figure><figcaption>eight</figcaption></figure><pre>a  b\n  c</pre><div>nine<p>ten</div>eleven"
    )
    assert told(read(files.written(tmp_path, "a.html", page))) == [
        (Kind.PARAGRAPH, "One bold line"),
        (Kind.PARAGRAPH, "two"),
        *((Kind.LIST_ITEM, word) for word in ("three", "four", "five", "six", "seven")),
        (Kind.PARAGRAPH, "eight"),
        (Kind.CODE, "a  b\n  c"),
        *((Kind.PARAGRAPH, word) for word in ("nine", "ten", "eleven")),
    ]


# --- Office ---


def test_an_old_presentation_has_titles_text_and_notes(tmp_path: Path) -> None:
    parsed = read(files.ppt(tmp_path / "a.ppt"))
    assert parsed.elements == (
        Element(Kind.HEADING, "Plan", 1, 1),
        Element(Kind.PARAGRAPH, "Ship it in May", 1),
        Element(Kind.PARAGRAPH, "Notes: Say more", 1),
    )


def test_slides_of_an_opendocument_have_titles_and_notes_once(tmp_path: Path) -> None:
    parsed = read(files.odp(tmp_path / "a.odp"))
    assert parsed.elements == (
        Element(Kind.HEADING, "Plan", 1, 1),
        Element(Kind.PARAGRAPH, "Notes: Say more", 1),
    )


def test_a_hidden_sheet_of_an_old_workbook_is_left_out(tmp_path: Path) -> None:
    parsed = read(files.xls(tmp_path / "a.xls"))
    assert "Ann" not in parsed.text
    assert parsed.warnings == ("The sheet “Salaries” is hidden and was left out.",)
    assert parsed.hidden == (Hidden(Hiding.SHEET, "| Ann | 9 |\n| --- | --- |", 2),)


def test_an_opendocument_text_has_lists_notes_frames_and_tables(tmp_path: Path) -> None:
    body = (
        "<text:p>See<text:s/>this<text:note><text:note-citation>1</text:note-citation><text:note-body>"
        "<text:p>A footnote.</text:p></text:note-body></text:note>.</text:p>"
        "<text:list><text:list-item><text:p>Tea</text:p></text:list-item></text:list>"
        "<text:p>Box<draw:frame><draw:text-box><text:p>Inside.</text:p></draw:text-box></draw:frame></text:p>"
        "<table:table><table:table-row><table:table-cell table:number-columns-spanned='2'><text:p>Both</text:p>"
        "</table:table-cell><table:covered-table-cell/></table:table-row><table:table-row><table:table-cell>"
        "<text:p>a</text:p></table:table-cell><table:table-cell><text:p>b</text:p></table:table-cell>"
        "</table:table-row></table:table>"
    )
    assert told(read(files.opendocument(tmp_path / "a.odt", body))) == [
        (Kind.PARAGRAPH, "See this."),
        (Kind.PARAGRAPH, "A footnote."),
        (Kind.LIST_ITEM, "Tea"),
        (Kind.PARAGRAPH, "Box"),
        (Kind.PARAGRAPH, "Inside."),
        (Kind.TABLE, "| Both | Both |\n| --- | --- |\n| a | b |"),
    ]


def test_comments_deletions_and_hidden_text_of_an_opendocument_are_no_text(tmp_path: Path) -> None:
    styles = '<style:style style:name="H"><style:text-properties text:display="none"/></style:style>'
    body = (
        "<text:tracked-changes><text:p>Deleted.</text:p></text:tracked-changes><text:p>Seen<office:annotation>"
        "<text:p>A comment.</text:p></office:annotation> text"
        '<text:span text:style-name="H">Unseen.</text:span></text:p>'
    )
    parsed = read(files.opendocument(tmp_path / "a.odt", body, styles=styles))
    assert parsed.text == "Seen text"
    assert parsed.hidden == (Hidden(Hiding.COMMENT, "A comment."), Hidden(Hiding.FORMAT, "Unseen."))


def test_an_empty_sheet_of_a_million_rows_costs_nothing(tmp_path: Path) -> None:
    cell = '<table:table-cell table:number-columns-repeated="2"><text:p>1</text:p></table:table-cell>'
    empty = '<table:table-row table:number-rows-repeated="1048575"><table:table-cell/></table:table-row>'
    rows = f'<table:table-row table:number-rows-repeated="2">{cell}</table:table-row>{empty}'
    parsed = read(
        files.opendocument(
            tmp_path / "a.ods", f'<table:table table:name="S">{rows}</table:table>', kind="spreadsheet"
        )
    )
    assert parsed.elements[1].text == "| 1 | 1 |\n| --- | --- |\n| 1 | 1 |"


# --- Markup, records, transcripts ---


def test_what_docutils_does_not_know_is_kept(tmp_path: Path) -> None:
    text = "Use :ref:`the guide <guide>`.\n\n.. versionadded:: 2.1\n\n   The new way.\n\n.. include:: /etc/passwd\n"
    assert read(files.written(tmp_path, "a.rst", text)).text == "Use the guide.\n\n2.1\n\nThe new way."


def test_asciidoc_keeps_titles_of_blocks_and_styled_header_cells(tmp_path: Path) -> None:
    text = "= Guide\n\n.Steps\n\n* One\n\n|===\n^h|Name ^.^h| Size\n| tea | 4\n|===\n"
    assert told(read(files.written(tmp_path, "a.adoc", text))) == [
        (Kind.HEADING, "Guide"),
        (Kind.PARAGRAPH, "Steps"),
        (Kind.LIST_ITEM, "One"),
        (Kind.TABLE, "| Name | Size |\n| --- | --- |\n| tea | 4 |"),
    ]


RECORDS = [
    (Kind.PARAGRAPH, "shop: North"),
    (Kind.HEADING, "item"),
    (Kind.TABLE, "| name | price |\n| --- | --- |\n| Tea | 4 |\n| Cake |  |"),
    (Kind.HEADING, "owner"),
    (Kind.PARAGRAPH, "name: Ann"),
]


def test_records_are_tables_and_other_values_lines_under_headings(tmp_path: Path) -> None:
    json = (
        '{"shop": "North", "item": [{"name": "Tea", "price": 4}, {"name": "Cake"}], "owner": {"name": "Ann"}}'
    )
    xml = (
        '<order shop="North"><item><name>Tea</name><price>4</price></item><item><name>Cake</name></item>'
        "<owner><name>Ann</name></owner></order>"
    )
    assert told(read(files.written(tmp_path, "a.json", json))) == RECORDS
    assert told(read(files.written(tmp_path, "a.xml", xml))) == RECORDS


def test_prose_in_xml_stays_whole(tmp_path: Path) -> None:
    assert (
        read(files.written(tmp_path, "a.xml", "<d><p>Some <b>bold</b> words.</p></d>")).text
        == "p: Some bold words."
    )


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("a.json", "{not json", "It is not JSON: line 1 cannot be read."),
        ("a.xml", "<a><b></a>", "It is not well-formed XML"),
        ("a.vtt", "Just words.", "It holds no captions with times."),
    ],
)
def test_broken_text_says_what_is_wrong(tmp_path: Path, name: str, text: str, sentence: str) -> None:
    with pytest.raises(Unreadable, match=re.escape(sentence)):
        read(files.written(tmp_path, name, text))


def test_an_entity_of_xml_is_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("the secret")
    xml = f'<!DOCTYPE d [<!ENTITY e SYSTEM "file://{tmp_path}/secret">]><d><a>open</a><b>&e;</b></d>'
    with pytest.raises(Unreadable, match="It declares XML entities of its own"):
        read(files.written(tmp_path, "a.xml", xml))


def test_a_transcript_is_turns_of_speakers(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\n00:00.000 --> 00:02.000\n<v Ann>Ships in May,</v>\n\n"
        "00:02.000 --> 00:04.000\n<v Ann>I think.</v>\n\n"
        "00:04.000 --> 00:06.000\n<v Bob>Good.</v>\n"
    )
    assert read(files.written(tmp_path, "a.vtt", text)).text == "Ann: Ships in May,\nI think.\n\nBob: Good."


def test_source_code_keeps_its_indentation(tmp_path: Path) -> None:
    parsed = read(files.written(tmp_path, "a.py", "import os\n\n\ndef f():\n    return os\n"))
    assert told(parsed) == [(Kind.CODE, "import os"), (Kind.CODE, "def f():\n    return os")]


def test_an_outlook_message_has_its_headers_and_body_and_names_what_is_attached(tmp_path: Path) -> None:
    parsed = read(files.msg(tmp_path / "a.msg", attachment="Attached."))
    assert parsed.title == "Accounts for May"
    headers = parsed.elements[0].text.splitlines()
    assert (headers[0], headers[-1]) == ("From: Ann Lee <ann@northwind.example>", "Attachments: note.txt")
    assert [each.text for each in parsed.elements[1:]] == [files.PROSE]

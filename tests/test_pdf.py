"""PDF and pictures: scans, columns, forms, turned and damaged files, and tables that can be read row by row."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pypdfium2 import PdfDocument

from ingestion.parse import children, pdf_scans, registry, sandbox, scans, tessdata
from ingestion.parse.continued import with_headers
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.hidden import separate
from ingestion.parse.ocr import Recognised
from ingestion.parse.pdf_headers import Span, Word, header_above, heads_nothing
from ingestion.parse.pdf_place import Frame
from ingestion.parse.reading import READING, Patient, Reading, Recognition
from ingestion.parse.sniff import PDF, TIFF
from kb.checks import check_recognition
from kb.errors import Unreadable
from tests import files

needs_tesseract = pytest.mark.skipif(
    tessdata.folder_with("eng") is None, reason="Tesseract's English is not installed: python -m tests.debian"
)


def read(path: Path) -> Parsed:
    return registry.read(path, PDF.media_type)


def texts(parsed: Parsed) -> list[tuple[int | None, str]]:
    return [(each.page, each.text) for each in parsed.elements]


# --- Scans and pictures ---


@needs_tesseract
def test_only_the_pages_that_are_pictures_are_recognised(tmp_path: Path) -> None:
    parsed = read(files.scan_pdf(tmp_path / "a.pdf", pages=2, written=[1]))
    assert texts(parsed) == [(1, "Page 1 is written and needs no recognition."), (2, files.PROSE)]
    assert parsed.warnings == ()


@needs_tesseract
@pytest.mark.parametrize("turned", [90, 3])
def test_a_scan_that_lies_askew_is_read(tmp_path: Path, turned: float) -> None:
    found = " ".join(text for _, text in texts(read(files.scan_pdf(tmp_path / "a.pdf", turned=turned))))
    assert "looked at the" in found
    assert "with great interest." in found


@needs_tesseract
def test_each_frame_of_a_tiff_is_a_page(tmp_path: Path) -> None:
    frames = [files.picture("The first page is short."), files.picture("The second one is shorter.")]
    frames[0].save(tmp_path / "a.tif", save_all=True, append_images=frames[1:])
    parsed = registry.read(tmp_path / "a.tif", TIFF.media_type)
    assert texts(parsed) == [(1, "The first page is short."), (2, "The second one is shorter.")]
    assert parsed.pages == 2


@needs_tesseract
def test_it_tells_how_far_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Hearing(Patient):
        def progress(self, page: int, pages: int) -> None:
            heard.append((page, pages))

    monkeypatch.setattr(children, "GLANCE", 0.01)
    heard: list[tuple[int, int]] = []
    sandbox.parse(
        files.scan_pdf(tmp_path / "scan.pdf", pages=2),
        name="scan.pdf",
        media_type=PDF.media_type,
        limits=sandbox.Limits(),
        watch=Hearing(),
    )
    assert heard[-1] == (2, 2)


@pytest.fixture
def one_page_of_english() -> Iterator[None]:
    token = READING.set(Reading(Recognition("eng", most_pages=1)))
    yield
    READING.reset(token)


class Unsure:
    def __init__(self, languages: str) -> None:
        self.languages = languages

    def read(self, picture: object) -> Recognised:
        return Recognised(("Hardly legible.",), 40)


@pytest.mark.usefixtures("one_page_of_english")
def test_what_was_not_read_or_is_uncertain_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scans, "Recogniser", Unsure)
    uncertain, left_out, empty = read(files.scan_pdf(tmp_path / "a.pdf", pages=3)).warnings
    assert "uncertain and may be wrong: 1." in uncertain
    assert "Only the first 1 of 3 scanned pages were read." in left_out
    assert "2 of 3 pages hold no text and cannot be searched: 2, 3." in empty


def test_without_tesseract_a_scan_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tessdata, "PLACES", ())
    monkeypatch.delenv("TESSDATA_PREFIX", raising=False)
    with pytest.raises(Unreadable, match="apt install tesseract-ocr-osd tesseract-ocr-eng"):
        read(files.scan_pdf(tmp_path / "a.pdf"))
    (warning, _) = read(files.scan_pdf(tmp_path / "b.pdf", pages=2, written=[1])).warnings
    assert warning.startswith("These pages are pictures and were not read: 2.")
    assert [each.id for each in check_recognition(None)] == ["strongroom.W020"]


def test_a_poster_is_drawn_coarser() -> None:
    document = PdfDocument.new()
    document.new_page(14_400, 14_400)
    image = pdf_scans._drawn(document, 1)
    assert image.width * image.height <= pdf_scans.MOST_PIXELS * 1.01


# --- Order, forms, damage ---


def test_columns_are_read_one_after_the_other(tmp_path: Path) -> None:
    found = read(files.columns_pdf(tmp_path / "a.pdf")).text
    assert re.findall(r"(?:Left|Right) \d+", found) == [
        *(f"Left {n}" for n in range(1, 13)),
        *(f"Right {n}" for n in range(1, 13)),
    ]


def test_what_is_filled_in_or_written_on_a_page_is_text_and_a_comment_is_not(tmp_path: Path) -> None:
    parsed = read(files.form_pdf(tmp_path / "a.pdf"))
    assert [text for _, text in texts(parsed)][1:] == [
        "Name of employee: Ann Lee",
        "Full time: yes",
        "Approved in May",
    ]
    assert [each.text for each in parsed.hidden] == ["Ask her again"]


def test_a_table_on_a_page_that_was_written_sideways_is_found(tmp_path: Path) -> None:
    path = files.sideways(files.pdf(tmp_path / "a.pdf", pages=1, table=files.TABLE))
    tables = [each.text for each in read(path).elements if each.kind is Kind.TABLE]
    assert tables == ["| Region | Revenue |\n| --- | --- |\n| North | 120 |\n| South | 95 |"]


def test_a_damaged_file_is_repaired_and_says_so(tmp_path: Path) -> None:
    path = files.pdf(tmp_path / "a.pdf", pages=2)
    whole = path.read_bytes()
    path.write_bytes(whole[: whole.index(b"\nxref\n")])
    parsed = read(path)
    assert parsed.pages == 2
    assert files.PROSE in parsed.text
    assert parsed.warnings[0].startswith("This PDF is damaged and was repaired")


def test_a_page_is_not_written_anew_for_a_space_that_nobody_sees(tmp_path: Path) -> None:
    path = files.spaced_pdf(tmp_path / "a.pdf")
    assert separate(path, PDF.media_type).path == path


# --- Tables ---


def test_the_lines_above_a_table_head_its_columns() -> None:
    words = [
        *line(10, (0, "Statement"), (55, "of"), (70, "income"), (110, "of"), (125, "the"), (145, "group")),
        *line(30, (100, "Months"), (140, "to"), (152, "May"), (200, "Months"), (240, "to"), (252, "June")),
        *line(42, (0, "in"), (12, "euros"), (110, "2022"), (210, "2021")),
    ]
    header = header_above(words, 54, [Span(0, 90), Span(90, 190), Span(190, 290)])
    assert header is not None
    assert header.cells == ("in euros", "Months to May 2022", "Months to June 2021")
    assert header.top == 30


def test_prose_above_a_table_does_not_head_it() -> None:
    words = line(40, (0, "This"), (24, "table"), (50, "shows"), (84, "what"), (110, "we"), (128, "earned."))
    assert header_above(words, 52, [Span(0, 90), Span(90, 190)]) is None


def line(top: float, *words: tuple[float, str]) -> list[Word]:
    return [Word(text, Frame(left, top, left + 6 * len(text), top + 10)) for left, text in words]


@pytest.mark.parametrize(
    ("row", "nothing"),
    [
        (["Net sales", "$3,642", "(10)"], True),
        (["Assets", "", ""], True),
        (["", "2022", "2021"], False),
        (["Region", "Revenue"], False),
    ],
)
def test_amounts_and_lone_words_head_nothing(row: list[str], nothing: bool) -> None:
    assert heads_nothing(row) is nothing


def test_a_table_that_goes_on_over_the_page_has_its_header_there() -> None:
    first = Element(Kind.TABLE, "| Region | Revenue |\n| --- | --- |\n| North | 120 |", 1)
    second = Element(Kind.TABLE, "| South | 95 |\n| --- | --- |\n| West | 7 |", 2)
    footer = Element(Kind.PARAGRAPH, "Page 1", 1)
    completed = with_headers([first, footer, second])[-1]
    assert completed.text == "| Region | Revenue |\n| --- | --- |\n| South | 95 |\n| West | 7 |"
    assert completed.page == 2
    prose = Element(Kind.PARAGRAPH, files.PROSE + files.PROSE, 2)
    assert with_headers([first, prose, second])[-1] == second

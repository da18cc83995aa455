"""The sample library: real files, the same each time, and questions that fit them."""

import csv
import email
import email.policy
import io
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypdfium2
import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

from kb.sample.build import SampleDocument, build, manuscript_of
from kb.sample.golden import golden_questions, labelled_texts
from kb.sample.library import load_library
from kb.sample.manuscript import Item, Manuscript, Table

LIBRARY = load_library()
SOURCES = {entry.title: manuscript_of(entry).text for entry in LIBRARY.documents}
QUESTIONS = golden_questions()
SENSITIVITIES = {"PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED"}

# A sentence, or the cells of a row, that a reader of each file must find in it.
KEYS = {
    "employee-handbook-2026.docx": "Full-time employees have 25 working days of annual leave in Cork",
    "graduate-programme-handbook.docx": "G2, master €45,000 to €48,500",
    "travel-policy-2026.pdf": "London, Zürich and Copenhagen €220",
    "travel-policy-2023-superseded.docx": "Each full day with a night away €39",
    "reisekostenrichtlinie-koeln.docx": "Voller Kalendertag (24 Stunden) 28,00 €",
    "works-agreement-mobile-work.docx": "on no more than twelve days in a calendar month",
    "information-security-policy.md": "within 72 hours of their release",
    "it-onboarding.txt": "The first password works for 24 hours.",
    "price-list-2026.xlsx": "Platinum 750000 32 % 35 % 20 % 18 %",
    "castell-cb-datasheet.pdf": "Flush water per cycle 60 L 95 L 180 L",
    "osmera-os-datasheet.pdf": "Salt rejection 99.2 % 99.2 % 99.2 %",
    "castell-cb-maintenance-manual.pdf": "Lid bolts M12, 55 Nm M12, 55 Nm M16, 110 Nm",
    "product-faq.md": "24 months from delivery.",
    "press-release-cb-300.html": "The first 14 filters go to Stadtwerke Erlenbrück",
    "spare-parts-stock-may-2026.csv": "KM-51120 Screen basket 100 µm CB-150 Köln K-04-12 14",
    "incident-report-ir-2026-007.docx": "Total €19,870",
    "complaint-papierfabrik-auerwald.eml": "It carried a brown dot.",
    "operations-minutes-2026-05-21.docx": "Move FKM rings to shelf K-03, new labels Bob Krämer 29 May 2026",
    "supply-agreement-sundholt.pdf": "The price is €388 for each membrane",
    "privacy-notice-applicants.html": "No decision is taken by a machine alone.",
    "memo-flush-valve-patent.docx": "Redesign of the valve plate, seven months €240,000",
    "results-q1-2026.pptx": "Castell 9.8 8.1 +21.0 %",
    "payroll-koeln-march-2026.csv": "Yildiz Emre Senior service technician 520 5340.00 412.50",
    "board-minutes-2026-04-28.pdf": "a non-binding offer of €23.5 million",
    "vermerk-ahorn.txt": "In Köln entfallen 22 Stellen",
    "succession-of-the-managing-director.eml": "she wishes to step down as managing director on 31 March 2027",
}


def _pdf(path: Path) -> list[str]:
    with pypdfium2.PdfDocument(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


def _docx(path: Path) -> list[str]:
    document = Document(str(path))
    rows = [cell.text for table in document.tables for row in table.rows for cell in row.cells]
    return [" ".join([*(paragraph.text for paragraph in document.paragraphs), *rows])]


def _pptx(path: Path) -> list[str]:
    def texts(shape: Any) -> list[str]:
        if shape.has_table:
            return [cell.text for row in shape.table.rows for cell in row.cells]
        return [shape.text_frame.text]

    slides = Presentation(str(path)).slides
    return [" ".join(text for shape in slide.shapes for text in texts(shape)) for slide in slides]


def _xlsx(path: Path) -> list[str]:
    sheets = load_workbook(path).worksheets
    return [
        " ".join(str(cell) for row in sheet.values for cell in row if cell is not None) for sheet in sheets
    ]


def _csv(path: Path) -> list[str]:
    return [" ".join(cell for row in csv.reader(io.StringIO(path.read_text("utf-8"))) for cell in row)]


def _eml(path: Path) -> list[str]:
    body = email.message_from_bytes(path.read_bytes(), policy=email.policy.default).get_body(("plain",))
    return [body.get_content()] if body else []


def _plain(path: Path) -> list[str]:
    return [path.read_text("utf-8")]


READERS: dict[str, Callable[[Path], list[str]]] = {
    ".pdf": _pdf,
    ".docx": _docx,
    ".pptx": _pptx,
    ".xlsx": _xlsx,
    ".csv": _csv,
    ".eml": _eml,
    ".html": _plain,
    ".md": _plain,
    ".txt": _plain,
}


def _pages(path: Path) -> list[str]:
    """What the file's own library reads, page by page, with white space evened out."""
    return [" ".join(page.split()) for page in READERS[path.suffix](path)]


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> dict[str, SampleDocument]:
    return {document.path.name: document for document in build(tmp_path_factory.mktemp("sample"))}


def test_building_twice_gives_the_same_bytes(documents: dict[str, SampleDocument], tmp_path: Path) -> None:
    changed = [
        again.path.name for again in build(tmp_path) if _bytes(again) != _bytes(documents[again.path.name])
    ]
    assert changed == []


def _bytes(document: SampleDocument) -> bytes:
    return document.path.read_bytes()


def test_an_office_file_does_not_tell_when_it_was_built(documents: dict[str, SampleDocument]) -> None:
    written = {
        name: Document(str(documents[name].path)).core_properties.modified.isoformat()
        for name in ("employee-handbook-2026.docx", "memo-flush-valve-patent.docx")
    }
    assert written == {
        "employee-handbook-2026.docx": "2026-01-05T12:00:00+00:00",
        "memo-flush-valve-patent.docx": "2026-04-20T12:00:00+00:00",
    }


@pytest.mark.parametrize(("name", "key"), KEYS.items())
def test_a_file_opens_with_its_own_library_and_holds_its_key_sentence(
    name: str, key: str, documents: dict[str, SampleDocument]
) -> None:
    assert any(key in page for page in _pages(documents[name].path))


def test_every_document_has_a_key_sentence() -> None:
    assert set(KEYS) == {entry.file for entry in LIBRARY.documents}


def test_the_library_spans_formats_labels_and_collections() -> None:
    documents = LIBRARY.documents
    assert {Path(entry.file).suffix for entry in documents} == set(READERS)
    assert {entry.sensitivity for entry in documents} == SENSITIVITIES
    assert {entry.category for entry in documents} == {category.name for category in LIBRARY.categories}
    assert {entry.collection for entry in documents} == {shelf.name for shelf in LIBRARY.collections}


def test_a_document_is_no_laxer_than_its_collection_allows() -> None:
    order = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED"]
    least = {shelf.name: order.index(shelf.minimum_sensitivity) for shelf in LIBRARY.collections}
    assert [e.title for e in LIBRARY.documents if order.index(e.sensitivity) < least[e.collection]] == []


def test_the_manual_is_long_and_its_tables_are_ruled(documents: dict[str, SampleDocument]) -> None:
    with pypdfium2.PdfDocument(documents["castell-cb-maintenance-manual.pdf"].path) as manual:
        lines = [item for item in manual[11].get_objects() if item.type == pypdfium2.raw.FPDF_PAGEOBJ_PATH]
        assert len(manual) >= 10
        assert len(lines) > 20


def test_word_documents_have_real_headings(documents: dict[str, SampleDocument]) -> None:
    paragraphs = Document(str(documents["employee-handbook-2026.docx"].path)).paragraphs
    styles = {paragraph.text: getattr(paragraph.style, "name", None) for paragraph in paragraphs}
    assert styles["Employee Handbook 2026"] == "Title"
    assert styles["4 Leave"] == "Heading 1"
    assert styles["4.3 Carrying leave over"] == "Heading 2"


def test_prices_are_numbers(documents: dict[str, SampleDocument]) -> None:
    sheet = load_workbook(documents["price-list-2026.xlsx"].path)["Spare parts"]
    prices = {row[0]: row[3] for row in sheet.values}
    assert (prices["KM-54410"], prices["KM-52004"], prices["Part number"]) == (890, 18.5, "List price EUR")


def test_a_list_keeps_its_numbers_and_a_table_its_header() -> None:
    day = LIBRARY.documents[0].written
    text = "1. one\n2. two\n\n| a | b |\n|---|---|\n| 1 | **2** |\n"
    assert Manuscript("t", "a", day, "en", text).blocks == (
        Item("one", 1),
        Item("two", 2),
        Table(("a", "b"), (("1", "2"),)),
    )


def test_markdown_that_no_writer_can_set_is_refused() -> None:
    manuscript = Manuscript("t", "a", LIBRARY.documents[0].written, "en", "> quoted")
    with pytest.raises(ValueError, match="no writer can set: blockquote"):
        _ = manuscript.blocks


def test_the_ibans_of_the_payroll_pass_their_checksum_and_name_no_bank() -> None:
    ibans = re.findall(r"\bDE\d{20}\b", SOURCES["Payroll Extract Köln, March 2026"])
    assert len(set(ibans)) == 24
    # ISO 13616: the first four characters go last, letters count from 10, the remainder by 97 is 1.
    assert [iban for iban in ibans if int(iban[4:] + "1314" + iban[2:4]) % 97 != 1] == []
    # German bank codes begin with 1 to 8.
    assert {iban[4] for iban in ibans} == {"9"}


def test_only_numbers_and_domains_that_belong_to_nobody_are_used() -> None:
    text = "\n".join(SOURCES.values())
    # Ranges that the regulators of Ireland and Germany keep for drama.
    fictional = re.compile(r"\+353 20 91\d( \d{4})?|\+49 221 4710( \d{3})?|\+49 171 39200 \d\d")
    numbers = set(re.findall(r"\+\d{2,3} [\d ]*\d", text))
    assert [number for number in numbers if not fictional.fullmatch(number)] == []
    assert set(re.findall(r"@[\w.-]*\.(\w+)", text)) == {"example"}


def test_golden_questions_name_people_and_documents_that_exist() -> None:
    people = {person.username for person in LIBRARY.people}
    cited = {title for question in QUESTIONS for title in (question.document, *question.also) if title}
    assert {question.ask_as for question in QUESTIONS} == people
    assert cited <= set(SOURCES)


def test_there_are_enough_questions_of_each_kind() -> None:
    kinds = Counter(question.expect for question in QUESTIONS)
    assert (kinds["answer"] >= 50, kinds["refuse"] >= 32, kinds["hidden"] >= 18) == (True, True, True)


def test_expected_words_occur_in_the_source() -> None:
    answered = [question for question in QUESTIONS if question.expect == "answer"]
    assert all(question.words for question in answered)
    assert [(q.question, w) for q in answered for w in q.words if w not in SOURCES[q.document or ""]] == []


def test_expected_pages_hold_an_expected_word(documents: dict[str, SampleDocument]) -> None:
    by_title = {document.title: _pages(document.path) for document in documents.values()}
    for question in (question for question in QUESTIONS if question.pages):
        pages = by_title[question.document or ""]
        assert any(word in pages[number - 1] for number in question.pages or () for word in question.words)


def test_what_must_not_leak_stands_in_the_hidden_document_and_not_in_the_question() -> None:
    for question in (question for question in QUESTIONS if question.expect == "hidden"):
        title = question.document or ""
        assert question.never
        assert [word for word in question.never if word not in title + SOURCES[title]] == []
        assert [word for word in question.never if word in question.question] == []


def test_who_is_asked_to_answer_may_see_the_document_and_who_is_not_may_not() -> None:
    seen = {
        question: _may_see(question.ask_as, question.document) for question in QUESTIONS if question.document
    }
    assert [q.question for q, visible in seen.items() if visible != (q.expect == "answer")] == []


def _may_see(username: str, title: str) -> bool:
    order = ["PUBLIC", "INTERNAL", "CONFIDENTIAL", "RESTRICTED"]
    person = next(person for person in LIBRARY.people if person.username == username)
    entry = next(entry for entry in LIBRARY.documents if entry.title == title)
    shelf = next(shelf for shelf in LIBRARY.collections if shelf.name == entry.collection)
    cleared = order.index(entry.sensitivity) <= order.index(person.clearance)
    return cleared and bool(set(person.groups) & set(shelf.readers))


def test_the_questions_to_try_are_golden_ones() -> None:
    golden = {(question.question, question.ask_as) for question in QUESTIONS if question.expect == "answer"}
    assert len(LIBRARY.try_questions) == 3
    assert {(question.question, question.ask_as) for question in LIBRARY.try_questions} <= golden


def test_labelled_texts_are_balanced() -> None:
    labels = sorted((text.category, text.sensitivity, text.split) for text in labelled_texts())
    assert labels == sorted(_cells())
    assert len(labels) == 80


def _cells() -> list[tuple[str, str, str]]:
    categories = [category.name for category in LIBRARY.categories]
    return [(c, s, split) for c in categories for s in sorted(SENSITIVITIES) for split in ("dev", "test")]


def test_labelled_texts_have_sixty_to_a_hundred_and_fifty_words() -> None:
    assert [t.text for t in labelled_texts() if not 60 <= len(t.text.split()) <= 150] == []

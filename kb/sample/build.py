"""Builds the sample documents: the same text always gives the same bytes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from kb.sample.library import FOLDER, Entry, load_library
from kb.sample.manuscript import Manuscript
from kb.sample.writers.mail import write_mail
from kb.sample.writers.pages import write_pdf
from kb.sample.writers.sheets import write_xlsx
from kb.sample.writers.slides import write_pptx
from kb.sample.writers.web import write_html
from kb.sample.writers.word import write_docx

TEXTS = FOLDER / "text"


def _as_it_stands(manuscript: Manuscript) -> bytes:
    return manuscript.text.encode()


WRITERS: dict[str, Callable[[Manuscript], bytes]] = {
    ".csv": _as_it_stands,
    ".md": _as_it_stands,
    ".txt": _as_it_stands,
    ".docx": write_docx,
    ".eml": write_mail,
    ".html": write_html,
    ".pdf": write_pdf,
    ".pptx": write_pptx,
    ".xlsx": write_xlsx,
}


@dataclass(frozen=True, slots=True)
class SampleDocument:
    """A file of the sample library, and how it should be shelved and labelled."""

    path: Path
    title: str
    collection: str
    sensitivity: str
    category: str
    owner: str
    chosen_by_owner: bool


def build(folder: Path) -> list[SampleDocument]:
    """Writes every sample document into the folder, and makes the folder if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    return [_build_one(entry, folder) for entry in load_library().documents]


def _build_one(entry: Entry, folder: Path) -> SampleDocument:
    path = folder / entry.file
    path.write_bytes(WRITERS[path.suffix](manuscript_of(entry)))
    return SampleDocument(
        path,
        entry.title,
        entry.collection,
        entry.sensitivity,
        entry.category,
        entry.owner,
        entry.chosen_by_owner,
    )


def manuscript_of(entry: Entry) -> Manuscript:
    """The source of a document: a text of the very same name, or else Markdown of the same stem."""
    same_name = TEXTS / entry.file
    source = same_name if same_name.exists() else same_name.with_suffix(".md")
    return Manuscript(
        entry.title, entry.author, entry.written, entry.language, source.read_text(encoding="utf-8")
    )

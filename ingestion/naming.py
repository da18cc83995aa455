"""What a document is called: by the person who brought it, by itself, or by its file."""

import re
from pathlib import PurePath

from kb.models import Version

TITLE_LENGTH = 300
CALLED_LENGTH = 100
"""Characters of a file's name that are indexed."""
WORD = re.compile(r"[^\W_]+")
SAYS_NOTHING = re.compile(
    r"(exhibit|annex|appendix|schedule|anlage|document|dokument|untitled|microsoft word|slide|sheet|page|draft|scan)?"
    r"[\s\d.:()_-]*[a-z]?\d*",
    re.IGNORECASE,
)
"""A title that would fit any document: “Exhibit 1.2”, “Document1”."""


def title_from(name: str) -> str:
    """“annual_report-2025.pdf” → “annual report 2025”, until the document says what it is called."""
    return " ".join(PurePath(name).stem.replace("_", " ").replace("-", " ").split())[:TITLE_LENGTH] or name


def title_of(version: Version, own: str | None) -> str:
    """The title that a person gave; else what the document calls itself (`own`), if that says anything."""
    given = version.document.title
    if given != title_from(version.name) or not own or SAYS_NOTHING.fullmatch(own.strip()):
        return given
    return own.strip()[:TITLE_LENGTH]


def called(name: str, title: str) -> str:
    """The file's name where it says more than the title, because people ask for documents by it; else nothing."""
    stem = PurePath(name).stem
    return stem[:CALLED_LENGTH] if _words(stem) - _words(title) else ""


def _words(text: str) -> set[str]:
    return set(WORD.findall(text.casefold()))

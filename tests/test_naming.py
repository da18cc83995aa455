"""What a document is called."""

import pytest

from ingestion.naming import called, title_from, title_of
from kb.models import Document, Version


def version(name: str, title: str = "") -> Version:
    return Version(name=name, document=Document(title=title or title_from(name)))


def test_a_file_s_name_becomes_a_title() -> None:
    assert title_from("annual_report-2025.pdf") == "annual report 2025"


def test_what_the_document_calls_itself_is_better_than_its_file_s_name() -> None:
    assert title_of(version("scan0042.pdf"), "Travel Policy 2026") == "Travel Policy 2026"


def test_a_title_that_a_person_gave_stands() -> None:
    assert title_of(version("policy.pdf", "Our travel rules"), "Travel Policy 2026") == "Our travel rules"


@pytest.mark.parametrize(
    "own", ["Exhibit 1.2", "EXHIBIT 10.13", "Document1", "Untitled", "Annex A", "3.", " ", None]
)
def test_a_title_that_would_fit_any_document_is_not_taken(own: str | None) -> None:
    assert title_of(version("Acme_Supply-Agreement.pdf"), own) == "Acme Supply Agreement"


def test_the_file_s_name_is_indexed_where_it_says_more_than_the_title() -> None:
    assert called("Acme_EX-10.pdf", "Supply Agreement") == "Acme_EX-10"
    assert called("supply-agreement.pdf", "Supply Agreement with Acme") == ""

"""Documents that a query calls by name."""

import pytest
from pytest_django.fixtures import Settings

from inference.named import Called, called
from inference.retrieve import rank, retrieve
from kb.index.protocol import Narrowing, Scored
from kb.models import Collection, Document, Person, Sensitivity, Version
from tests.builders import indexed, make_document

NOTICE = "Either party may end it with notice of three months."
LEASES = ("Berlin office lease", "Dublin office lease")


@pytest.fixture
def leases(fake_models: Settings, shelf: Collection, dana: Person) -> list[Document]:
    """Two that say the same, each under its own name, and say its name all over."""
    texts = [f"The rooms of the lease, part {n}, are let." for n in range(8)]
    return [
        indexed(make_document(shelf, owner=dana, title=title, chunks=[*texts, NOTICE])) for title in LEASES
    ]


def named(query: str, documents: list[Document], person: Person) -> Called | None:
    hits = [
        Scored(document.current_version_id, 0, 1.0) for document in documents if document.current_version_id
    ]
    return called(query, hits, person, "en")


def test_a_query_that_names_a_document_is_told_apart_from_what_it_asks(
    leases: list[Document], alice: Person
) -> None:
    found = named("What is the notice period of the Berlin office lease?", leases, alice)
    assert found == Called(frozenset({leases[0].pk}), "What is the notice period of the")


def test_a_file_s_name_is_a_name_too(leases: list[Document], alice: Person) -> None:
    Version.objects.filter(document=leases[1]).update(name="IE_Tenancy-Agreement_2026.pdf")
    found = named("Who signed IE_Tenancy-Agreement_2026?", leases, alice)
    assert found == Called(frozenset({leases[1].pk}), "Who signed")


@pytest.mark.parametrize(
    "query", ["notice period", "What about the office?", "Berlin office lease", "the Berlin office lease?"]
)
def test_without_a_name_or_without_a_question_nothing_is_told_apart(
    query: str, leases: list[Document], alice: Person
) -> None:
    assert named(query, leases, alice) is None


def test_the_name_of_a_hidden_document_is_not_known(leases: list[Document], alice: Person) -> None:
    Document.objects.filter(pk=leases[0].pk).update(sensitivity=Sensitivity.RESTRICTED)
    assert named("notice period of the Berlin office lease", leases, alice) is None


def test_what_is_asked_is_found_inside_the_document_that_is_named(
    leases: list[Document], alice: Person
) -> None:
    for title in LEASES:
        best = retrieve(f"notice months {title}", alice).hits[0]
        assert (best.title, best.text) == (title, NOTICE)


def test_looking_inside_never_leaves_what_the_search_is_kept_to(
    leases: list[Document], alice: Person
) -> None:
    other = Narrowing(documents=frozenset({leases[1].pk}))
    found = rank("notice months Berlin office lease", alice, narrowing=other)
    assert {hit.version for hit in found.final} == {leases[1].current_version_id}

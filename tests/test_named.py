"""Documents that a query calls by name."""

from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from inference.named import Called, called, with_opening
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


def called_alone(document: Document, rest: str) -> Called:
    assert document.current_version_id
    return Called(frozenset({document.pk}), frozenset({document.current_version_id}), rest)


def test_a_query_that_names_a_document_is_told_apart_from_what_it_asks(
    leases: list[Document], alice: Person
) -> None:
    found = named("What is the notice period of the Berlin office lease?", leases, alice)
    assert found == called_alone(leases[0], "What is the notice period of the")


def test_a_file_s_name_is_a_name_too(leases: list[Document], alice: Person) -> None:
    Version.objects.filter(document=leases[1]).update(name="IE_Tenancy-Agreement_2026.pdf")
    found = named("Who signed IE_Tenancy-Agreement_2026?", leases, alice)
    assert found == called_alone(leases[1], "Who signed")


@pytest.mark.parametrize(
    ("query", "rest"),
    [
        ("Does the Berlin office lease contain a clause on notice?", "Does the a on notice?"),
        ("Enthält der Berlin office lease eine Klausel zum Hausrat?", "der eine zum Hausrat?"),
        ("Which clause does the Berlin office lease contain?", "Which clause does the contain?"),
    ],
)
def test_words_about_the_text_are_not_what_is_asked_unless_nothing_else_is(
    query: str, rest: str, leases: list[Document], alice: Person
) -> None:
    assert named(query, leases, alice) == called_alone(leases[0], rest)


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


def test_the_opening_of_a_named_document_is_among_the_first() -> None:
    named_one, other = uuid4(), uuid4()
    hits = [Scored(other, n, 20.0 - n) for n in range(4)] + [
        Scored(named_one, n, 9.0 - n) for n in range(7, 0, -1)
    ]
    best = sorted(hits, key=lambda hit: -hit.score)
    opened = with_opening(best, {named_one})
    assert opened[:4] == best[:4]
    assert [(hit.version, hit.ordinal, hit.score) for hit in opened[4:6]] == [
        (named_one, 0, best[4].score),
        (named_one, 1, best[4].score),
    ]
    assert len({(hit.version, hit.ordinal) for hit in opened}) == len(opened) == len(hits) + 1


def test_no_opening_is_added_of_a_document_that_was_not_found() -> None:
    hits = [Scored(uuid4(), 3, 9.0 - n) for n in range(8)]
    assert with_opening(hits, {uuid4()}) == hits

"""What a person may keep a search to: by names of what he may see."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from inference.narrowing import Wish, kept_to, narrowing_of, noted, read
from inference.retrieve import retrieve
from ingestion.index import reindex
from ingestion.tags import put_on
from kb.errors import Rejected
from kb.index.protocol import Narrowing
from kb.models import Category, Chunk, Collection, Document, Person, Sensitivity
from tests.builders import make_collection, make_document

NEW_YEAR = date(2026, 1, 1)


@pytest.fixture
def lease(dana: Person, shelf: Collection) -> Document:
    """A contract in German, brought in in the last second of a day."""
    document = make_document(shelf, owner=dana, title="Lease", chunks=["The rent is due on the third."])
    put_on(document, ("rent", "berlin"))
    Document.objects.filter(pk=document.pk).update(category=Category.objects.get(name="Contract"))
    moment = datetime(2026, 1, 1, 23, 59, 59, 999_999, tzinfo=UTC)
    document.versions.update(language="de", created_at=moment)
    document.refresh_from_db()
    return document


def test_names_become_what_the_index_knows(lease: Document, alice: Person) -> None:
    wish = Wish(("Handbook",), ("Contract",), (" RENT ",), ("DE",), NEW_YEAR, NEW_YEAR)
    assert narrowing_of(wish, alice) == Narrowing(
        collections=frozenset({lease.collection_id}),
        categories=frozenset({lease.category_id}),
        tags=frozenset({"rent"}),
        languages=frozenset({"de"}),
        since=NEW_YEAR,
        until=NEW_YEAR,
    )


def test_no_wish_narrows_nothing(alice: Person) -> None:
    assert narrowing_of(Wish(), alice) == Narrowing()


@pytest.mark.parametrize("kind", ["collection", "category", "tag"])
def test_what_one_may_not_see_is_told_like_what_there_is_not(
    kind: str, lease: Document, charlie: Person
) -> None:
    names = {"collection": "Handbook", "category": "Contract", "tag": "rent"}
    field = {"collection": "collections", "category": "categories", "tag": "tags"}[kind]
    for name in (names[kind], "nowhere"):
        with pytest.raises(Rejected) as error:
            narrowing_of(replace(Wish(), **{field: (name,)}), charlie)
        assert str(error.value) == f"There is no {kind} “{name}”, or none that you may see."


def test_a_tag_of_documents_above_the_clearance_is_not_known(lease: Document, bob: Person) -> None:
    Document.objects.filter(pk=lease.pk).update(sensitivity=Sensitivity.RESTRICTED)
    with pytest.raises(Rejected, match="There is no tag “rent”"):
        narrowing_of(Wish(tags=("rent",)), bob)


@pytest.mark.parametrize(
    ("wish", "message"),
    [
        (Wish(languages=("german",)), "“german” is no language. Write its two letters of ISO 639-1"),
        (
            Wish(since=date(2026, 2, 1), until=NEW_YEAR),
            "No day is both since 2026-02-01 and until 2026-01-01",
        ),
        (Wish(tags=(",",)), "There is no tag “,”"),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(wish: Wish, message: str, alice: Person) -> None:
    with pytest.raises(Rejected, match=message):
        narrowing_of(wish, alice)


@pytest.mark.parametrize(
    ("narrowing", "kept"),
    [
        (Narrowing(), True),
        (Narrowing(tags=frozenset({"rent", "berlin"})), True),
        (Narrowing(tags=frozenset({"train"})), False),
        (Narrowing(tags=frozenset()), False),
        (Narrowing(languages=frozenset({"en"})), False),
        (Narrowing(categories=frozenset()), False),
        (Narrowing(since=NEW_YEAR, until=NEW_YEAR), True),
        (Narrowing(since=date(2026, 1, 2)), False),
        (Narrowing(until=date(2025, 12, 31)), False),
        (Narrowing(since=date.min, until=date.max), True),
    ],
)
def test_sql_keeps_to_a_narrowing(lease: Document, narrowing: Narrowing, kept: bool) -> None:
    assert Chunk.objects.filter(kept_to(narrowing)).count() == kept


def test_index_and_sql_agree_on_the_day(fake_models: object, lease: Document, alice: Person) -> None:
    reindex(lease.current_version)
    found = [
        bool(retrieve("rent", alice, narrowing=Narrowing(since=day, until=day)).hits)
        for day in (date(2025, 12, 31), NEW_YEAR, date(2026, 1, 2))
    ]
    assert found == [False, True, False]


def test_anothers_collection_gives_a_stranger_nothing(
    fake_models: object, lease: Document, charlie: Person
) -> None:
    make_collection("Own", readers=[charlie])
    reindex(lease.current_version)
    for narrowing in (
        Narrowing(collections=frozenset({lease.collection_id})),
        Narrowing(documents=frozenset({lease.pk})),
        Narrowing(tags=frozenset({"rent"})),
    ):
        assert retrieve("rent", charlie, narrowing=narrowing).hits == ()


def test_what_a_question_was_kept_to_is_read_back_from_its_row() -> None:
    all_of_it = Narrowing(
        collections=frozenset({1, 2}),
        documents=frozenset({uuid4()}),
        versions=frozenset(),
        categories=frozenset({3}),
        tags=frozenset({"rent"}),
        languages=frozenset({"de"}),
        since=NEW_YEAR,
        until=NEW_YEAR,
    )
    for narrowing in (all_of_it, Narrowing()):
        assert read(json.loads(json.dumps(noted(narrowing)))) == narrowing

"""Finding chunks: what happens when a part is away, and what odd queries do."""

from collections.abc import Sequence

import pytest
from django.core.cache import cache
from pytest_django.fixtures import Settings

from inference import registry
from inference.retrieve import chunk_index, rank, retrieve
from kb.models import Chunk, Collection, Document, Person, Sensitivity, Version
from tests.builders import indexed, make_document
from tests.fakes import Away

TRAINS = "Trains are booked in second class."
PUMPS = "The pump P-100 lifts 95 litres a minute."


class Backwards:
    """A `Reranker` that likes the shortest passage best."""

    fingerprint = "backwards"

    def score(self, query: str, passages: Sequence[str]) -> Sequence[float]:
        return [-len(passage) for passage in passages]


@pytest.fixture
def library(fake_models: Settings, shelf: Collection, dana: Person) -> list[Document]:
    return [
        indexed(make_document(shelf, owner=dana, title=title, chunks=[text]))
        for title, text in (("Travel", TRAINS), ("Pumps", PUMPS))
    ]


def use(settings: Settings, name: str, backend: type) -> None:
    path = f"{backend.__module__}.{backend.__qualname__}"
    settings.MODELS = {**settings.MODELS, name: {"BACKEND": path, "LOCATION": "on-premises"}}
    registry.forget()
    chunk_index.cache_clear()


def test_a_search_goes_by_words_while_the_embedder_is_down(
    library: list[Document], alice: Person, fake_models: Settings
) -> None:
    use(fake_models, "embedder", Away)
    found = retrieve("pump", alice)
    assert found.lexical_only
    assert [hit.text for hit in found.hits] == [PUMPS]


def test_with_nothing_indexed_and_no_embedder_nothing_is_found(
    fake_models: Settings, shelf: Collection, alice: Person
) -> None:
    use(fake_models, "embedder", Away)
    assert retrieve("pump", alice).hits == ()


@pytest.mark.parametrize("query", ["", "   ", "?!… §§", "\u200b", "契約の更新", "Ποιος;", "pump " * 4_000])
def test_no_query_is_too_odd(query: str, library: list[Document], alice: Person) -> None:
    assert len(retrieve(query, alice).hits) <= 2


def test_a_stranger_finds_nothing_and_no_model_is_asked(
    library: list[Document], charlie: Person, fake_models: Settings
) -> None:
    use(fake_models, "embedder", Away)
    assert retrieve("pump", charlie).hits == ()
    assert not retrieve("pump", charlie).lexical_only


def test_what_the_index_does_not_know_yet_is_decided_by_sql(library: list[Document], alice: Person) -> None:
    Document.objects.filter(title="Pumps").update(sensitivity=Sensitivity.RESTRICTED)
    assert PUMPS not in [hit.text for hit in retrieve("pump", alice).hits]


def test_a_chunk_is_found_with_the_label_of_its_document_at_least(
    library: list[Document], alice: Person
) -> None:
    Chunk.objects.update(sensitivity=Sensitivity.PUBLIC)
    assert {hit.sensitivity for hit in retrieve("pump", alice).hits} == {Sensitivity.INTERNAL}


def test_asking_for_more_keeps_the_top(library: list[Document], alice: Person) -> None:
    assert retrieve("pump", alice, limit=1).hits == retrieve("pump", alice, limit=50).hits[:1]


def test_a_reranker_puts_the_hits_in_its_order(
    library: list[Document], alice: Person, fake_models: Settings
) -> None:
    use(fake_models, "reranker", Backwards)
    hits = retrieve("pump", alice).hits
    assert [hit.text for hit in hits] == [TRAINS, PUMPS]
    assert hits[0].score > hits[1].score


def test_without_its_weights_a_reranker_changes_nothing(
    library: list[Document], alice: Person, fake_models: Settings
) -> None:
    before = retrieve("pump", alice).hits
    use(fake_models, "reranker", Away)
    assert retrieve("pump", alice).hits == before


def test_the_query_is_understood_in_a_language_of_the_library(library: list[Document], alice: Person) -> None:
    assert rank("pump", alice).language == ""
    cache.delete("languages")
    for language, document in zip(("de", "en"), library, strict=True):
        Version.objects.filter(document=document).update(language=language)
    assert rank("Wie viele Liter fördert die Pumpe?", alice).language == "de"
    assert retrieve("How many litres does the pump lift?", alice).language == "en"


def test_meaning_counts_less_in_a_language_that_the_embedder_does_not_read(
    library: list[Document], alice: Person, fake_models: Settings
) -> None:
    Version.objects.update(language="de")
    cache.delete("languages")
    unread = rank("pump", alice).fused[0].score
    fake_models.EMBEDDER_LANGUAGES = frozenset({"*"})
    assert rank("pump", alice).fused[0].score > unread

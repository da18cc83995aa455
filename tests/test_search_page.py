"""The search page: what it finds and marks, what its facets count, what it keeps, and what it never tells."""

from datetime import UTC, datetime
from uuid import uuid4

import pytest
from django.urls import reverse
from pytest_django.fixtures import Settings

from inference import registry
from inference.retrieve import chunk_index
from ingestion.index import reindex
from kb.errors import IndexUnavailable, ModelUnavailable
from kb.models import Category, Collection, Document, Person, Search, Sensitivity, Version
from kb.models.searches import MOST_RECENT, MOST_SAVED
from tests.builders import make_chunk, make_collection, make_document
from tests.visiting import page_of, signed_in, text_of

SEARCH = reverse("search")
LONG_AGO = datetime(2020, 5, 31, 23, tzinfo=UTC)
TRAINS = "Trains are booked in second class."


@pytest.fixture(autouse=True)
def _models(fake_models: Settings) -> None:
    """And an empty index."""


def shelve(collection: Collection, owner: Person, **fields: object) -> Document:
    """A document that can be found."""
    document = make_document(collection, owner=owner, **fields)
    reindex(document.current_version)
    return document


def search(person: Person, query: str, **headers: str):
    return page_of(person, f"{SEARCH}?{query}", **headers)


def titles(reply) -> list[str]:
    return [group.document.title for group in reply.context["groups"]]


def counts(reply) -> dict[str, list[tuple[str, int]]]:
    """Each facet's choices with what they count."""
    return {
        facet.name: [(choice.name, choice.count) for choice in facet.choices]
        for facet in reply.context["facets"]
    }


# --- What is found -----------------------------------------------------------------------------------


def test_a_passage_is_found_and_other_forms_of_its_words_are_marked(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = shelve(shelf, dana)
    page = text_of(search(alice, "q=booking+a+train"))
    assert "<mark>Trains</mark> are <mark>booked</mark> in second class." in page
    assert f"{document.get_absolute_url()}?chunk=0#chunk-0" in page
    assert "in 1 document" in page


def test_neighbours_of_one_document_stand_together_and_the_rest_can_be_unfolded(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    shelve(shelf, dana, chunks=[f"{TRAINS} Rule {number}." for number in range(5)])
    reply = search(alice, "q=trains+booked")
    [group] = reply.context["groups"]
    assert (len(group.shown), len(group.folded)) == (2, 3)
    assert "3 more passages in this document" in text_of(reply)


def test_more_shows_further_passages_and_goes_on_at_the_first_new_one(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    shelve(shelf, dana, chunks=[f"{TRAINS} Rule {number}." for number in range(30)])
    first, second = search(alice, "q=trains"), search(alice, "q=trains&n=40")
    assert first.context["more"] == f"{SEARCH}?q=trains&n=40"
    assert [len(reply.context["groups"][0].results) for reply in (first, second)] == [20, 30]
    fresh = [place for place, result in enumerate(second.context["groups"][0].results) if result.fresh]
    assert (fresh, second.context["more"]) == ([20], "")


def test_a_result_says_why_it_was_found(alice: Person, dana: Person, shelf: Collection) -> None:
    shelve(shelf, dana)
    reply = search(alice, "q=trains+on+sunday")
    why = reply.context["groups"][0].results[0].why
    assert (why.held, why.missing, why.near, why.worded) == (("trains",), ("sunday",), 1, 1)
    assert "It holds trains." in text_of(reply)
    assert f"Score {why.similarity:.2f} of 1 (cosine), place 1." in text_of(reply)


def test_the_script_gets_what_stands_below_the_field(alice: Person, dana: Person, shelf: Collection) -> None:
    shelve(shelf, dana)
    reply = search(alice, "q=trains&since=&until=", HX_Request="true")
    assert "<html" not in text_of(reply)
    assert '<div hx-swap-oob="innerHTML:#count">' in text_of(reply)
    assert (reply["HX-Push-Url"], reply["Vary"].count("HX-Request")) == (f"{SEARCH}?q=trains", 1)


# --- Filters and facets ------------------------------------------------------------------------------


def test_the_address_narrows_and_each_filter_can_be_taken_back(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    other = make_collection("Other", readers=[alice])
    shelve(shelf, dana, title="Here")
    shelve(other, dana, title="There", sensitivity=Sensitivity.PUBLIC)
    reply = search(alice, f"q=trains&collection={other.pk}&sensitivity=10")
    assert titles(reply) == ["There"]
    assert [(each.name, each.value, each.query) for each in reply.context["sought"].filters] == [
        ("collection", "Other", "?q=trains&sensitivity=10"),
        ("sensitivity", "Public", f"?q=trains&collection={other.pk}"),
    ]


def test_category_language_and_dates_narrow_too(alice: Person, dana: Person, shelf: Collection) -> None:
    old, new = shelve(shelf, dana, title="Old"), shelve(shelf, dana, title="New")
    category = Category.objects.create(name="Journeys")
    Document.objects.filter(pk=old.pk).update(category=category)
    Version.objects.filter(document=old).update(language="de", created_at=LONG_AGO)
    reindex(Version.objects.get(document=old))
    for narrowed in (
        f"category={category.pk}",
        "language=de",
        "until=2020-05-31",
        "since=2020-05-31&until=2020-05-31",
    ):
        assert titles(search(alice, f"q=trains&{narrowed}")) == ["Old"]
    assert titles(search(alice, "q=trains&since=2020-06-01")) == [new.title]
    assert counts(search(alice, "q=trains"))["language"] == [("German", 1)]


def test_facets_count_what_other_choices_would_give(alice: Person, dana: Person, shelf: Collection) -> None:
    other = make_collection("Other", readers=[alice])
    shelve(shelf, dana)
    shelve(other, dana, sensitivity=Sensitivity.PUBLIC)
    reply = search(alice, f"q=trains&collection={shelf.pk}")
    assert counts(reply)["collection"] == [("Handbook", 1), ("Other", 1)]
    assert counts(reply)["sensitivity"] == [("Internal", 1)]


def test_neither_facets_nor_results_tell_of_what_is_hidden(
    alice: Person, bob: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    board = make_collection("Board", readers=[dana])
    shelve(shelf, dana, title="Open")
    shelve(shelf, dana, title="Ahorn", sensitivity=Sensitivity.CONFIDENTIAL)
    shelve(board, dana, title="Birke", sensitivity=Sensitivity.RESTRICTED)
    assert counts(search(dana, "q=trains"))["collection"] == [("Board", 1), ("Handbook", 2)]
    assert counts(search(alice, "q=trains"))["sensitivity"] == [("Internal", 1), ("Confidential", 1)]
    for person, visible in ((bob, [("Handbook", 1)]), (charlie, [])):
        reply = search(person, "q=trains")
        assert counts(reply)["collection"] == visible
        assert not any(hidden in text_of(reply) for hidden in ("Ahorn", "Birke", "Board"))


def test_a_stricter_passage_is_neither_shown_nor_counted(
    bob: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, chunks=["Lunch is at noon."])
    make_chunk(document.current_version, 1, "The secret sale.", sensitivity=Sensitivity.RESTRICTED)
    reindex(document.current_version)
    reply = search(bob, "q=secret+sale")
    assert ("The secret" in text_of(reply), counts(reply)["collection"]) == (False, [])


@pytest.mark.parametrize("name", ["collection", "category", "sensitivity"])
def test_a_foreign_value_of_a_filter_is_the_same_as_an_unknown_one(
    name: str, bob: Person, dana: Person, shelf: Collection
) -> None:
    shelve(shelf, dana)
    Version.objects.update(created_at=LONG_AGO)  # “2 seconds ago” would not stay the same.
    category = Category.objects.create(name="Board matters")
    board = shelve(make_collection("Board", readers=[dana]), dana, sensitivity=Sensitivity.RESTRICTED)
    Document.objects.filter(pk=board.pk).update(category=category)
    foreign = {"collection": board.collection_id, "category": category.pk, "sensitivity": 40}[name]
    pages = [
        text_of(search(bob, f"q=trains&{name}={value}", HX_Request="true")) for value in (foreign, 9_999)
    ]
    assert without_token(pages[0]) == without_token(pages[1])
    assert "was not understood and is off." in pages[0]


def without_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line)


@pytest.mark.parametrize(
    "query",
    ["collection=x", "sensitivity=99", "category=-1", "since=31.1.2026", "until=2026-02-30", "language=%00"],
)
def test_a_filter_that_makes_no_sense_is_off_and_named(
    query: str, alice: Person, dana: Person, shelf: Collection
) -> None:
    shelve(shelf, dana)
    reply = search(alice, f"q=trains&{query}")
    assert (reply.status_code, titles(reply)) == (200, ["Travel policy"])
    assert reply.context["sought"].off == (query.split("=")[0],)
    assert "was not understood and is off." in text_of(reply)


# --- What it bears -----------------------------------------------------------------------------------

HOSTILE = "<script>alert('trains')</script>"


def test_html_in_title_text_and_query_is_shown_as_text(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    shelve(
        shelf, dana, title=HOSTILE, chunks=[HOSTILE * 30, "<img src=x onerror=trains>\u200b" + "x" * 9_000]
    )
    page = text_of(search(alice, "q=trains+%22%3E%3Cscript%3Ealert"))
    assert not any(tag in page for tag in ("<script>alert", "<img", "<mark><"))
    assert "&lt;<mark>script</mark>&gt;" in page


@pytest.mark.parametrize(
    "words", ["%3F%21+%E2%80%A6", "ταξίδι", "差旅政策", "%00", "train " * 3_000, "x" * 20_000]
)
def test_odd_words_are_harmless(words: str, alice: Person, dana: Person, shelf: Collection) -> None:
    shelve(shelf, dana)
    reply = search(alice, f"q={words}")
    assert reply.status_code == 200
    assert ("characters of the search were looked for" in text_of(reply)) == (len(words) > 300)


def test_without_an_embedder_words_alone_are_searched_and_it_says_so(
    alice: Person, dana: Person, shelf: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelve(shelf, dana)

    def away(text: str) -> None:
        raise ModelUnavailable("The weights are missing.")

    monkeypatch.setattr(registry.embedder(), "embed_query", away)
    reply = search(alice, "q=trains")
    assert titles(reply) == ["Travel policy"]
    assert "Found by words only" in text_of(reply)
    assert "It is not among the nearest in meaning." in text_of(reply)


def test_without_an_index_it_says_what_to_do(
    alice: Person, shelf: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*args: object, **options: object) -> None:
        raise IndexUnavailable("The index is away.")

    monkeypatch.setattr(type(chunk_index()), "search", away)
    reply = search(alice, "q=trains")
    assert (reply.status_code, "Try again in a minute" in text_of(reply)) == (200, True)


def test_nothing_found_says_what_to_try(alice: Person, dana: Person, shelf: Collection) -> None:
    shelve(shelf, dana)
    assert f"{reverse('ask')}?q=zebra%20crossing" in text_of(search(alice, "q=zebra+crossing"))
    assert "Search without filters" in text_of(search(alice, f"q=zebra&collection={shelf.pk}"))


def test_a_question_is_taken_along_to_the_ask_page(alice: Person) -> None:
    assert "<b>" not in text_of(page_of(alice, f"{reverse('ask')}?q=%3Cb%3Ewhy"))
    assert "&lt;b&gt;why</textarea>" in text_of(page_of(alice, f"{reverse('ask')}?q=%3Cb%3Ewhy"))


# --- Before a search ---------------------------------------------------------------------------------


def test_the_empty_page_offers_titles_that_the_person_may_see(
    bob: Person, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana, title="Open & shut")
    make_document(shelf, owner=dana, title="Ahorn", sensitivity=Sensitivity.CONFIDENTIAL)
    page = text_of(page_of(bob, SEARCH))
    assert ('href="?q=Open%20%26%20shut"' in page, "Ahorn" in page) == (True, False)


# --- Recent and saved searches -----------------------------------------------------------------------


def remembered(person: Person) -> list[str]:
    return [each.query for each in Search.objects.visible_to(person).recent()]


def save(person: Person, name: str, query: str = "q=trains"):
    return signed_in(person).post(reverse("search-save"), {"name": name, "query": query})


def test_the_last_searches_are_remembered_with_their_filters(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    shelve(shelf, dana)
    for query in ("q=trains", "q=planes", f"q=trains&collection={shelf.pk}&language=xx"):
        search(alice, query)
    assert remembered(alice) == [f"q=trains&collection={shelf.pk}", "q=planes"]
    for number in range(MOST_RECENT + 1):
        search(alice, f"q={number}")
    assert len(remembered(alice)) == MOST_RECENT


def test_typing_is_not_remembered_until_a_result_is_opened(alice: Person, shelf: Collection) -> None:
    reply = search(alice, "q=trai", HX_Request="true", HX_Trigger_Name="q")
    assert (remembered(alice), reply["HX-Replace-Url"]) == ([], f"{SEARCH}?q=trai")
    signed_in(alice).post(reverse("search-remember"), {"query": "q=trai&evil=1"})
    assert remembered(alice) == ["q=trai"]


def test_a_persons_searches_are_his_own_and_go_with_him(alice: Person, dana: Person, charlie: Person) -> None:
    search(charlie, "q=my+illness")
    save(charlie, "Private matter")
    assert not any(secret in text_of(page_of(dana, SEARCH)) for secret in ("my illness", "Private matter"))
    signed_in(alice).post(reverse("search-forget"))
    assert Search.objects.visible_to(charlie).count() == 2
    charlie.delete()
    assert not Search.objects.exists()


def test_forgetting_keeps_what_is_saved(alice: Person) -> None:
    search(alice, "q=planes")
    save(alice, "Trains")
    signed_in(alice).post(reverse("search-forget"))
    assert [each.name for each in Search.objects.visible_to(alice)] == ["Trains"]


def test_a_saved_search_opens_under_its_name_and_is_replaced_by_the_next(alice: Person) -> None:
    save(alice, "My trains")
    save(alice, "My trains", "q=slow+trains&sensitivity=99&evil=1")
    [saved] = Search.objects.visible_to(alice).saved()
    assert saved.get_absolute_url() == f"{SEARCH}?q=slow+trains"
    assert "My trains" in text_of(page_of(alice, SEARCH))


def test_more_saved_searches_than_allowed_are_refused_in_a_sentence(alice: Person) -> None:
    for number in range(MOST_SAVED):
        Search.keep(alice, name=str(number), words="trains", query="q=trains")
    client = signed_in(alice)
    reply = client.post(reverse("search-save"), {"name": "One more", "query": "q=trains"}, follow=True)
    assert "Delete one first." in text_of(reply)
    assert Search.objects.saved().count() == MOST_SAVED


def test_deleting_a_saved_search_can_be_undone(alice: Person) -> None:
    save(alice, "Trains")
    client = signed_in(alice)
    pk = Search.objects.visible_to(alice).saved().get().pk
    reply = client.post(reverse("search-delete", args=[pk]), follow=True)
    assert "“Trains” was deleted." in text_of(reply)
    assert not Search.objects.saved().exists()
    client.post(reverse("search-save"), reply.context["deleted"])
    assert [each.name for each in Search.objects.saved()] == ["Trains"]
    assert "was deleted" not in text_of(client.get(SEARCH))


def test_another_persons_saved_search_is_the_same_as_none(alice: Person, bob: Person) -> None:
    save(alice, "Trains")
    search(alice, "q=planes")
    kept, recent = Search.objects.saved().get(), Search.objects.recent().get()
    replies = [
        signed_in(person).post(reverse("search-delete", args=[pk]))
        for person, pk in ((bob, kept.pk), (bob, uuid4()), (alice, recent.pk))
    ]
    assert {reply.status_code for reply in replies} == {404}
    assert replies[0].content == replies[1].content
    assert Search.objects.count() == 2

"""Tags: how they are written, who may set them, and that the index follows."""

import pytest
from django.urls import reverse

from inference.retrieve import chunk_index, retrieve
from ingestion import reconcile, tags, tasks
from ingestion.index import reindex
from kb.errors import Denied, IndexUnavailable, Rejected
from kb.index.protocol import Narrowing
from kb.models import Collection, Document, Event, Person
from kb.models.tags import tags_from
from tests.builders import make_document
from tests.visiting import a_file, page_of, signed_in, text_of

RENT = Narrowing(tags=frozenset({"rent"}))


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    monkeypatch.setattr(tasks, "send_describe", lambda document_id: None)


@pytest.fixture
def lease(fake_models: object, dana: Person, shelf: Collection) -> Document:
    document = make_document(shelf, owner=dana, title="Lease", chunks=["The rent is due on the third."])
    reindex(document.current_version)
    return document


def names(document: Document) -> list[str]:
    return [tag.name for tag in document.tags.all()]


# --- How they are written --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "tags"),
    [
        (["Rent"], ("rent",)),
        (["  due   soon ", "RENT, berlin,, rent"], ("berlin", "due soon", "rent")),
        (["U\u0308bergabe"], ("übergabe",)),
        (["", " , "], ()),
        (["x" * 50], ("x" * 50,)),
    ],
)
def test_tags_are_written_in_one_way(written: list[str], tags: tuple[str, ...]) -> None:
    assert tags_from(written) == tags


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("x" * 51, r"has 51 characters\. Use at most 50\."),
        (",".join(map(str, range(21))), r"These are 21 tags\. A document has at most 20\."),
        ("re\u200bnt", r"holds a character that cannot be seen"),
        ("\0", r"holds a character that cannot be seen"),
    ],
)
def test_a_bad_tag_is_told_in_a_sentence(written: str, message: str) -> None:
    with pytest.raises(Rejected, match=message):
        tags_from([written])


# --- Who may set them ------------------------------------------------------------------------------------


def test_an_editor_replaces_all_tags(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    tags.tag(document, dana, ("berlin", "rent"))
    tags.tag(document, dana, ("rent", "signed"))
    assert names(document) == ["rent", "signed"]
    assert Event.objects.filter(person=dana, verb=Event.Verb.TAG, subject=document.pk).count() == 2


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_who_may_not_edit_may_not_tag(
    who: str, dana: Person, shelf: Collection, request: pytest.FixtureRequest
) -> None:
    document = make_document(shelf, owner=dana)
    person = request.getfixturevalue(who)
    with pytest.raises(Denied, match="You may not change the tags of this document"):
        tags.tag(document, person, ("rent",))
    address = reverse("document-tags", args=[document.pk])
    assert signed_in(person).post(address, {"tags": "rent"}).status_code == 404
    assert names(document) == []


def test_tags_are_changed_on_the_documents_page(alice: Person, dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    signed_in(dana).post(reverse("document-tags", args=[document.pk]), {"tags": "Rent, R&D"})
    pages = [text_of(page_of(person, document.get_absolute_url())) for person in (alice, dana)]
    assert all("?tag=r%26d" in page and ">rent</a>" in page for page in pages)
    assert ["Change tags" in page for page in pages] == [False, True]


def test_a_refused_change_keeps_what_was_written(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana)
    reply = signed_in(dana).post(reverse("document-tags", args=[document.pk]), {"tags": "rent, " + "x" * 60})
    assert "has 60 characters. Use at most 50." in text_of(reply)
    assert 'value="rent, xxx' in text_of(reply)
    assert names(document) == []


def test_files_are_tagged_when_they_are_uploaded(dana: Person, shelf: Collection) -> None:
    client = signed_in(dana)
    client.post(reverse("upload"), {"collection": shelf.pk, "documents": a_file(), "tags": "Leave, 2026"})
    assert names(Document.objects.get()) == ["2026", "leave"]


def test_a_bad_tag_stops_the_upload(dana: Person, shelf: Collection) -> None:
    form = {"collection": shelf.pk, "documents": a_file(), "tags": "x" * 60}
    assert "Use at most 50." in text_of(signed_in(dana).post(reverse("upload"), form))
    assert not Document.objects.exists()


# --- In the library --------------------------------------------------------------------------------------


def test_the_library_is_narrowed_by_a_tag(alice: Person, dana: Person, shelf: Collection) -> None:
    tagged = make_document(shelf, owner=dana, title="Lease")
    make_document(shelf, owner=dana, title="Menu")
    tags.tag(tagged, dana, ("rent", "berlin"))
    reply = page_of(alice, f"{reverse('library')}?tag=Rent")
    assert [document.title for document in reply.context["page"]] == ["Lease"]
    choices = {choice.name: (choice.count, choice.chosen) for choice in reply.context["facets"][3].choices}
    assert choices == {"berlin": (1, False), "rent": (1, True)}


def test_tags_of_hidden_documents_are_no_choice(bob: Person, dana: Person, shelf: Collection) -> None:
    hidden = make_document(shelf, owner=dana, sensitivity=40)
    tags.tag(hidden, dana, ("takeover",))
    assert "takeover" not in text_of(page_of(bob, reverse("library")))


def test_a_facet_shows_the_chosen_tag_and_the_most_frequent(dana: Person, shelf: Collection) -> None:
    for number in range(3):
        document = make_document(shelf, owner=dana)
        tags.tag(document, dana, ("common", *(f"{number}-{letter}" for letter in "abcdefghij")))
    choices = page_of(dana, f"{reverse('library')}?tag=2-j").context["facets"][3].choices
    assert len(choices) == 20
    assert {"common", "2-j"} <= {choice.name for choice in choices}


def test_a_narrowed_search_finds_what_stands_below_the_best_of_all(
    fake_models: object, alice: Person, dana: Person, shelf: Collection
) -> None:
    far = make_document(shelf, owner=dana, title="Far", chunks=["pump " + "other words about a garden " * 5])
    tags.tag(far, dana, ("rare",))
    reindex(far.current_version)
    near = make_document(shelf, owner=dana, title="Near", chunks=[f"pump {number}" for number in range(25)])
    reindex(near.current_version)
    reply = page_of(alice, f"{reverse('library')}?q=pump&tag=rare")
    assert [document.title for document in reply.context["page"]] == ["Far"]


# --- The API --------------------------------------------------------------------------------------------


def test_what_was_done_over_the_api_is_taken_back_by_who_did_it(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    both, one = (make_document(shelf, owner=dana) for _ in range(2))
    for document, tag in ((both, "rail"), (both, "travel"), (one, "rail")):
        document.tags.create(name=tag)
    told = sent(dana, "rename", tag="rail", new="travel").json()
    Person.objects.filter(pk=alice.pk).update(is_staff=True)
    assert sent(alice, "undo", undo=told["undo"]).status_code == 422
    assert sent(dana, "undo", undo=told["undo"]).json() == {"documents": 2}
    assert sent(dana, "undo", undo=told["undo"]).json() == {"documents": 0}
    assert (sorted(names(both)), names(one)) == (["rail", "travel"], ["rail"])
    assert sent(dana, "undo", undo="made up").status_code == 422


def sent(person: Person, act: str, **body: str):
    return signed_in(person).post(f"/api/v1/tags/{act}", body, content_type="application/json")


# --- The index follows -----------------------------------------------------------------------------------


def test_the_index_follows_a_change_of_tags(lease: Document, alice: Person, dana: Person) -> None:
    tags.tag(lease, dana, ("rent",))
    assert retrieve("rent", alice, narrowing=RENT).hits == ()
    tags.follow(lease.pk)
    assert [hit.document for hit in retrieve("rent", alice, narrowing=RENT).hits] == [lease.pk]
    lease.refresh_from_db()
    assert lease.undescribed_since is None


def test_a_tag_that_is_taken_back_is_honoured_before_the_index_knows(
    lease: Document, alice: Person, dana: Person
) -> None:
    tags.tag(lease, dana, ("rent",))
    tags.follow(lease.pk)
    tags.tag(lease, dana, ())
    assert retrieve("rent", alice, narrowing=RENT).hits == ()


def test_a_deleted_category_holds_nothing(lease: Document, alice: Person, dana: Person) -> None:
    category = lease.category = Document._meta.get_field("category").related_model.objects.first()
    lease.save()
    reindex(lease.current_version)
    narrowing = Narrowing(categories=frozenset({category.pk}))
    assert retrieve("rent", alice, narrowing=narrowing).hits
    signed_in(dana).post(reverse("category-delete", args=[category.pk]))
    assert retrieve("rent", alice, narrowing=narrowing).hits == ()


def test_what_the_index_has_not_heard_is_sent_again(
    lease: Document, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    monkeypatch.setattr(tasks, "send_describe", sent.append)
    tags.tag(lease, dana, ("rent",))
    assert reconcile.resend() == ["The index does not know the new tags or label of “Lease” yet."]
    assert sent == [lease.pk]


def test_an_index_that_is_away_leaves_the_mark(
    lease: Document, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*arguments: object) -> None:
        raise IndexUnavailable("The index is away.")

    monkeypatch.setattr(chunk_index(), "describe", away)
    tags.tag(lease, dana, ("rent",))
    with pytest.raises(IndexUnavailable):
        tags.follow(lease.pk)
    lease.refresh_from_db()
    assert lease.undescribed_since is not None


def test_a_change_while_the_index_is_written_is_written_too(
    lease: Document, alice: Person, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper = chunk_index()
    upsert = keeper.upsert

    def upsert_while_somebody_tags(points: object) -> None:
        upsert(points)
        tags.tag(lease, dana, ("rent",))

    monkeypatch.setattr(keeper, "upsert", upsert_while_somebody_tags)
    reindex(lease.current_version)
    assert [hit.document for hit in retrieve("rent", alice, narrowing=RENT).hits] == [lease.pk]

"""Collections: sharing them, moving documents between them, and their end. Tags and categories over many documents."""

import pytest
from django.contrib.auth.models import Group
from django.urls import reverse

from inference import registry
from inference.retrieve import retrieve
from ingestion import tags, tasks
from ingestion.categorise import CategoryOption, nearest_category
from ingestion.move import move
from ingestion.retag import remove_tag, rename_tag, take_back
from ingestion.taxonomy import (
    MOST_EXAMPLES,
    add_document_example,
    add_text_example,
    category_options,
    dissolve,
)
from kb.errors import Denied, Rejected
from kb.index.protocol import Narrowing
from kb.models import Batch, Category, Chunk, Collection, Document, Event, Person, Sensitivity, Version
from kb.models.library import Stage
from kb.models.tags import MOST_TAGS
from kb.people import sharing
from kb.people.rights import OwnLoss
from kb.people.sharing import Role
from tests.builders import indexed, make_collection, make_document
from tests.visiting import page_of, signed_in, text_of

PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = Sensitivity


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    monkeypatch.setattr(tasks, "send_describe", lambda document_id: None)
    monkeypatch.setattr(tasks, "send_describe_marked", lambda: None)


@pytest.fixture
def board(dana: Person) -> Collection:
    """A collection that only dana reads and edits, at least CONFIDENTIAL."""
    return make_collection("Board", editors=[dana], minimum_sensitivity=CONFIDENTIAL)


# --- Sharing ----------------------------------------------------------------------------------------------


def test_a_collection_is_given_and_withdrawn(charlie: Person, dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana)
    client = signed_in(dana)
    client.post(reverse("sharing-give", args=[shelf.pk]), {"person": "charlie", "role": "reader"})
    assert Document.objects.visible_to(charlie).exists()
    client.post(reverse("sharing-withdraw", args=[shelf.pk]), {"person": "charlie"})
    assert not Document.objects.visible_to(charlie).exists()
    assert [event.note for event in Event.objects.order_by("pk")] == [
        "“Handbook”: Charlie is now reader.",
        "“Handbook”: Charlie is no longer there.",
    ]


def test_a_holder_has_one_role(dana: Person, staff: Group, shelf: Collection) -> None:
    sharing.give(shelf, staff, Role.EDITOR, dana)
    assert (list(shelf.editor_groups.all()), list(shelf.reader_groups.all())) == ([staff], [])


@pytest.mark.parametrize("role", Role)
def test_an_administrator_opens_nothing_to_himself(role: Role, dana: Person, alice: Person) -> None:
    closed = make_collection("Closed", readers=[alice])
    with pytest.raises(Denied, match="This would open “Closed” to yourself"):
        sharing.give(closed, dana, role, dana)
    group = Group.objects.create(name="mine")
    dana.groups.add(group)
    with pytest.raises(Denied, match="This would open “Closed” to yourself"):
        sharing.give(closed, group, role, dana)
    assert not Collection.objects.readable_by(dana).exists()


def test_who_neither_administers_nor_edits_does_not_share(
    alice: Person, bob: Person, shelf: Collection
) -> None:
    with pytest.raises(Denied, match="Only administrators and the editors"):
        sharing.give(shelf, bob, Role.EDITOR, alice)
    shelf.editor_people.add(alice)
    sharing.give(shelf, bob, Role.EDITOR, alice)
    assert Collection.objects.editable_by(bob).get() == shelf


@pytest.mark.parametrize("form", [{}, {"person": "charlie", "group": "1"}, {"person": "nobody"}])
def test_it_is_given_to_one_group_or_person(form: dict[str, str], dana: Person, shelf: Collection) -> None:
    reply = signed_in(dana).post(reverse("sharing-give", args=[shelf.pk]), {**form, "role": "reader"})
    assert reply.status_code == 422 and not Event.objects.exists()


def test_an_editor_shares_and_leaves_only_after_he_agreed(
    alice: Person, bob: Person, shelf: Collection
) -> None:
    shelf.editor_people.add(alice)
    shelf.reader_groups.clear()
    client = signed_in(alice)
    given = client.post(
        reverse("sharing-give", args=[shelf.pk]), {"person": "bob", "role": "editor"}, follow=True
    )
    assert "“Handbook” is open to Bob now." in text_of(given)
    leaving = reverse("sharing-withdraw", args=[shelf.pk])
    asked = client.post(leaving, {"person": "alice"})
    assert (asked.status_code, "You would lose “Handbook” by this" in text_of(asked)) == (422, True)
    assert Collection.objects.editable_by(alice).exists()
    client.post(leaving, {"person": "alice", "agreed": "yes"})
    assert list(Person.objects.filter(edits=shelf, pk__in=[alice.pk, bob.pk])) == [bob]
    assert client.get(reverse("sharing", args=[shelf.pk])).status_code == 404


def test_an_editor_who_becomes_a_reader_is_asked_first(alice: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    with pytest.raises(OwnLoss, match="You would lose “Handbook” by this, or read it only"):
        sharing.give(shelf, alice, Role.READER, alice)
    sharing.give(shelf, alice, Role.READER, alice, agreed=True)
    assert Collection.objects.readable_by(alice).exists() and not sharing.shared_by(alice).exists()


def test_an_editor_lets_nobody_in_who_would_see_more_than_he_does(
    alice: Person, dana: Person, staff: Group, shelf: Collection
) -> None:
    shelf.editor_people.add(alice)
    for holder in (dana, staff):  # Dana, who is cleared for more, is of that group.
        with pytest.raises(Denied, match="whose clearance is above your own"):
            sharing.give(shelf, holder, Role.READER, alice)
    assert not Event.objects.exists()


def test_an_editor_chooses_among_the_groups_that_he_knows_of(
    alice: Person, charlie: Person, dana: Person, staff: Group, shelf: Collection
) -> None:
    shelf.editor_people.add(charlie)
    secret, own = Group.objects.create(name="larkspur"), Group.objects.create(name="own")
    charlie.groups.add(own)
    assert list(sharing.groups_known_to(charlie)) == [own, staff]
    form = {"group": secret.pk, "role": "reader"}
    assert signed_in(charlie).post(reverse("sharing-give", args=[shelf.pk]), form).status_code == 422
    assert list(sharing.groups_known_to(dana)) == [secret, own, staff]


def test_an_editor_hands_over_what_is_his_own(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    shelf.editor_people.add(alice)
    own, other = make_document(shelf, owner=alice), make_document(shelf, owner=dana)
    page = signed_in(alice).post(reverse("sharing-hand-over", args=[shelf.pk]), {"owner": "bob"}, follow=True)
    assert "1 document belongs to Bob now." in text_of(page)
    assert [Document.objects.get(pk=each.pk).owner for each in (own, other)] == [bob, dana]


def test_pages_lead_to_the_sharing_of_what_one_edits(alice: Person, dana: Person, shelf: Collection) -> None:
    document, sharing_page = make_document(shelf, owner=dana), reverse("sharing", args=[shelf.pk])
    narrowed = f"{reverse('library')}?collection={shelf.pk}"
    assert sharing_page not in text_of(page_of(alice, narrowed))
    shelf.editor_people.add(alice)
    for address in (narrowed, reverse("document-readers", args=[document.pk])):
        assert sharing_page in text_of(page_of(alice, address))


def test_a_new_collection_is_open_to_its_maker_alone(dana: Person, shelf: Collection) -> None:
    signed_in(dana).post(reverse("shelves"), {"name": " Research  papers ", "description": "What we found."})
    made = Collection.objects.get(name="Research papers")
    assert list(sharing.readers(made)) == [dana]
    refused = text_of(signed_in(dana).post(reverse("shelves"), {"name": "handbook"}))
    assert "There is a collection “Handbook” already." in refused


def test_the_list_tells_of_what_the_viewer_may_see(alice: Person, dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana)
    make_document(make_collection("Closed", readers=[alice]), owner=alice)
    rows = page_of(dana, reverse("shelves")).context["shelves"]
    assert [(str(row.collection), row.holds, row.size > 0, row.readers) for row in rows] == [
        ("Closed", 0, False, 1),
        ("Handbook", 1, True, 2),
    ]


# --- Moving -----------------------------------------------------------------------------------------------


def test_a_moved_document_has_its_new_readers_and_its_new_minimum_at_once(
    fake_models: object, alice: Person, dana: Person, shelf: Collection, board: Collection
) -> None:
    document = indexed(make_document(shelf, owner=dana, title="Plan", chunks=["The harbour crane is sold."]))
    assert Document.objects.visible_to(alice).exists()
    done = move([document.pk], board, dana)
    assert (done.moved, done.raised, done.held) == (("Plan",), ("Plan",), ())
    assert not Document.objects.visible_to(alice).exists()
    document.refresh_from_db()
    assert (document.sensitivity, document.sensitivity_by) == (CONFIDENTIAL, "collection")
    assert Chunk.objects.get().sensitivity == CONFIDENTIAL
    assert Version.objects.get().collection == board
    assert Event.objects.get(verb="move").note == "“Handbook” → “Board”."
    tags.follow(document.pk)
    assert [hit.title for hit in retrieve("harbour crane", dana).hits] == ["Plan"]


def test_the_same_file_in_the_target_is_told(dana: Person, shelf: Collection, board: Collection) -> None:
    here, there = make_document(shelf, owner=dana, title="Copy"), make_document(board, owner=dana)
    Version.objects.filter(document=here).update(sha256=there.current_version.sha256)
    done = move([here.pk], board, dana)
    assert done.held == (
        "“Copy”: “Board” holds the same file already. Delete one of the two, or leave it where it is.",
    )
    here.refresh_from_db()
    assert here.collection == shelf and not Event.objects.exists()


def test_what_is_being_read_stays(dana: Person, shelf: Collection, board: Collection) -> None:
    document = make_document(shelf, owner=dana, stage=Stage.EMBEDDING)
    assert "It is still being read." in move([document.pk], board, dana).held[0]


def test_only_what_one_may_change_is_moved_and_only_to_where_one_may_add(
    alice: Person, dana: Person, shelf: Collection, board: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    with pytest.raises(Denied, match="You may not add documents to this collection"):
        move([document.pk], board, alice)
    theirs = make_document(make_collection(readers=[dana], editors=[alice]), owner=alice)
    assert move([theirs.pk], board, dana).moved == ()
    Person.objects.filter(pk=dana.pk).update(clearance=INTERNAL)
    dana.refresh_from_db()
    with pytest.raises(Denied, match="at least Confidential, which is above your own clearance"):
        move([document.pk], board, dana)


def test_attachments_go_with_their_mail(dana: Person, shelf: Collection, board: Collection) -> None:
    mail, attachment = make_document(shelf, owner=dana, title="Mail"), make_document(shelf, owner=dana)
    inside = make_document(shelf, owner=dana)
    Document.objects.filter(pk=attachment.pk).update(parent=mail)
    Document.objects.filter(pk=inside.pk).update(parent=attachment)
    move([mail.pk], board, dana)
    assert Document.objects.filter(collection=board).count() == 3


def test_documents_are_moved_by_form(dana: Person, shelf: Collection, board: Collection) -> None:
    document = make_document(shelf, owner=dana, title="Plan")
    address = reverse("shelf-documents", args=[shelf.pk])
    told = text_of(signed_in(dana).post(address, {"document": document.pk, "target": board.pk}, follow=True))
    assert "1 document was moved to “Board”. Its minimum made stricter: “Plan”." in told
    assert "Choose at least one document." in text_of(
        signed_in(dana).post(address, {"target": board.pk}, follow=True)
    )


# --- The end of a collection ------------------------------------------------------------------------------


def test_only_an_empty_collection_is_removed(dana: Person, shelf: Collection, board: Collection) -> None:
    batch = Batch.objects.create(person=dana, collection=shelf, name="scans", door=Batch.Door.PORTAL)
    Batch.objects.create(person=dana, collection=shelf, name="nothing left", door=Batch.Door.PORTAL)
    document = make_document(shelf, owner=dana)
    document.versions.update(batch=batch)
    with pytest.raises(Rejected, match="“Handbook” still holds documents"):
        sharing.remove(shelf, dana)
    move([document.pk], board, dana)
    sharing.remove(shelf, dana)
    assert list(Collection.objects.all()) == [board]
    assert [(each.name, each.collection) for each in Batch.objects.all()] == [("scans", board)]


# --- Tags -------------------------------------------------------------------------------------------------


def names(document: Document) -> list[str]:
    return [tag.name for tag in document.tags.all()]


def test_a_tag_is_renamed_merged_and_removed_where_one_may_edit(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    both, one = make_document(shelf, owner=dana), make_document(shelf, owner=dana)
    other = make_document(make_collection(readers=[dana], editors=[alice]), owner=alice)
    for document, words in ((both, ("hire", "rent")), (one, ("hire",)), (other, ("hire",))):
        tags.put_on(document, words)
    assert rename_tag("hire", " Rent ", dana).documents == 2
    assert [names(each) for each in (both, one, other)] == [["rent"], ["rent"], ["hire"]]
    assert Document.objects.exclude(undescribed_since=None).count() == 2
    assert remove_tag("rent", dana).documents == 2
    assert [names(each) for each in (both, one, other)] == [[], [], ["hire"]]
    with pytest.raises(Rejected, match="Write one tag, without commas"):
        rename_tag("hire", "a, b", dana)


def test_a_merge_is_parted_again(dana: Person, shelf: Collection) -> None:
    both, one, other = (make_document(shelf, owner=dana) for _ in range(3))
    for document, words in ((both, ("hire", "rent")), (one, ("hire",)), (other, ("rent",))):
        tags.put_on(document, words)
    client = signed_in(dana)
    client.post(reverse("tag-rename"), {"tag": "hire", "new": "rent"})
    assert [names(each) for each in (both, one, other)] == [["rent"]] * 3
    client.post(reverse("tags-undo"))
    assert [names(each) for each in (both, one, other)] == [["hire", "rent"], ["hire"], ["rent"]]


def test_what_has_changed_since_a_tag_was_taken_off_stays_as_it_is(dana: Person, shelf: Collection) -> None:
    documents = [make_document(shelf, owner=dana) for _ in range(3)]
    gone, again, full = documents
    for document in documents:
        tags.put_on(document, ("hire",))
    done = remove_tag("hire", dana)
    shelf_of_others = make_collection(readers=[dana])
    Document.objects.filter(pk=gone.pk).update(collection=shelf_of_others)
    tags.put_on(again, ("hire",))
    tags.put_on(full, tuple(f"tag {number}" for number in range(MOST_TAGS)))
    assert take_back(done, dana) == 0
    assert [len(names(each)) for each in documents] == [0, 1, MOST_TAGS]


def test_a_new_name_that_is_refused_is_there_to_be_mended(dana: Person, shelf: Collection) -> None:
    tags.put_on(make_document(shelf, owner=dana), ("hire",))
    form = {"tag": "hire", "new": "rent, lease"}
    page = text_of(signed_in(dana).post(f"{reverse('tag-rename')}?q=hi", form, follow=True))
    assert "Write one tag, without commas." in page and 'value="rent, lease"' in page


def test_the_index_follows_what_was_renamed(fake_models: object, dana: Person, shelf: Collection) -> None:
    document = indexed(make_document(shelf, owner=dana, chunks=["The harbour crane is sold."]))
    tags.put_on(document, ("hire",))
    rename_tag("hire", "rent", dana)
    tasks.describe_marked()
    narrowing = Narrowing(tags=frozenset({"rent"}))
    assert len(retrieve("harbour crane", dana, narrowing=narrowing).hits) == 1
    assert not Document.objects.exclude(undescribed_since=None).exists()


def test_tags_are_counted_among_what_one_may_see(alice: Person, dana: Person, shelf: Collection) -> None:
    hidden = make_document(make_collection(readers=[alice]), owner=alice)
    for document in (make_document(shelf, owner=dana), hidden):
        tags.put_on(document, ("rent", "secret") if document == hidden else ("rent",))
    page = page_of(dana, reverse("tags")).context["page"]
    assert [(tag["name"], tag["holds"], tag["mine"]) for tag in page] == [("rent", 1, 1)]


# --- Categories -------------------------------------------------------------------------------------------


def test_a_dissolved_category_hands_on_documents_and_examples(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    old, new = Category.objects.all()[:2]
    seen = make_document(shelf, owner=dana)
    unseen = make_document(make_collection(readers=[alice]), owner=alice)
    Document.objects.update(category=old)
    for category in (old, new):
        add_document_example(category, seen.pk, dana)
    add_text_example(old, "The crane is sold.")
    dissolve(old, new, dana)
    assert set(Document.objects.filter(category=new)) == {seen, unseen}
    assert sorted(each.words for each in new.examples.all()) == ["The crane is sold.", "Travel policy\n"]
    assert Document.objects.exclude(undescribed_since=None).count() == 2


def test_documents_are_compared_with_the_examples(fake_models: object) -> None:
    option, other = CategoryOption("Pumps", "Water."), CategoryOption("Travel", "Trains.")
    vectors = registry.embedder().embed_passages(["The gasket leaks and must be replaced."])
    taught = CategoryOption("Pumps", "Water.", ("The gasket leaks and must be replaced.",))
    assert nearest_category("", vectors, [other, taught]) == "Pumps"
    untaught = nearest_category("", vectors, [CategoryOption("Travel", "Trains.", taught.examples), option])
    assert untaught == "Travel"


def test_an_example_is_a_text_or_a_document_that_one_sees(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    category = Category.objects.get(name="Contract")
    hidden = make_document(make_collection(readers=[alice]), owner=alice)
    client, address = signed_in(dana), reverse("example-add", args=[category.pk])
    client.post(address, {"example": "The rent  is due."})
    client.post(address, {"example": f"/documents/{make_document(shelf, owner=dana).pk}/"})
    refused = text_of(client.post(address, {"example": str(hidden.pk)}))
    assert "You see no such document that is ready." in refused
    [contract] = [each for each in category_options() if each.name == "Contract"]
    assert contract.examples == ("The rent is due.", "Travel policy\n")
    for number in range(2, MOST_EXAMPLES):
        add_text_example(category, f"Sentence {number}.")
    with pytest.raises(Rejected, match="A category has at most 20 examples"):
        add_text_example(category, "One more.")


def test_the_example_of_a_deleted_document_is_no_longer_compared_with(
    dana: Person, shelf: Collection
) -> None:
    category = Category.objects.get(name="Contract")
    document = make_document(shelf, owner=dana)
    add_document_example(category, document.pk, dana)
    Document.objects.update(deleted_at=document.created_at, current_version=None)
    [contract] = [each for each in category_options() if each.name == "Contract"]
    assert contract.examples == ()

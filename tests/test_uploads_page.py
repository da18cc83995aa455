"""The upload page, and the page of what was brought in together."""

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from ingestion.sources.upload import Declared, check_declared
from ingestion.transfers import Announced, announce, declared_of
from kb.errors import Denied
from kb.models import Batch, Collection, Document, Person, Sensitivity, Version
from kb.models.library import Stage
from tests.builders import make_collection, make_document, make_version
from tests.visiting import a_file, page_of, signed_in, text_of


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    monkeypatch.setattr("ingestion.tasks.enqueue", lambda version_id: None)
    monkeypatch.setattr("ingestion.sources.upload.enqueue", lambda version_id: None)


@pytest.fixture
def batch(dana: Person, shelf: Collection) -> Batch:
    return Batch.objects.create(person=dana, collection=shelf, name="leave.txt", door="portal")


def came_in(batch: Batch, name: str, stage: Stage = Stage.READY, **fields: object) -> Version:
    document = make_document(batch.collection, owner=batch.person, title=name, stage=stage)
    document.versions.update(batch=batch, name=name, **fields)
    return document.versions.get()


# --- With the files in the form ----------------------------------------------------------------------


def test_each_file_of_the_form_has_its_own_outcome(dana: Person, shelf: Collection) -> None:
    files = [a_file(), a_file(b"", "empty.txt"), a_file(name="again.txt")]
    reply = signed_in(dana).post(
        reverse("upload"), {"collection": shelf.pk, "sensitivity": "20", "documents": files}, follow=True
    )
    batch = Batch.objects.get()
    assert reply.redirect_chain == [(batch.get_absolute_url(), 302)]
    assert batch.name == "leave.txt and 2 more"
    assert [(sent.path, sent.state, sent.failure) for sent in batch.transfers.all()] == [
        ("leave.txt", "taken", ""),
        ("empty.txt", "refused", "The file is empty."),
        ("again.txt", "known", ""),
    ]
    assert all(
        told in text_of(reply) for told in ("The file is empty.", "The collection has this file already.")
    )
    refused, known = reply.context["not_taken"]
    assert (refused.document, known.document) == (None, Document.objects.get())
    assert Document.objects.get().sensitivity == Sensitivity.INTERNAL


def test_a_file_over_the_limit_is_refused_in_a_sentence(
    dana: Person, shelf: Collection, settings: Settings
) -> None:
    settings.UPLOAD_LIMIT = 1024 * 1024
    big = a_file(b"x" * (1024 * 1024 + 1), "big.txt")
    sent = {"collection": shelf.pk, "documents": big}
    assert "over the limit of 1 MB" in text_of(signed_in(dana).post(reverse("upload"), sent, follow=True))
    assert not Document.objects.exists()


def test_nothing_can_be_uploaded_to_a_shelf_that_one_only_reads(
    dana: Person, alice: Person, shelf: Collection
) -> None:
    mine = make_collection("Mine", editors=[alice])
    reply = signed_in(alice).post(reverse("upload"), {"collection": shelf.pk, "documents": a_file()})
    assert "collection" in reply.context["form"].errors
    assert list(reply.context["form"].fields["collection"].queryset) == [mine]


# --- What the script asks ----------------------------------------------------------------------------


def test_a_batch_is_begun_before_its_files_are_sent(dana: Person, alice: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    said = {"collection": shelf.pk, "sensitivity": "30", "owner": alice.pk, "tags": "Leave, 2026"}
    reply = signed_in(dana).post(reverse("batch-begin"), said | {"first": "Rules/a.txt", "count": 3})
    batch = Batch.objects.get()
    assert reply.status_code == 201
    assert reply.json() == {
        "files": reverse("transfers", args=[batch.pk]),
        "known": reverse("known", args=[batch.pk]),
        "page": batch.get_absolute_url(),
    }
    assert (batch.name, batch.person, batch.door) == ("Rules/a.txt and 2 more", dana, "portal")
    assert declared_of(batch) == Declared(
        sensitivity=Sensitivity.CONFIDENTIAL, owner=alice, tags=("2026", "leave")
    )


def test_at_least_is_not_the_label_itself(dana: Person, shelf: Collection) -> None:
    said = {"collection": shelf.pk, "sensitivity": "least-30", "first": "a.txt", "count": 1}
    signed_in(dana).post(reverse("batch-begin"), said)
    assert declared_of(Batch.objects.get()) == Declared(least=Sensitivity.CONFIDENTIAL)


@pytest.mark.parametrize(
    ("said", "field", "told"),
    [
        ({"collection": ""}, "collection", "Choose the collection that the files belong to."),
        ({"sensitivity": "40"}, "sensitivity", "Select a valid choice."),
        ({"tags": "x" * 60}, "tags", "has 60 characters"),
        ({"count": "0"}, "count", "greater than or equal to 1"),
        ({"sensitivity": "10"}, "__all__", "Documents in “Board” are at least Internal."),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_sent(
    said: dict[str, str], field: str, told: str, alice: Person
) -> None:
    board = make_collection("Board", editors=[alice], minimum_sensitivity=Sensitivity.INTERNAL)
    right = {"collection": board.pk, "first": "a.txt", "count": 1}
    reply = signed_in(alice).post(reverse("batch-begin"), right | said)
    assert (reply.status_code, list(reply.json()["errors"])) == (422, [field])
    assert told in reply.json()["errors"][field]
    assert not Batch.objects.exists()


@pytest.mark.parametrize("label", [None, Sensitivity.CONFIDENTIAL])
def test_an_owner_must_be_cleared_for_what_becomes_his(
    label: Sensitivity | None, dana: Person, bob: Person, shelf: Collection
) -> None:
    """Also where nothing is decided yet, because he would see it until then."""
    shelf.editor_people.add(bob)
    check_declared(dana, shelf, Declared(owner=bob, sensitivity=Sensitivity.INTERNAL))
    with pytest.raises(Denied, match="Bob may see up to Internal"):
        check_declared(dana, shelf, Declared(owner=bob, sensitivity=label))


def test_only_who_may_change_the_collection_becomes_owner(
    dana: Person, alice: Person, shelf: Collection
) -> None:
    with pytest.raises(Denied, match="Alice may not change “Handbook”"):
        check_declared(dana, shelf, Declared(owner=alice, sensitivity=Sensitivity.PUBLIC))


def test_a_file_that_is_there_is_told_only_to_who_may_see_it(
    dana: Person, bob: Person, shelf: Collection, batch: Batch
) -> None:
    shelf.editor_people.add(bob)
    document = make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    asked = {"path": "Rules/a.txt", "size": 9, "sha256": document.versions.get().sha256}
    other = Batch.objects.create(person=bob, collection=shelf, name="a.txt", door="portal")
    told = [
        signed_in(each.person).post(reverse("known", args=[each.pk]), asked).json()["known"]
        for each in (batch, other)
    ]
    assert told == [{"title": document.title, "address": document.get_absolute_url()}, None]
    assert [(sent.path, sent.state) for sent in batch.transfers.all()] == [("Rules/a.txt", "known")]
    assert signed_in(bob).post(reverse("known", args=[batch.pk]), asked).status_code == 404


def test_unfinished_files_are_shown_to_their_sender_alone(
    dana: Person, alice: Person, shelf: Collection, batch: Batch
) -> None:
    shelf.editor_people.add(alice)
    announce(batch, Announced("Rules/leave.txt", 1_000))
    pages = [text_of(page_of(person, reverse("upload"))) for person in (dana, alice)]
    assert ["Rules/leave.txt" in page for page in pages] == [True, False]


# --- A batch -----------------------------------------------------------------------------------------


def test_a_batch_counts_and_shows_its_files(dana: Person, batch: Batch) -> None:
    ready = came_in(batch, "ready.txt")
    sent = {"path": "Rules/2026/ready.txt", "size": 1, "state": "taken", "expires_at": timezone.now()}
    batch.transfers.create(version=ready, **sent)
    came_in(batch, "broken.txt", Stage.FAILED, failure="“broken.txt” is encrypted.")
    came_in(batch, "read.txt", Stage.PARSING)
    came_in(batch, "later.txt", Stage.QUEUED)
    came_in(batch, "deleted.txt", retired=True)
    announce(batch, Announced("arriving.txt", 1_000))
    reply = page_of(dana, batch.get_absolute_url())
    counts = reply.context["counts"]
    assert (counts.ready, counts.failed, counts.working, counts.waiting, counts.sending) == (1, 1, 1, 1, 1)
    assert (counts.ended, counts.all) == (2, 5)
    page = text_of(reply)
    assert all(
        told in page for told in ("Rules/2026/ready.txt", "“broken.txt” is encrypted.", "arriving.txt")
    )
    assert "deleted.txt" not in page
    failed = page_of(dana, f"{batch.get_absolute_url()}?state=failed").context["followed"]
    assert [each.version.name for each in failed] == ["broken.txt"]


def test_it_asks_again_only_while_something_is_under_way(dana: Person, batch: Batch) -> None:
    address = reverse("batch-files", args=[batch.pk])
    came_in(batch, "ready.txt")
    assert "every 2s" not in text_of(page_of(dana, address))
    came_in(batch, "later.txt", Stage.QUEUED)
    assert "every 2s" in text_of(page_of(dana, address))


def test_what_came_in_an_archive_stands_behind_it(dana: Person, batch: Batch) -> None:
    archive = came_in(batch, "all.zip").document
    came_in(batch, "other.txt")
    inside = came_in(batch, "inside.txt").document
    inside.parent = archive
    inside.save()
    followed = page_of(dana, batch.get_absolute_url()).context["followed"]
    assert [each.version.name for each in followed] == ["all.zip", "inside.txt", "other.txt"]


@pytest.mark.parametrize("name", ["batch", "batch-files", "batch-retry"])
def test_another_persons_batch_is_the_same_as_none(name: str, alice: Person, batch: Batch) -> None:
    method = "post" if name == "batch-retry" else "get"
    real, made_up = (
        getattr(signed_in(alice), method)(reverse(name, args=[pk])) for pk in (batch.pk, uuid4())
    )
    assert (real.status_code, real.content) == (404, made_up.content)


def test_an_administrator_follows_a_batch_without_names_that_are_hidden_from_him(
    dana: Person, bob: Person
) -> None:
    shelf = make_collection("Secrets", editors=[bob])
    batch = Batch.objects.create(person=bob, collection=shelf, name="plan.txt", door="portal")
    came_in(batch, "plan.txt", Stage.FAILED, failure="“plan.txt” is encrypted.")
    page = text_of(page_of(dana, batch.get_absolute_url()))
    assert "A document you may not see" in page
    assert not any(hidden in page for hidden in ("plan.txt", "encrypted"))


def test_an_upload_above_the_own_clearance_is_followed_without_its_title(bob: Person) -> None:
    shelf = make_collection("Plans", editors=[bob])
    batch = Batch.objects.create(person=bob, collection=shelf, name="plan.txt", door="portal")
    document = came_in(batch, "plan.txt").document
    Document.objects.update(title="Secret plan", sensitivity=Sensitivity.RESTRICTED)
    page = text_of(page_of(bob, batch.get_absolute_url()))
    assert ("plan.txt" in page, "Secret plan" in page, str(document.pk) in page) == (True, False, False)


def test_all_that_failed_is_sent_again_as_far_as_one_may(dana: Person, bob: Person, batch: Batch) -> None:
    mine = came_in(batch, "broken.txt", Stage.FAILED)
    other = make_document(make_collection("Board", editors=[bob]), owner=bob, stage=Stage.FAILED)
    other.versions.update(batch=batch)
    reply = signed_in(dana).post(reverse("batch-retry", args=[batch.pk]), follow=True)
    assert "1 file is on its way again." in text_of(reply)
    mine.refresh_from_db()
    assert (mine.stage, other.versions.get().stage) == (Stage.QUEUED, Stage.FAILED)


def test_the_list_has_ones_own_batches_alone(dana: Person, bob: Person, batch: Batch) -> None:
    came_in(batch, "ready.txt")
    came_in(batch, "broken.txt", Stage.FAILED)
    make_version(came_in(batch, "again.txt").document, batch=batch)
    for name in ("a.txt", "b.txt"):
        batch.transfers.create(path=name, size=1, state="known", expires_at=timezone.now())
    other = Batch.objects.create(person=bob, collection=batch.collection, name="b.txt", door="portal")
    [listed] = page_of(dana, reverse("uploads")).context["page"]
    assert (listed.taken, listed.ready, listed.failed) == (4, 2, 1)
    assert (listed.known, listed.refused) == (2, None)
    assert list(page_of(bob, reverse("uploads")).context["page"]) == [other]


def test_the_newest_batches_ask_again_only_while_one_is_under_way(dana: Person, batch: Batch) -> None:
    assert "every 2s" not in text_of(page_of(dana, reverse("uploads-latest")))
    came_in(batch, "later.txt", Stage.PARSING)
    assert "every 2s" in text_of(page_of(dana, reverse("uploads-latest")))

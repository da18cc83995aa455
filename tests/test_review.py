"""The review queue: who sees it, in which order, and deciding by form, in bulk, and back."""

import pytest
from django.test import Client
from django.urls import reverse

from ingestion import tasks
from kb.models import Chunk, Collection, Document, Event, LabelVotes, LearnedVote, Person, Sensitivity
from tests.builders import make_chunk, make_collection, make_document
from tests.visiting import page_of, signed_in, text_of

PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = Sensitivity


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    monkeypatch.setattr(tasks, "send_describe", lambda document_id: None)
    monkeypatch.setattr(tasks, "send_learn", lambda: None)


def undecided(shelf: Collection, owner: Person, title: str, confidence: float, **fields: object) -> Document:
    """A document whose label votes decided."""
    document = make_document(shelf, owner=owner, title=title)
    known = {
        "sensitivity_by": "model",
        "sensitivity_reason": "It reads so.",
        "sensitivity_confidence": confidence,
    }
    Document.objects.filter(pk=document.pk).update(**{**known, **fields})
    document.refresh_from_db()
    return document


@pytest.fixture
def waiting(dana: Person, shelf: Collection) -> Document:
    return undecided(shelf, dana, "Menu", 0.6)


@pytest.fixture
def strict(dana: Person, shelf: Collection) -> Chunk:
    """A passage that a rule made stricter than its document."""
    document = make_document(shelf, owner=dana, title="Handbook")
    return make_chunk(
        document.current_version, 1, "Salaries.", sensitivity=CONFIDENTIAL, own_sensitivity=CONFIDENTIAL,
        sensitivity_by="rule", sensitivity_reason="It is a table of pay (rule “pay table”).",
    )  # fmt: skip


def titles(person: Person, address: str) -> list[str]:
    return [item.title for item in page_of(person, address).context["items"]]


# --- Who sees it -----------------------------------------------------------------------------------------

ADDRESSES = ["review", "review-passages", "review-suspicious", "shelves", "reveal"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_the_pages_exist_for_administrators_only(
    name: str, alice: Person, bob: Person, charlie: Person, dana: Person
) -> None:
    people = (alice, bob, charlie, dana)
    assert [page_of(person, reverse(name)).status_code for person in people] == [404, 404, 404, 200]
    assert Client().get(reverse(name)).status_code == 302


@pytest.mark.parametrize("name", ["review", "review-passages", "review-undo", "reveal"])
def test_nobody_else_sends_anything_there(
    name: str, alice: Person, charlie: Person, waiting: Document
) -> None:
    form = {
        "item": waiting.pk,
        "sensitivity": "40",
        "document": waiting.pk,
        "reason": "I should like to know.",
    }
    assert {signed_in(who).post(reverse(name), form).status_code for who in (alice, charlie)} == {404}
    assert not Event.objects.exists()


def test_an_administrator_sees_only_what_he_may_see_and_edit(
    charlie: Person, dana: Person, shelf: Collection, waiting: Document, strict: Chunk
) -> None:
    elsewhere = make_collection("Elsewhere", readers=[dana])
    undecided(elsewhere, dana, "Readable", 0.1)
    charlie.is_staff = True
    charlie.save()
    assert titles(charlie, reverse("review")) == []
    assert "Nothing waits for you" in text_of(page_of(charlie, reverse("review")))
    shelf.editor_people.add(charlie)
    assert titles(charlie, reverse("review")) == ["Menu"]
    assert titles(charlie, reverse("review-passages")) == []
    assert titles(dana, reverse("review-passages")) == ["Handbook"]
    signed_in(charlie).post(reverse("review-passages"), {"item": strict.pk})
    assert Chunk.objects.get(pk=strict.pk).sensitivity_by == "rule"


# --- What it shows ---------------------------------------------------------------------------------------


def test_the_least_sure_come_first(dana: Person, shelf: Collection) -> None:
    undecided(shelf, dana, "Sure", 0.9)
    undecided(shelf, dana, "Doubted", 0.95, needs_review=True)
    undecided(shelf, dana, "Unsure", 0.3)
    undecided(shelf, dana, "By marking", 0.1, sensitivity_by="marking")
    undecided(shelf, dana, "By a person", 0.1, sensitivity_by="person")
    assert titles(dana, reverse("review")) == ["Doubted", "Unsure", "Sure"]


def test_it_shows_reason_votes_and_the_passage_that_decided(dana: Person, waiting: Document) -> None:
    make_chunk(waiting.current_version, 1, "Nobody else may know.")
    LabelVotes.objects.create(
        document=waiting,
        passage=1,
        vector=b"",
        embedder="x",
        votes={"exemplars": [0, 0, 0, 2], "slm": [0, 0, 0, 0]},
    )
    [item] = page_of(dana, reverse("review")).context["items"]
    assert (item.reason, item.text) == ("It reads so.", "Nobody else may know.")
    assert [(str(vote.judge), vote.percents) for vote in item.votes] == [
        ("Likeness to examples", (10, 10, 10, 71)),
        ("Together", (10, 10, 10, 71)),
    ]


def test_the_passage_that_decided_is_shown_only_if_it_may_be_seen(
    charlie: Person, shelf: Collection, waiting: Document
) -> None:
    charlie.is_staff = True
    charlie.save()
    shelf.editor_people.add(charlie)
    make_chunk(waiting.current_version, 1, "Secret.", sensitivity=RESTRICTED)
    LabelVotes.objects.create(
        document=waiting, passage=1, vector=b"", embedder="x", votes={"slm": [0, 1, 0, 0]}
    )
    assert page_of(charlie, reverse("review")).context["items"][0].text == ""


def test_it_can_be_kept_to_a_collection_and_has_pages(dana: Person, shelf: Collection) -> None:
    other = make_collection("Other", readers=[dana], editors=[dana])
    undecided(other, dana, "There", 0.5)
    for place in range(21):
        undecided(shelf, dana, f"Here {place:02}", 0.5)
    assert titles(dana, f"{reverse('review')}?collection={other.pk}") == ["There"]
    assert titles(dana, f"{reverse('review')}?collection={shelf.pk}&page=2") == ["Here 20"]
    assert len(titles(dana, f"{reverse('review')}?collection=x&page=x")) == 20


def test_the_console_counts_what_waits(dana: Person, waiting: Document, strict: Chunk) -> None:
    assert 'Review <span class="count">2</span>' in " ".join(
        text_of(page_of(dana, reverse("ledger"))).split()
    )


@pytest.mark.parametrize(("adopted", "said"), [(True, "used as a further vote"), (False, "but not adopted")])
def test_it_says_what_was_learned(adopted: bool, said: str, dana: Person) -> None:
    LearnedVote.objects.create(
        embedder="x", confirmations=34, labels=[], coefficients=[], intercepts=[], difference=0.12, low=0.03,
        high=0.21, adopted=adopted,
    )  # fmt: skip
    page = " ".join(text_of(page_of(dana, reverse("review"))).split())
    assert "Learned from 34 labels" in page and said in page and "0.12 a document (0.03 to 0.21" in page


# --- Deciding --------------------------------------------------------------------------------------------


def test_one_key_confirms(dana: Person, waiting: Document) -> None:
    reply = signed_in(dana).post(f"{reverse('review')}?page=2", {"item": waiting.pk, "at": "3"})
    assert reply["Location"] == f"{reverse('review')}?page=2#at-3"
    waiting.refresh_from_db()
    assert (waiting.sensitivity, waiting.sensitivity_by) == (INTERNAL, "person")
    assert titles(dana, reverse("review")) == []


def test_another_label_is_chosen_and_a_laxer_one_needs_a_reason(dana: Person, waiting: Document) -> None:
    client = signed_in(dana)
    told = client.post(reverse("review"), {"item": waiting.pk, "sensitivity": "10"}, follow=True)
    assert "“Menu”: Say why Public is enough" in text_of(told)
    client.post(
        reverse("review"), {"item": waiting.pk, "sensitivity": "10", "reason": "It hangs at the door."}
    )
    waiting.refresh_from_db()
    assert waiting.sensitivity == PUBLIC


def test_many_are_decided_at_once_and_what_fails_is_told(dana: Person, shelf: Collection) -> None:
    lax = undecided(shelf, dana, "Lax", 0.5)
    strict = undecided(shelf, dana, "Strict", 0.5, sensitivity=RESTRICTED)
    form = {"item": [lax.pk, strict.pk], "sensitivity": "30"}
    told = text_of(signed_in(dana).post(reverse("review"), form, follow=True))
    assert "1 label was decided." in told and "“Strict”: Say why Confidential is enough" in told
    lax.refresh_from_db()
    strict.refresh_from_db()
    assert (lax.sensitivity, strict.sensitivity, strict.sensitivity_by) == (CONFIDENTIAL, RESTRICTED, "model")


@pytest.mark.parametrize("item", ["", "x", "00000000-0000-0000-0000-000000000000"])
def test_nonsense_decides_nothing(item: str, dana: Person, waiting: Document) -> None:
    form = {"item": item, "sensitivity": "40"} if item else {"sensitivity": "40"}
    told = text_of(signed_in(dana).post(reverse("review"), form, follow=True))
    assert "Nothing was decided. Choose at least one" in told
    waiting.refresh_from_db()
    assert waiting.sensitivity_by == "model"


def test_a_passage_is_confirmed_or_changed(dana: Person, strict: Chunk) -> None:
    signed_in(dana).post(reverse("review-passages"), {"item": strict.pk, "sensitivity": "40"})
    strict.refresh_from_db()
    assert (strict.own_sensitivity, strict.sensitivity, strict.sensitivity_by) == (40, 40, "person")
    assert titles(dana, reverse("review-passages")) == []


# --- Taking back -----------------------------------------------------------------------------------------


def test_the_last_decision_is_taken_back(dana: Person, waiting: Document) -> None:
    client = signed_in(dana)
    client.post(reverse("review"), {"item": waiting.pk, "sensitivity": "40"})
    told = client.post(reverse("review-undo"), follow=True)
    assert "1 label was taken back." in text_of(told)
    waiting.refresh_from_db()
    standing = (
        waiting.sensitivity,
        waiting.sensitivity_by,
        waiting.sensitivity_reason,
        waiting.sensitivity_confidence,
    )
    assert standing == (INTERNAL, "model", "It reads so.", 0.6)
    assert "RESTRICTED → INTERNAL. taken back" in [event.note for event in Event.objects.all()]
    assert "There is nothing to take back." in text_of(client.post(reverse("review-undo"), follow=True))


def test_a_passage_is_taken_back(dana: Person, strict: Chunk) -> None:
    client = signed_in(dana)
    client.post(
        reverse("review-passages"), {"item": strict.pk, "sensitivity": "20", "reason": "Old figures."}
    )
    assert Chunk.objects.get(pk=strict.pk).sensitivity == INTERNAL
    client.post(reverse("review-undo"))
    strict.refresh_from_db()
    assert (strict.own_sensitivity, strict.sensitivity, strict.sensitivity_by) == (30, 30, "rule")


def test_what_somebody_else_decided_since_is_not_taken_back(dana: Person, waiting: Document) -> None:
    client = signed_in(dana)
    client.post(reverse("review"), {"item": waiting.pk, "sensitivity": "30"})
    Document.objects.update(sensitivity=RESTRICTED)
    told = text_of(client.post(reverse("review-undo"), follow=True))
    assert "This label has been changed since." in told
    assert Document.objects.get().sensitivity == RESTRICTED


def test_taking_back_never_goes_below_the_minimum(dana: Person, shelf: Collection, waiting: Document) -> None:
    client = signed_in(dana)
    client.post(reverse("review"), {"item": waiting.pk, "sensitivity": "30"})
    Collection.objects.update(minimum_sensitivity=CONFIDENTIAL)
    client.post(reverse("review-undo"))
    assert Document.objects.get().sensitivity == CONFIDENTIAL


# --- Collections -----------------------------------------------------------------------------------------


def test_the_minimum_of_a_collection_is_set_by_its_editors(
    charlie: Person, dana: Person, waiting: Document
) -> None:
    charlie.is_staff = True
    charlie.save()
    address = reverse("shelf-rules", args=[waiting.collection_id])
    assert signed_in(charlie).post(address, {"minimum": "30"}).status_code == 404
    told = text_of(signed_in(dana).post(address, {"minimum": "30", "default": ""}, follow=True))
    assert "“Handbook” was saved. 1 document became stricter." in told
    assert Document.objects.get().sensitivity == CONFIDENTIAL
    assert "Choose one of the labels." in text_of(
        signed_in(dana).post(address, {"minimum": "7"}, follow=True)
    )

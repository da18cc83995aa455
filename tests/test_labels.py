"""Labels of passages and documents: what decides them, who may change them, and what a change changes."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse

from inference import ask as flow
from inference.ask import pin, pose
from inference.record import record
from inference.retrieve import chunk_index, retrieve
from ingestion import tags, tasks
from ingestion.label import label, label_passage
from ingestion.minimum import change_rules
from ingestion.passages import own_labels
from kb.errors import Denied, Rejected
from kb.models import (
    Answer,
    Chunk,
    Collection,
    Conversation,
    Document,
    Event,
    Leaving,
    ModelCall,
    Person,
    Sensitivity,
)
from tests.builders import indexed, make_document
from tests.visiting import make_answer, page_of, signed_in, text_of

PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = Sensitivity
PAY_TABLE = """Pay bands for interviewers

| Grade | Salary from | Salary to |
|---|---|---|
| G3 | €48,000 | €56,000 |
| G4 | €55,000 | €66,000 |"""


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    monkeypatch.setattr(tasks, "send_describe", lambda document_id: None)
    monkeypatch.setattr(tasks, "send_learn", lambda: None)


@dataclass(frozen=True)
class Passage:
    text: str
    headings: tuple[str, ...] = ()


def labels_of(*texts: str) -> list[Sensitivity]:
    return [own.sensitivity for own in own_labels([Passage(text) for text in texts])]


# --- What a passage itself shows -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "expected", "reason"),
    [
        (PAY_TABLE, CONFIDENTIAL, "It is a table of pay (rule “pay table”)."),
        ("| Name | Gross pay |\n|---|---|\n| A | €4,100 |\n| B | €4,200 |\n| C | €4,300 |", RESTRICTED,
         "It lists what people are paid (rule “payroll”)."),
        ("Entgeltgruppen: E9 3.900 EUR, E10 4.300 EUR, E11 4.700 EUR", CONFIDENTIAL,
         "It is a table of pay (rule “pay table”)."),
        ("Diagnosis: asthma", RESTRICTED, "It speaks of somebody's health (rule “health”)."),
        ("Frau Ott leidet an Migräne.", RESTRICTED, "It speaks of somebody's health (rule “health”)."),
        ("Pay into account no. 1234 5678, please.", CONFIDENTIAL, "It names a bank account (rule “bank account”)."),
        ("Ms Byrne got a written warning.", CONFIDENTIAL,
         "It speaks of a measure against an employee (rule “discipline”)."),
        ("The password is Winter2024!x", RESTRICTED, "The text holds personal data or credentials: secret."),
        ("CONFIDENTIAL\nThe plan.", CONFIDENTIAL, "Its section is marked “CONFIDENTIAL”."),
    ],
)  # fmt: skip
def test_a_passage_is_as_strict_as_what_it_shows(text: str, expected: Sensitivity, reason: str) -> None:
    first, own = own_labels([Passage("Welcome."), Passage(text)])
    assert (own.sensitivity, own.reason) == (expected, reason)
    assert (first.sensitivity, first.reason) == (PUBLIC, "")


@pytest.mark.parametrize(
    "text",
    [
        "Salaries are paid on the 28th of the month.",
        "We offer a salary of €45,000 to €55,000.",
        "| Part | Price |\n|---|---|\n| A | €1,100 |\n| B | €1,200 |\n| C | €1,300 |",
        "Hand in a sick note from the third day of illness on.",
        "A written warning is given before anybody is dismissed.",
        "Enter your account number in the form.",
        "For immediate release",
    ],
)
def test_what_only_speaks_of_such_things_stays_as_its_document(text: str) -> None:
    assert labels_of("Welcome.", text) == [PUBLIC, PUBLIC]


def test_a_marking_counts_for_all_of_its_section_and_no_further() -> None:
    section = ("Handbook", "5 Pay")
    passages = [
        Passage("Welcome.", ("Handbook",)),
        Passage("CONFIDENTIAL\nFor interviewers.", section),
        Passage("More on it.", (*section, "5.1 Bands")),
        Passage("Lunch is at noon.", ("Handbook", "6 Lunch")),
    ]
    assert [own.sensitivity for own in own_labels(passages)] == [PUBLIC, CONFIDENTIAL, CONFIDENTIAL, PUBLIC]


def test_the_marking_of_the_first_passage_is_not_handed_on() -> None:
    passages = [Passage("Strictly confidential", ("Plan",)), Passage("The plan.", ("Plan",))]
    assert [own.sensitivity for own in own_labels(passages)] == [RESTRICTED, PUBLIC]


# --- Who may change a label ------------------------------------------------------------------------------


@pytest.fixture
def handbook(fake_models: object, dana: Person, shelf: Collection) -> Document:
    document = make_document(shelf, owner=dana, sensitivity=PUBLIC, chunks=["Lunch is at noon.", PAY_TABLE])
    return indexed(document)


def test_a_label_is_confirmed_and_noted(dana: Person, handbook: Document) -> None:
    Document.objects.update(sensitivity_by="model", sensitivity_reason="It reads so.", needs_review=True)
    before = label(handbook, dana, PUBLIC)
    handbook.refresh_from_db()
    assert (handbook.sensitivity_by, handbook.needs_review) == ("person", False)
    assert handbook.sensitivity_reason == "Confirmed by Dana. It reads so."
    assert (before.by, before.needs_review) == ("model", True)
    assert Event.objects.get(verb="label").note == "PUBLIC → PUBLIC."


def test_a_laxer_label_needs_a_reason_which_is_kept(dana: Person, handbook: Document) -> None:
    label(handbook, dana, CONFIDENTIAL)
    with pytest.raises(Rejected, match="Say why Public is enough: a laxer label needs a reason"):
        label(handbook, dana, PUBLIC, reason="  ")
    label(handbook, dana, PUBLIC, reason="It was published on Monday.")
    newest = Event.objects.filter(verb="label").first()
    assert newest and newest.note == "CONFIDENTIAL → PUBLIC. It was published on Monday."
    handbook.refresh_from_db()
    assert handbook.sensitivity_reason == "Chosen by Dana. It was published on Monday."


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_who_may_not_edit_may_not_label(who: str, handbook: Document, request: pytest.FixtureRequest) -> None:
    with pytest.raises(Denied, match="You may not change the label of this document"):
        label(handbook, request.getfixturevalue(who), RESTRICTED)
    assert not Event.objects.filter(verb="label").exists()


def test_an_editor_makes_stricter_but_only_owner_and_administrators_make_laxer(
    alice: Person, shelf: Collection, handbook: Document
) -> None:
    shelf.editor_people.add(alice)
    label(handbook, alice, CONFIDENTIAL)
    with pytest.raises(Denied, match="Only the owner and administrators may make a label laxer"):
        label(handbook, alice, PUBLIC, reason="It is harmless.")
    Document.objects.update(owner=alice)
    label(handbook, alice, PUBLIC, reason="It is harmless.")
    assert Document.objects.get().sensitivity == PUBLIC


def test_nobody_labels_above_his_clearance_or_below_the_minimum(
    alice: Person, shelf: Collection, handbook: Document
) -> None:
    shelf.editor_people.add(alice)
    with pytest.raises(Denied, match="Restricted is above your own clearance"):
        label(handbook, alice, RESTRICTED)
    Collection.objects.update(minimum_sensitivity=INTERNAL)
    with pytest.raises(Denied, match="at least Internal"):
        label(handbook, alice, PUBLIC)


# --- What a change changes -------------------------------------------------------------------------------


def sensitivities(document: Document) -> list[int]:
    chunks = Chunk.objects.filter(version__document=document).order_by("ordinal")
    return list(chunks.values_list("sensitivity", flat=True))


def test_passages_follow_their_document_but_never_below_their_own_label(
    dana: Person, handbook: Document
) -> None:
    label(handbook, dana, RESTRICTED)
    assert sensitivities(handbook) == [RESTRICTED, RESTRICTED]
    label(handbook, dana, PUBLIC, reason="A handbook.")
    assert sensitivities(handbook) == [PUBLIC, CONFIDENTIAL]


def test_a_passage_is_labelled_by_itself_and_its_document_stays(dana: Person, handbook: Document) -> None:
    lunch = Chunk.objects.get(ordinal=0)
    label_passage(lunch, dana, RESTRICTED)
    handbook.refresh_from_db()
    assert (sensitivities(handbook)[0], handbook.sensitivity) == (RESTRICTED, PUBLIC)
    with pytest.raises(Rejected, match="needs a reason"):
        label_passage(lunch, dana, PUBLIC)
    label_passage(lunch, dana, PUBLIC, reason="It is only about lunch.")
    assert sensitivities(handbook)[0] == PUBLIC


def test_the_points_follow_a_label(alice: Person, bob: Person, dana: Person, handbook: Document) -> None:
    assert [hit.document for hit in retrieve("lunch at noon", bob).hits][:1] == [handbook.pk]
    label(handbook, dana, CONFIDENTIAL)
    assert retrieve("lunch at noon", bob).hits == ()
    handbook.refresh_from_db()
    assert handbook.undescribed_since is not None
    tags.follow(handbook.pk)
    label(handbook, dana, PUBLIC, reason="A handbook.")
    tags.follow(handbook.pk)
    assert [hit.ordinal for hit in retrieve("lunch at noon", bob).hits] == [0]


def test_a_label_that_changes_while_points_are_written_is_written_too(
    bob: Person, dana: Person, handbook: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper, said = chunk_index(), []
    upsert = keeper.upsert

    def upsert_while_somebody_labels(points: object) -> None:
        upsert(points)
        label(handbook, dana, RESTRICTED)

    monkeypatch.setattr(keeper, "upsert", upsert_while_somebody_labels)
    monkeypatch.setattr(keeper, "relabel", lambda version, labels: said.append(tuple(labels)))
    indexed(handbook)
    assert said == [(RESTRICTED, RESTRICTED)]


def test_raising_a_document_raises_answers_from_it_and_their_conversations(
    alice: Person, dana: Person, handbook: Document
) -> None:
    answer = make_answer(alice, handbook)
    other = make_answer(alice, make_document(handbook.collection, owner=dana, sensitivity=PUBLIC))
    label(handbook, dana, CONFIDENTIAL)
    for each in (answer, other):
        each.refresh_from_db()
        each.question.conversation.refresh_from_db()
    assert (answer.sensitivity, answer.question.conversation.sensitivity) == (CONFIDENTIAL, CONFIDENTIAL)
    assert (other.sensitivity, other.question.conversation.sensitivity) == (PUBLIC, PUBLIC)


def test_raising_a_passage_raises_the_answers_that_it_was_shown_for(
    alice: Person, dana: Person, handbook: Document
) -> None:
    Chunk.objects.update(own_sensitivity=PUBLIC)
    shown, spared, unknown = (make_answer(alice, handbook) for _ in range(3))
    first, second = Chunk.objects.order_by("ordinal")
    shown.shown.add(first)
    spared.shown.add(second)
    unknown.shown.clear()
    label_passage(first, dana, CONFIDENTIAL)
    found = [Answer.objects.get(pk=answer.pk).sensitivity for answer in (shown, spared, unknown)]
    assert found == [CONFIDENTIAL, PUBLIC, CONFIDENTIAL]


def test_a_conversation_is_held_to_the_routes_of_the_new_label(
    alice: Person, dana: Person, handbook: Document
) -> None:
    thread = make_answer(alice, handbook).question.conversation
    assert thread.leaving == Leaving.FREELY
    label(handbook, dana, RESTRICTED)
    thread.refresh_from_db()
    assert thread.leaving == Leaving.NEVER


def test_a_higher_minimum_raises_what_is_on_the_shelf(
    alice: Person, dana: Person, shelf: Collection, handbook: Document
) -> None:
    strict = make_document(shelf, owner=dana, sensitivity=CONFIDENTIAL)
    menu = make_document(shelf, owner=dana, sensitivity=PUBLIC)
    answer = make_answer(alice, menu)
    assert change_rules(shelf, dana, default=PUBLIC, minimum=INTERNAL) == 2
    handbook.refresh_from_db()
    assert (handbook.sensitivity, handbook.sensitivity_by) == (INTERNAL, "collection")
    assert sensitivities(handbook) == [INTERNAL, CONFIDENTIAL]
    assert Answer.objects.get(pk=answer.pk).sensitivity == INTERNAL
    assert Event.objects.get(subject=handbook.pk).note.startswith(
        "PUBLIC → INTERNAL. The minimum of “Handbook”"
    )
    assert change_rules(shelf, dana, default=None, minimum=PUBLIC) == 0
    assert Document.objects.get(pk=handbook.pk).sensitivity == INTERNAL
    assert Document.objects.get(pk=strict.pk).sensitivity == CONFIDENTIAL


def test_only_editors_change_the_rules_of_a_collection(alice: Person, shelf: Collection) -> None:
    with pytest.raises(Denied, match="You may not change this collection"):
        change_rules(shelf, alice, default=None, minimum=CONFIDENTIAL)


# --- A running answer notices ----------------------------------------------------------------------------


def raise_document(bob: Person, dana: Person, handbook: Document) -> None:
    label(handbook, dana, CONFIDENTIAL)


def raise_passage(bob: Person, dana: Person, handbook: Document) -> None:
    label_passage(Chunk.objects.get(ordinal=0), dana, CONFIDENTIAL)


def raise_conversation(bob: Person, dana: Person, handbook: Document) -> None:
    Conversation.objects.update(sensitivity=RESTRICTED)


def leave(bob: Person, dana: Person, handbook: Document) -> None:
    bob.groups.clear()


@pytest.mark.parametrize("change", [raise_document, raise_passage, raise_conversation, leave])
def test_what_is_withdrawn_before_sending_stops_the_answer(
    change: Callable[..., None],
    bob: Person,
    dana: Person,
    handbook: Document,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def pin_as_it_changes(answer: Answer, *rest: object) -> None:
        pin(answer, *rest)
        change(bob, dana, handbook)

    monkeypatch.setattr(flow, "pin", pin_as_it_changes)
    list(flow.ask(pose(bob, "When is lunch?")))
    answer = Answer.objects.get()
    assert (answer.state, answer.text) == ("failed", "")
    assert answer.failure == (
        "The label of a source was changed while the question was being answered. Ask again."
    )
    assert not ModelCall.objects.filter(purpose="answer").exists()


def test_a_label_that_rises_while_the_answer_is_written_is_kept(
    alice: Person, dana: Person, handbook: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    def record_after_it_rose(answer: Answer, *rest: object) -> None:
        label(handbook, dana, CONFIDENTIAL)
        record(answer, *rest)

    monkeypatch.setattr(flow, "record", record_after_it_rose)
    question = pose(alice, "When is lunch?")
    list(flow.ask(question))
    answer = Answer.objects.get()
    assert (answer.state, answer.sensitivity) == ("done", CONFIDENTIAL)
    question.conversation.refresh_from_db()
    assert question.conversation.sensitivity == CONFIDENTIAL


# --- The document's page ---------------------------------------------------------------------------------


def test_the_page_says_why_a_passage_is_stricter_only_to_those_who_may_see_it(
    alice: Person, bob: Person, dana: Person, handbook: Document
) -> None:
    label(handbook, dana, PUBLIC)
    pages = [text_of(page_of(person, handbook.get_absolute_url())) for person in (alice, bob)]
    assert ["rule “pay table”" in page for page in pages] == [True, False]
    assert "Some parts are above your clearance" in pages[1]


def test_an_editor_changes_the_label_on_the_page(alice: Person, dana: Person, handbook: Document) -> None:
    address = reverse("document-label", args=[handbook.pk])
    signed_in(dana).post(address, {"sensitivity": CONFIDENTIAL.value})
    refused = text_of(signed_in(dana).post(address, {"sensitivity": PUBLIC.value}))
    assert "Say why Public is enough" in refused
    assert signed_in(alice).post(address, {"sensitivity": RESTRICTED.value}).status_code == 404
    assert Document.objects.get().sensitivity == CONFIDENTIAL
    assert "Change the label" not in text_of(page_of(alice, handbook.get_absolute_url()))

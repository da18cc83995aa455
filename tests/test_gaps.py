"""Questions without a good answer, and golden questions from confirmed ones."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from inference.ask import pose
from ingestion.gaps import Gap, gaps
from kb.models import (
    Answer,
    Collection,
    Document,
    Feedback,
    GoldenQuestion,
    GoldenSet,
    Person,
    Question,
    Sensitivity,
)
from tests.builders import indexed, make_document, make_key
from tests.visiting import make_answer, page_of, signed_in, text_of

MONTH = timedelta(days=30)
PAGES = ("gaps", "gaps-csv", "confirmed")
CANTEEN = "What is the menu of the canteen on Fridays"


def refused(person: Person, text: str, sensitivity: Sensitivity = Sensitivity.INTERNAL) -> Answer:
    answer = pose(person, text).answer
    Answer.objects.filter(pk=answer.pk).update(state=Answer.State.DONE, sensitivity=sensitivity)
    return answer


def gaps_of(person: Person) -> list[Gap]:
    return gaps(person, timezone.now() - MONTH)


@pytest.fixture
def answer(fake_models: Settings, alice: Person, dana: Person, shelf: Collection) -> Answer:
    return make_answer(alice, indexed(make_document(shelf, owner=dana)))


@pytest.mark.parametrize("page", PAGES)
def test_to_all_but_administrators_they_do_not_exist(page: str, alice: Person) -> None:
    address = reverse(page)
    assert page_of(alice, address).content == page_of(alice, f"/{uuid4()}/").content
    assert Client().get(address)["Location"].startswith(reverse("sign-in"))


def test_alike_questions_are_one_gap_named_by_the_most_central(
    answer: Answer, alice: Person, bob: Person, dana: Person
) -> None:
    for person, end in ((alice, "?"), (bob, " please?"), (bob, "?")):
        refused(person, f"{CANTEEN}{end}")
    refused(alice, "Who won a bicycle in spring?")
    most, other = gaps_of(dana)
    assert (most.question, most.asked, most.people, most.refused) == (f"{CANTEEN}?", 3, 2, 3)
    assert (other.asked, len(most.wordings)) == (1, 2)


def test_what_was_complained_of_is_a_gap_until_it_is_resolved(answer: Answer, dana: Person) -> None:
    assert gaps_of(dana) == []
    Feedback.give(answer, None, helpful=False, reason="wrong", note="")
    assert [gap.complained for gap in gaps_of(dana)] == [1]
    Feedback.objects.get().resolve(dana, "Mended.")
    assert gaps_of(dana) == []


def test_what_a_source_does_not_hold_and_what_is_old(answer: Answer, dana: Person) -> None:
    answer.citations.update(supported=False)
    assert [gap.unsupported for gap in gaps_of(dana)] == [1]
    assert gaps(dana, timezone.now() + MONTH) == []


def test_an_administrator_reads_no_question_above_his_clearance_or_of_hidden_documents(
    answer: Answer, alice: Person, dana: Person, shelf: Collection
) -> None:
    refused(alice, f"{CANTEEN}?", Sensitivity.RESTRICTED)
    Feedback.give(answer, None, helpful=False, reason="wrong", note="")
    assert {gap.question for gap in gaps_of(dana)} == {f"{CANTEEN}?", "Which class do we travel?"}
    Person.objects.filter(pk=dana.pk).update(clearance=Sensitivity.CONFIDENTIAL)
    dana.refresh_from_db()
    assert {gap.question for gap in gaps_of(dana)} == {"Which class do we travel?"}
    shelf.editor_people.clear()
    shelf.reader_groups.clear()
    assert gaps_of(dana) == []


def test_the_report_names_near_documents_with_their_owners_and_no_asker(
    answer: Answer, bob: Person, dana: Person
) -> None:
    refused(bob, "=Are trains booked in first class?")
    page = text_of(page_of(dana, reverse("gaps")))
    assert ("Travel policy" in page, "owned by Dana" in page, "Bob" in page) == (True, True, False)
    sheet = page_of(dana, f"{reverse('gaps-csv')}?days=7").content.decode("utf-8-sig")
    assert "'=Are trains booked in first class?,1,1," in sheet


# --- Confirmed answers → golden questions ------------------------------------------------------------


def test_one_click_makes_a_golden_question_of_a_confirmed_answer(answer: Answer, dana: Person) -> None:
    Feedback.give(answer, None, helpful=True, reason="", note="")
    (shown,) = page_of(dana, reverse("confirmed")).context["confirmed"]
    said = {name: value for name, value in shown.form.initial.items() if value}
    assert said["document"] == "Travel policy"
    signed_in(dana).post(reverse("confirmed"), said | {"words": "second class | booked"})
    made = GoldenQuestion.objects.get(golden_set__owner=dana, golden_set__name="Confirmed answers")
    assert (made.text, made.document, made.words) == (
        "Which class do we travel?", "Travel policy", ["second class", "booked"],
    )  # fmt: skip
    assert page_of(dana, reverse("confirmed")).context["confirmed"] == []


def test_a_confirmed_answer_over_the_api_makes_a_golden_question(answer: Answer, dana: Person) -> None:
    Feedback.give(answer, None, helpful=True, reason="", note="")
    tool = Client(headers={"Authorization": f"Bearer {make_key(dana)}"})
    (told,) = tool.get("/api/v1/confirmed-answers").json()["items"]
    assert (told["answer"], told["document"]) == (str(answer.pk), "Travel policy")
    golden = GoldenSet.objects.create(owner=dana, name="Travel")
    taken = {name: told[name] for name in ("question", "document", "page", "words")}
    added = tool.post(f"/api/v1/golden-sets/{golden.pk}/questions", taken, content_type="application/json")
    assert added.status_code == 201
    assert tool.get("/api/v1/confirmed-answers").json()["items"] == []


def test_a_follow_up_is_no_golden_question(answer: Answer, alice: Person, dana: Person) -> None:
    later = make_answer(alice, Document.objects.get())
    Question.objects.filter(pk=later.question_id).update(conversation=answer.question.conversation)
    Feedback.give(later, None, helpful=True, reason="", note="")
    assert page_of(dana, reverse("confirmed")).context["confirmed"] == []


def test_a_confirmed_answer_that_the_administrator_may_not_read_is_not_shown(
    answer: Answer, dana: Person
) -> None:
    Feedback.give(answer, None, helpful=True, reason="", note="")
    Answer.objects.update(sensitivity=Sensitivity.RESTRICTED)
    Person.objects.filter(pk=dana.pk).update(clearance=Sensitivity.CONFIDENTIAL)
    assert "Which class" not in text_of(page_of(dana, reverse("confirmed")))


def test_a_question_is_added_by_hand_once_and_to_nobody_else_s_set(
    answer: Answer, alice: Person, dana: Person
) -> None:
    golden = GoldenSet.objects.create(owner=dana, name="Travel")
    address = reverse("golden-add", args=[golden.pk])
    client = signed_in(dana)
    client.post(address, {"text": "Dividend?", "refuse": "on"})
    again = client.post(address, {"text": "Dividend?", "document": "Travel policy"}, follow=True)
    nowhere = client.post(address, {"text": "Rent?", "document": "Lease"}, follow=True)
    assert "has this question already" in text_of(again)
    assert "can see no document with the title or file name “Lease”" in text_of(nowhere)
    Person.objects.filter(pk=alice.pk).update(is_staff=True)
    assert signed_in(alice).post(address, {"text": "Mine?", "refuse": "on"}).status_code == 404
    assert [(each.text, each.refuse) for each in golden.questions.all()] == [("Dividend?", True)]


def test_documents_are_live_rows_only(answer: Answer, dana: Person) -> None:
    Feedback.give(answer, None, helpful=True, reason="", note="")
    Document.objects.update(deleted_at=timezone.now())
    assert page_of(dana, reverse("confirmed")).context["confirmed"] == []

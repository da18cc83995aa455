"""A key that is kept to collections or to a label reaches nothing beyond, by whatever door its holder goes."""

import asyncio
from uuid import UUID

import pytest
from django.test import Client

from inference.ask import Finished, ask, pose
from inference.survey.begin import begin
from ingestion import bulk
from kb.api.keys import caller
from kb.models import (
    Answer,
    ApiKey,
    Batch,
    BulkItem,
    BulkJob,
    Collection,
    Container,
    Conversation,
    Document,
    Person,
    Question,
    Sensitivity,
    Survey,
)
from tests.builders import indexed, make_collection, make_document, make_key

pytest_plugins = ["tests.fakes"]

ROOT = "/api/v1"
QUESTION = "How many days of annual leave do employees have?"
WITHIN = "Employees have 28 days of annual leave."
ELSEWHERE = "Employees of the board have 41 days of annual leave."
STRICTER = "Employees of the vault have 57 days of annual leave."
BEYOND = ("the board", "the vault", "Board rules", "Vault rules")


@pytest.fixture
def library(fakes: None, alice: Person, dana: Person, shelf: Collection) -> Document:
    """The document within. Two more answer as well: one in another collection, one of a stricter label."""
    other = make_collection("Board", readers=[alice])
    indexed(make_document(other, owner=dana, title="Board rules", chunks=[ELSEWHERE]))
    stricter = Sensitivity.CONFIDENTIAL
    indexed(make_document(shelf, owner=dana, title="Vault rules", chunks=[STRICTER], sensitivity=stricter))
    return indexed(make_document(shelf, owner=dana, title="Leave rules", chunks=[WITHIN]))


@pytest.fixture
def narrowed(library: Document, alice: Person, shelf: Collection) -> str:
    return make_key(alice, collections=[shelf], ceiling=Sensitivity.INTERNAL)


def bearing(text: str, **headers: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}", **headers})


def said(client: Client, address: str, **body: object) -> str:
    """All that the reply says, also of one that comes as a stream."""
    reply = client.post(f"{ROOT}/{address}", body, content_type="application/json")
    assert reply.status_code == 200
    if not reply.streaming:
        return reply.content.decode()

    async def read() -> bytes:
        return b"".join([part async for part in reply.streaming_content])

    return asyncio.run(read()).decode()


def keeps_within(text: str) -> bool:
    return "28 days" in text and not any(each in text for each in BEYOND)


DOORS = [
    ("ask", {}),
    ("ask/preview", {}),
    ("ask", {"question": "Compare all rules on annual leave", "all": True, "agreed": True}),
]


@pytest.mark.parametrize(("door", "more"), DOORS)
def test_what_is_asked_with_it_is_answered_from_within(
    door: str, more: dict[str, object], narrowed: str
) -> None:
    assert keeps_within(said(bearing(narrowed), door, **{"question": QUESTION, **more}))


@pytest.mark.django_db(transaction=True)  # The stream is read in a thread of its own.
def test_what_streams_stays_within(narrowed: str) -> None:
    assert keeps_within(said(bearing(narrowed, Accept="text/event-stream"), "ask", question=QUESTION))


def test_the_same_person_without_it_reads_more(library: Document, alice: Person) -> None:
    """Else the tests here would prove nothing."""
    text = said(bearing(make_key(alice)), "ask", question=QUESTION)
    assert not keeps_within(text)


def test_lists_and_searches_stay_within(narrowed: str, library: Document, alice: Person) -> None:
    tool = bearing(narrowed)
    beyond = Document.objects.visible_to(alice).exclude(pk=library.pk)
    assert beyond.count() == 2
    for document in beyond:
        assert tool.get(f"{ROOT}/documents/{document.pk}").status_code == 404
        assert tool.get(f"{ROOT}/documents/{document.pk}/status").status_code == 404
    listed = tool.get(f"{ROOT}/documents").content.decode()
    assert "Leave rules" in listed and not any(each in listed for each in BEYOND)
    assert keeps_within(tool.get(f"{ROOT}/search", {"q": QUESTION}).content.decode())
    assert [each["name"] for each in tool.get(f"{ROOT}/collections").json()["items"]] == ["Handbook"]


def test_a_worker_that_reads_the_question_from_sql_stays_within(narrowed: str, alice: Person) -> None:
    holder = caller(narrowed, "ask")
    assert holder
    question = pose(holder, QUESTION)
    answer = finished(Question.objects.get(pk=question.pk))
    assert keeps_within(answer.text)
    assert [document.title for document in answer.drew_on.all()] == ["Leave rules"]


def test_a_follow_up_stays_within(narrowed: str) -> None:
    first = said(bearing(narrowed), "ask", question=QUESTION)
    assert keeps_within(said(bearing(narrowed), "ask", question=QUESTION, conversation=last_conversation()))
    assert keeps_within(first)


def test_a_conversation_that_goes_beyond_is_not_there(narrowed: str, alice: Person) -> None:
    finished(pose(alice, QUESTION))
    beyond, nobodys = last_conversation(), UUID(int=9)
    replies = [
        bearing(narrowed).post(
            f"{ROOT}/{door}", {"question": QUESTION, "conversation": each}, content_type="application/json"
        )
        for door in ("ask", "ask/preview")
        for each in (beyond, nobodys)
    ]
    assert {reply.status_code for reply in replies} == {404}
    assert len({reply.content for reply in replies}) == 1


def test_the_person_s_own_conversation_is_gone_on_with_from_within(narrowed: str, alice: Person) -> None:
    with_key = caller(narrowed, "ask")
    assert with_key
    finished(pose(with_key, QUESTION))
    Question.objects.update(key=None)  # As if he had asked it without one, and found no more.
    assert keeps_within(said(bearing(narrowed), "ask", question=QUESTION, conversation=last_conversation()))


def test_what_was_asked_without_it_is_not_written_for_it(narrowed: str, alice: Person) -> None:
    survey = begin(alice, "Compare all rules on annual leave")
    Survey.objects.update(confirmed_at=None)
    tool, answer = bearing(narrowed), survey.answer
    Answer.objects.update(state=Answer.State.FAILED)
    assert tool.get(f"{ROOT}/answers/{answer.pk}").status_code == 200
    for act in ("retry", "survey/confirm"):
        reply = tool.post(f"{ROOT}/answers/{answer.pk}/{act}", {}, content_type="application/json")
        assert reply.status_code == 404
    followed = tool.get(f"{ROOT}/answers/{answer.pk}/survey")
    assert followed.status_code == 200 and not any(each in followed.content.decode() for each in BEYOND)
    narrow = caller(narrowed, "ask")
    assert narrow
    own = pose(narrow, QUESTION).answer
    Answer.objects.filter(pk=own.pk).update(state=Answer.State.FAILED)
    assert keeps_within(said(tool, f"answers/{own.pk}/retry"))


def test_a_kept_reply_is_told_to_the_key_that_it_was_made_for(narrowed: str, alice: Person) -> None:
    once = {"Idempotency-Key": "one"}
    assert "41 days" in said(bearing(make_key(alice), **once), "ask", question=QUESTION)
    again = bearing(narrowed, **once).post(
        f"{ROOT}/ask", {"question": QUESTION}, content_type="application/json"
    )
    assert (again.status_code, again.json()["code"]) == (422, "key_reused")


def test_a_bulk_job_reaches_no_further_than_its_key(narrowed: str, alice: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    key = ApiKey.objects.get(person=alice)
    beyond, within = (Document.objects.get(title=title) for title in ("Vault rules", "Leave rules"))
    ended = bulk.begin(key.bind(alice), BulkJob.Action.TAG, {"tags": ["new"]}, [within.pk])
    job = bulk.begin(key.bind(alice), BulkJob.Action.TAG, {"tags": ["new"]}, [within.pk, beyond.pk])
    BulkItem.objects.filter(job=job).update(state=BulkItem.State.WAITING)  # As if it had been visible then.
    bulk.run(job.pk)
    assert not beyond.tags.exists() and [tag.name for tag in within.tags.all()] == ["new"]
    within.tags.all().delete()
    key.revoke()
    bulk.run(ended.pk)
    assert ended.items.get().failure == "The key that this was begun with has ended."
    assert not within.tags.exists()


def test_undecided_documents_are_for_their_owner_and_not_for_his_key(
    alice: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=alice, sensitivity=Sensitivity.RESTRICTED)
    Document.objects.update(sensitivity_by=Document.DecidedBy.NOBODY)
    wide, narrow = make_key(alice), make_key(alice, ceiling=Sensitivity.INTERNAL)
    address = f"{ROOT}/documents/{document.pk}"
    assert [bearing(text).get(address).status_code for text in (wide, narrow)] == [200, 404]


def test_what_its_person_brought_in_elsewhere_is_not_followed(alice: Person, shelf: Collection) -> None:
    other = make_collection("Other", editors=[alice])
    document = make_document(other, owner=alice)
    batch = Batch.objects.create(name="other.zip", door="api", collection=other, person=alice)
    facts = {"batch": batch, "collection": other, "person": alice, "kind": "zip", "sha256": "0" * 64}
    archive = Container.objects.create(name="other.zip", **facts)
    wide, narrow = (bearing(make_key(alice, **kept)) for kept in ({}, {"collections": [shelf]}))
    for address in (f"documents/{document.pk}/status", f"archives/{archive.pk}"):
        assert [tool.get(f"{ROOT}/{address}").status_code for tool in (wide, narrow)] == [200, 404]
    holder = ApiKey.objects.latest("pk").bind(alice)
    assert (Batch.objects.visible_to(alice).count(), Batch.objects.visible_to(holder).count()) == (1, 0)


def test_a_key_of_a_deleted_collection_reads_nothing(alice: Person, dana: Person, shelf: Collection) -> None:
    other = make_collection("Other", readers=[alice])
    make_document(shelf, owner=dana, sensitivity=Sensitivity.PUBLIC)
    tool = bearing(make_key(alice, collections=[other]))
    other.delete()
    assert tool.get(f"{ROOT}/documents").json()["items"] == []


def finished(question: Question) -> Answer:
    [answer] = [event.answer for event in ask(question) if isinstance(event, Finished)]
    return answer


def last_conversation() -> UUID:
    return Conversation.objects.latest("created_at").pk

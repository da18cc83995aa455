"""Conversations, answers, feedback and searches over the API: the owner's, and as much as one may read of others'."""

from uuid import uuid4

import pytest
from django.test import Client

from kb.models import Answer, Collection, Conversation, Feedback, Person, Search, Sensitivity, Share
from tests.builders import make_document, make_key
from tests.visiting import make_answer

V1 = "/api/v1"
JSON = "application/json"
NOBODYS = uuid4()


def keyed(person: Person) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_key(person)}"})


@pytest.fixture
def answer(alice: Person, dana: Person, shelf: Collection) -> Answer:
    return make_answer(alice, make_document(shelf, owner=dana, title="Rail rules"))


@pytest.fixture
def thread(answer: Answer) -> Conversation:
    return answer.question.conversation


OWN = [
    ("patch", "/conversations/{thread}", {"title": "Mine"}),
    ("get", "/conversations/{thread}/export", None),
    ("post", "/conversations/{thread}/shares", {"username": "dana"}),
    ("delete", "/conversations/{thread}", None),
    ("post", "/answers/{answer}/stop", None),
    ("post", "/answers/{answer}/retry", {}),
    ("post", "/answers/{answer}/survey", None),
    ("get", "/answers/{answer}/survey", None),
    ("post", "/answers/{answer}/survey/confirm", None),
    ("put", "/answers/{answer}/feedback", {"helpful": True}),
    ("delete", "/answers/{answer}/feedback", None),
    ("put", "/answers/{answer}/citations/1/feedback", {"helpful": True}),
]


def test_what_is_the_owners_is_to_others_like_what_does_not_exist(
    answer: Answer, thread: Conversation, bob: Person, dana: Person
) -> None:
    Share.give(thread, "bob")
    for client in (keyed(bob), keyed(dana)):
        for method, address, body in OWN:
            real, made_up = (
                getattr(client, method)(V1 + address.format(**ids), body, content_type=JSON)
                if body is not None
                else getattr(client, method)(V1 + address.format(**ids))
                for ids in (
                    {"thread": thread.pk, "answer": answer.pk},
                    {"thread": NOBODYS, "answer": NOBODYS},
                )
            )
            assert (real.status_code, real.content) == (404, made_up.content), address
    assert not Feedback.objects.exists()


def test_the_owner_reads_renames_shares_exports_and_deletes(
    answer: Answer, thread: Conversation, alice: Person, bob: Person
) -> None:
    client, address = keyed(alice), f"{V1}/conversations/{thread.pk}"
    [told] = client.get(address).json()["answers"]
    assert (told["text"], told["withheld"]) == ("Second class. [1]", False)
    assert [(each["title"], each["supported"]) for each in told["citations"]] == [("Rail rules", True)]
    assert told == client.get(f"{V1}/answers/{answer.pk}").json()
    assert client.patch(address, {"title": "Trains"}, content_type=JSON).json()["title"] == "Trains"
    assert client.get(f"{address}/export").content.decode().startswith("# Trains\n")
    share = client.post(f"{address}/shares", {"username": "bob"}, content_type=JSON).json()["id"]
    [shared] = keyed(bob).get(f"{V1}/conversations/shared").json()["items"]
    assert (shared["title"], shared["owner"], shared["shared_with"]) == ("Trains", "alice", [])
    assert client.delete(f"{address}/shares/{share}").status_code == 204
    assert keyed(bob).get(address).status_code == 404
    assert client.delete(address).status_code == 204
    assert not Conversation.objects.exists()


def test_whoever_is_not_cleared_reads_the_question_of_a_shared_answer_and_nothing_else(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    secret = make_document(shelf, owner=dana, title="Pay", sensitivity=Sensitivity.CONFIDENTIAL)
    answer = make_answer(alice, secret, text="Much. [1]")
    thread = answer.question.conversation
    Share.give(thread, "bob")
    client = keyed(bob)
    [told] = client.get(f"{V1}/conversations/{thread.pk}").json()["answers"]
    assert told["withheld"] and told["question"] == "Which class do we travel?"
    for body in (told, client.get(f"{V1}/answers/{answer.pk}").json()):
        assert "Much" not in str(body) and "Pay" not in str(body)
        assert (body["citations"], body["sensitivity"], body["location"]) == ([], None, "")


def test_words_find_ones_own_conversations_alone(thread: Conversation, alice: Person, bob: Person) -> None:
    found = [
        len(keyed(person).get(f"{V1}/conversations?q={words}").json()["items"])
        for person in (alice, bob)
        for words in ("second", "first")
    ]
    assert found == [1, 0, 0, 0]


def test_a_complaint_reaches_who_manages_the_document_and_is_resolved_once(
    answer: Answer, alice: Person, bob: Person, dana: Person
) -> None:
    complain = {"helpful": False, "reason": "outdated", "note": "It changed."}
    address = f"{V1}/answers/{answer.pk}/feedback"
    assert keyed(alice).put(address, complain, content_type=JSON).status_code == 204
    assert keyed(bob).get(f"{V1}/complaints").json()["items"] == []
    [told] = keyed(dana).get(f"{V1}/complaints").json()["items"]
    assert (told["reason"], told["note"]) == ("outdated", "It changed.")
    assert [each["title"] for each in told["places"]] == ["Rail rules"]
    resolve = f"{V1}/complaints/{told['id']}/resolve"
    replies = [
        keyed(who).post(resolve, {"note": "Corrected."}, content_type=JSON) for who in (bob, dana, dana)
    ]
    assert [reply.status_code for reply in replies] == [404, 204, 404]
    assert keyed(alice).get(f"{V1}/answers/{answer.pk}").json()["feedback"]["resolution"] == "Corrected."


def test_feedback_that_says_nothing_useful_is_refused(answer: Answer, alice: Person) -> None:
    for said in ({"helpful": False}, {"helpful": True, "reason": "wrong"}, {"reason": "wrong"}):
        reply = keyed(alice).put(f"{V1}/answers/{answer.pk}/feedback", said, content_type=JSON)
        assert reply.status_code == 422, said


def test_searches_are_kept_for_oneself(alice: Person, bob: Person) -> None:
    Search.remember(alice, words="rail", query="q=rail")
    new = {"query": "q=days++of+leave&tag=2026"}
    saved = keyed(alice).post(f"{V1}/searches", new, content_type=JSON).json()
    assert (saved["name"], saved["words"]) == ("days of leave", "days of leave")
    assert keyed(alice).post(f"{V1}/searches", {"query": "tag=2026"}, content_type=JSON).status_code == 422
    assert [len(keyed(who).get(f"{V1}/searches").json()["items"]) for who in (alice, bob)] == [1, 0]
    assert keyed(bob).delete(f"{V1}/searches/{saved['id']}").status_code == 404
    assert keyed(alice).delete(f"{V1}/searches/{saved['id']}").status_code == 204
    assert [each["words"] for each in keyed(alice).get(f"{V1}/searches/recent").json()["items"]] == ["rail"]
    assert keyed(alice).delete(f"{V1}/searches/recent").status_code == 204
    assert not Search.objects.exists()

"""A client that hangs up before its reply stops the model, on a real server."""

from collections.abc import Iterator
from urllib.parse import urlencode

import pytest

from kb.models import Answer, Collection, Document, ModelCall, Person
from tests.builders import indexed, make_document, make_key
from tests.endless import Endless, ask_and_hang_up, post_and_hang_up
from tests.serving import served
from tests.stack import eventually
from tests.visiting import signed_in

pytestmark = pytest.mark.usefixtures("library", "endless")

QUESTION = "How many days of leave does everybody have?"
CHAPTERS = {
    "Alpha contract": "The notice period of the Alpha contract is four weeks.",
    "Beta contract": "The notice period of the Beta contract is six months.",
    "Leave policy": "Everybody has 30 days of leave in a calendar year.",
}


@pytest.fixture
def address(transactional_db: None) -> Iterator[str]:
    with served() as url:
        yield url


@pytest.fixture
def library(fake_models: object, dana: Person, shelf: Collection) -> list[Document]:
    return [
        indexed(make_document(shelf, owner=dana, title=title, chunks=[text]))
        for title, text in CHAPTERS.items()
    ]


def stopped() -> bool:
    return Answer.objects.get().state == Answer.State.STOPPED


def test_of_a_question(address: str, alice: Person) -> None:
    ask_and_hang_up(f"{address}/api/v1/ask", make_key(alice), {"question": QUESTION})
    assert eventually(stopped)
    assert ModelCall.objects.get().outcome == ModelCall.Outcome.STOPPED
    assert " and and" in Answer.objects.get().text


def test_of_an_answer_that_is_written_once_more(address: str, alice: Person) -> None:
    key = make_key(alice)
    ask_and_hang_up(f"{address}/api/v1/ask", key, {"question": QUESTION})
    assert eventually(stopped)
    Endless.begun.clear()
    ask_and_hang_up(f"{address}/api/v1/answers/{Answer.objects.get().pk}/retry", key, {})
    assert eventually(stopped)
    outcomes = [call.outcome for call in ModelCall.objects.all()]
    assert outcomes == [ModelCall.Outcome.STOPPED] * 2


def test_of_a_question_that_many_documents_are_read_for(address: str, alice: Person) -> None:
    asked = {"question": "Compare all contracts on notice", "all": True, "agreed": True}
    ask_and_hang_up(f"{address}/api/v1/ask", make_key(alice), asked)
    assert eventually(stopped)
    assert ModelCall.objects.get().outcome == ModelCall.Outcome.STOPPED


def test_of_a_page_without_script(address: str, alice: Person) -> None:
    session, token = signed_in(alice).cookies["sessionid"].value, "t" * 32
    headers = {
        "Cookie": f"sessionid={session}; csrftoken={token}",
        "Content-Type": "application/x-www-form-urlencoded",
    }
    form = urlencode({"csrfmiddlewaretoken": token, "text": QUESTION})
    post_and_hang_up(f"{address}/", form, headers)
    assert eventually(stopped)
    assert ModelCall.objects.get().outcome == ModelCall.Outcome.STOPPED

"""What holds when several do the same at the same moment: on SQLite here, on PostgreSQL in test_server_profile."""

import threading
from collections.abc import Callable
from io import BytesIO

import pytest
from django.db import connection

from inference import budget
from inference.ask import pose
from ingestion.lease import Lease
from ingestion.sources.upload import upload
from kb.models import (
    Allowance,
    Answer,
    Collection,
    Document,
    ModelCall,
    Person,
    Sensitivity,
    Spending,
    Version,
)
from kb.models.library import Stage
from tests.builders import make_document
from tests.ledger_rows import append

pytest_plugins = ["tests.fakes"]

pytestmark = pytest.mark.django_db(transaction=True)

ROWS = 50


def at_once(act: Callable[[], object], *, times: int) -> list[object]:
    """What each of so many threads got, which set off together."""
    start, results = threading.Barrier(times), []

    def go() -> None:
        start.wait()
        try:
            results.append(act())
        except Exception as error:  # noqa: BLE001 - the test shows it
            results.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=go) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def append_rows() -> int:
    for _ in range(ROWS):
        ModelCall.objects.append(
            purpose=ModelCall.Purpose.ANSWER,
            model="extractive",
            location="on-premises",
            decision=ModelCall.Decision.SEND,
            reason="The strictest text is Internal.",
            sensitivity=Sensitivity.INTERNAL,
            prompt_version="answer-1",
            sent_sha256="0" * 64,
            sent_bytes=1,
        )
    return ROWS


def test_rows_of_the_ledger_stay_one_chain() -> None:
    assert at_once(append_rows, times=2) == [ROWS, ROWS]
    verdict = ModelCall.objects.verify()
    assert (verdict.rows, verdict.fault) == (2 * ROWS, "")


def test_one_worker_gets_a_version(dana: Person, shelf: Collection) -> None:
    version = make_document(shelf, owner=dana, stage=Stage.QUEUED).versions.get()
    claimed = at_once(lambda: Lease.claim(version.pk), times=4)
    assert sorted(type(each).__name__ for each in claimed) == ["Lease", "NoneType", "NoneType", "NoneType"]
    version.refresh_from_db()
    assert version.attempts == 1


def test_one_request_writes_an_answer(bob: Person) -> None:
    answer = Answer.objects.get(question=pose(bob, "How many days of leave are there?"))
    assert sorted(at_once(answer.claim, times=4)) == [False, False, False, True]


def test_the_same_bytes_are_one_document(
    dana: Person, shelf: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # No broker runs here, and Celery would look for it for seconds.
    monkeypatch.setattr("ingestion.sources.upload.enqueue", lambda version_id: None)
    received = at_once(lambda: upload(dana, shelf, BytesIO(b"30 days of leave."), name="leave.txt"), times=4)
    assert sorted(each.duplicate for each in received) == [False, True, True, True]
    assert {each.version.pk for each in received} == {Version.objects.get().pk}
    assert Document.objects.count() == 1


def test_the_last_of_a_budget_is_given_to_one_call(alice: Person, fakes: None) -> None:
    Allowance.objects.create(person=alice, tokens_a_day=1)
    calls = [append() for _ in range(4)]
    results = at_once(lambda: budget.reserve(calls.pop(), "slm", alice), times=4)
    assert sorted(type(each).__name__ for each in results) == ["BudgetSpent"] * 3 + ["NoneType"]
    assert Spending.objects.count() == 1

"""What left is known, and a row that was changed by hand is found."""

from uuid import uuid4

import pytest
from django.db import connection

from kb.models import ModelCall, Sensitivity
from tests.guards import lift

pytestmark = pytest.mark.django_db


def append(**fields: object) -> ModelCall:
    known: dict[str, object] = {
        "purpose": ModelCall.Purpose.ANSWER,
        "subject": uuid4(),
        "model": "gpt",
        "location": "cloud",
        "decision": ModelCall.Decision.SEND,
        "reason": "The strictest text is Public.",
        "sensitivity": Sensitivity.PUBLIC,
        "chunks": [[1, 10]],
        "prompt_version": "answer-1",
        "sent_sha256": "0" * 64,
        "sent_bytes": 10,
    }
    return ModelCall.objects.append(**(known | fields))


def by_hand(sql: str) -> None:
    """As somebody who may change the schema: the triggers are out of his way."""
    lift()
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_an_untouched_ledger_is_intact() -> None:
    append().finish(ModelCall.Outcome.DONE, prompt_tokens=12, answer_tokens=3, cost_usd=0.0001)
    append(decision=ModelCall.Decision.REFUSE, outcome=ModelCall.Outcome.REFUSED)
    append()
    verdict = ModelCall.objects.verify()
    assert (verdict.rows, verdict.fault) == (3, "")


def test_an_empty_ledger_is_intact() -> None:
    assert ModelCall.objects.verify().intact


@pytest.mark.parametrize(
    ("sql", "fault"),
    [
        (
            "UPDATE kb_modelcall SET location = 'on-premises' WHERE sequence = 2",
            "Row 2 was changed after it was written.",
        ),
        (
            "UPDATE kb_modelcall SET chunks = '[]' WHERE sequence = 1",
            "Row 1 was changed after it was written.",
        ),
        (
            "UPDATE kb_modelcall SET outcome = 'sending' WHERE sequence = 2",
            "The outcome of row 2 was changed after it was written.",
        ),
        ("DELETE FROM kb_modelcall WHERE sequence = 2", "Row 2 is missing."),
        (
            "DELETE FROM kb_modelcall WHERE sequence = 3",
            "The ledger should have 3 rows and has 2: its end was cut off.",
        ),
        ("DELETE FROM kb_ledgerhead", "The head of the ledger is missing."),
        ("UPDATE kb_ledgerhead SET rows = 2", "The head of the ledger was changed by hand."),
    ],
)
def test_a_change_by_hand_is_found(sql: str, fault: str) -> None:
    for _ in range(3):
        append().finish(ModelCall.Outcome.DONE)
    by_hand(sql)
    assert ModelCall.objects.verify().fault == fault


def test_a_call_ends_only_once() -> None:
    call = append()
    call.finish(ModelCall.Outcome.FAILED, failure="The provider answered 500.")
    ModelCall.objects.get(pk=call.pk).finish(ModelCall.Outcome.DONE)
    assert ModelCall.objects.get(pk=call.pk).outcome == ModelCall.Outcome.FAILED
    assert ModelCall.objects.verify().intact

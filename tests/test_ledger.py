"""What left is known: the database refuses changes, and one that was made by hand nevertheless is found."""

import json
from datetime import timedelta

import pytest
from celery import current_app
from django.db import DatabaseError, connection, transaction
from django.utils import timezone
from pytest_django.fixtures import Settings

import ingestion.upkeep  # noqa: F401 - registers the tasks
from kb.models import LedgerPayload, ModelCall, Person
from tests.guards import lift
from tests.ledger_rows import append, refused

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=400)
A_YEAR_AGO = timezone.now() - timedelta(days=365)


def by_hand(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_an_untouched_ledger_is_intact() -> None:
    append().finish(ModelCall.Outcome.DONE, prompt_tokens=12, answer_tokens=3, cost_usd=0.0001)
    refused()
    append(pseudonyms={"person": 2})
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
            "UPDATE kb_modelcall SET rule = 'ROUTES: PUBLIC → nowhere' WHERE sequence = 3",
            "Row 3 was changed after it was written.",
        ),
        (
            "UPDATE kb_modelcall SET seal_version = 1 WHERE sequence = 2",
            "Row 2 was changed after it was written.",
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
        (
            "UPDATE kb_modelcall SET person_id = NULL, subject = NULL, reason = '', chunks = '[]', salt = '', "
            "pruned_at = at WHERE sequence = 2",
            "The details of row 2 were erased by hand.",
        ),
    ],
)
def test_a_change_by_somebody_who_may_drop_triggers_is_found(sql: str, fault: str) -> None:
    for _ in range(3):
        append().finish(ModelCall.Outcome.DONE)
    lift()
    by_hand(sql)
    assert ModelCall.objects.verify().fault == fault


def test_a_row_of_the_first_seal_still_holds_and_is_found_when_changed() -> None:
    append(seal_version=1, destination="", rule="").finish(ModelCall.Outcome.DONE)
    append()
    assert ModelCall.objects.verify().intact
    lift()
    by_hand("UPDATE kb_modelcall SET reason = 'Because.' WHERE sequence = 1")
    assert ModelCall.objects.verify().fault == "Row 1 was changed after it was written."


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE kb_modelcall SET location = 'on-premises'",
        "UPDATE kb_modelcall SET chunks = '[]'",
        "UPDATE kb_modelcall SET outcome = 'done', sent_bytes = 0",
        "UPDATE kb_modelcall SET outcome = 'refused'",
        "UPDATE kb_modelcall SET outcome = 'done' WHERE sequence = 2",
        "UPDATE kb_modelcall SET failure = 'It rained.' WHERE sequence = 2",
        "UPDATE kb_modelcall SET pruned_at = at, reason = '' WHERE sequence = 2",
        "UPDATE kb_modelcall SET person_id = NULL WHERE sequence = 2",
        "UPDATE kb_modelcall SET sequence = 3 WHERE sequence = 2",
        "DELETE FROM kb_modelcall",
        "UPDATE kb_ledgerhead SET rows = 1",
        "UPDATE kb_ledgerhead SET digest = ''",
        "DELETE FROM kb_ledgerhead",
    ],
)
def test_the_database_refuses(sql: str, alice: Person) -> None:
    append(person=alice)
    append(person=alice).finish(ModelCall.Outcome.FAILED)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        by_hand(sql)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite knows no TRUNCATE")
@pytest.mark.parametrize("table", ["kb_modelcall", "kb_ledgerhead"])
def test_postgresql_refuses_to_truncate(table: str) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        by_hand(f"TRUNCATE {table} CASCADE")


def test_a_call_ends_only_once() -> None:
    call = append()
    call.finish(ModelCall.Outcome.FAILED, failure="The provider answered 500.")
    ModelCall.objects.get(pk=call.pk).finish(ModelCall.Outcome.DONE)
    assert ModelCall.objects.get(pk=call.pk).outcome == ModelCall.Outcome.FAILED
    assert ModelCall.objects.verify().intact


@pytest.mark.django_db(transaction=True)
def test_a_row_is_not_written_where_it_could_be_undone_after_the_text_has_left() -> None:
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
        append()


# --- Retention -------------------------------------------------------------------------------------------


def test_pruning_erases_what_is_personal_and_the_chain_holds(alice: Person) -> None:
    append(person=alice, at=LONG_AGO, pseudonyms={"person": 1}, payload=b"Hello").finish(
        ModelCall.Outcome.DONE, answer_tokens=3
    )
    refused(person=alice, at=LONG_AGO)
    append(person=alice)
    assert ModelCall.objects.prune(A_YEAR_AGO) == 2
    old = ModelCall.objects.get(sequence=1)
    assert (old.person, old.subject, old.reason, old.chunks, old.pseudonyms) == (None, None, "", [], {})
    assert (old.rule, old.sent_bytes, old.answer_tokens) == ("ROUTES: PUBLIC → cloud", 10, 3)
    assert not LedgerPayload.objects.exists()
    verdict = ModelCall.objects.verify()
    assert (verdict.rows, verdict.fault, verdict.pruned) == (3, "", 2)


def test_pruning_leaves_calls_under_way_and_rows_of_the_first_seal() -> None:
    append(at=LONG_AGO)
    append(at=LONG_AGO, seal_version=1, destination="", rule="").finish(ModelCall.Outcome.DONE)
    assert ModelCall.objects.prune(A_YEAR_AGO) == 0
    assert ModelCall.objects.verify().intact


def test_a_pruned_row_cannot_get_other_details(alice: Person) -> None:
    refused(person=alice, at=LONG_AGO)
    ModelCall.objects.prune(A_YEAR_AGO)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        by_hand("UPDATE kb_modelcall SET reason = 'Because.'")
    lift()
    by_hand("UPDATE kb_modelcall SET reason = 'Because.'")
    assert ModelCall.objects.verify().fault == "Row 1 was changed after it was written."


def test_the_same_details_have_different_digests() -> None:
    first, second = append(subject=None), append(subject=None)
    assert first.details_digest != second.details_digest


@pytest.mark.parametrize(("days", "pruned"), [(0, 0), (30, 1)])
def test_every_night_the_policy_is_kept(days: int, pruned: int, settings: Settings) -> None:
    settings.LEDGER_KEEP_DAYS = days
    refused(at=LONG_AGO)
    beat = settings.CELERY_BEAT_SCHEDULE["prune-ledger"]
    current_app.tasks[beat["task"]]()
    assert ModelCall.objects.verify().pruned == pruned


# --- Payloads --------------------------------------------------------------------------------------------


def test_a_payload_can_be_read_with_the_key_and_not_in_the_database() -> None:
    payload = json.dumps(["Be brief.", "What is the margin?"]).encode()
    kept = append(payload=payload).payload
    assert kept.opened() == payload
    assert b"margin" not in bytes(LedgerPayload.objects.get().encrypted)

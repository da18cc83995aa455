"""The ledger page: searching, charts, files, payloads, and what a person sees of his own answers."""

import csv
import io
import json
from datetime import UTC, datetime, timedelta

import pytest
from asgiref.sync import async_to_sync
from django.urls import reverse

from kb.models import Collection, Event, LedgerPayload, ModelCall, Person, Sensitivity
from tests.builders import make_document
from tests.guards import lift
from tests.ledger_rows import append, refused
from tests.visiting import chat_of, make_answer, page_of, signed_in, text_of

NOON = datetime(2026, 3, 14, 12, tzinfo=UTC)


def listed(dana: Person, narrowing: str) -> list[int]:
    page = page_of(dana, f"{reverse('ledger')}?{narrowing}").context["page"]
    return [call.sequence for call in page]


@pytest.mark.parametrize(
    ("narrowing", "rows"),
    [
        ("", [3, 2, 1]),
        ("location=cloud&decision=refuse&purpose=made-up", [2]),
        ("outcome=refused", [2]),
        ("model=house", [1]),
        ("model=nobody", [3, 2, 1]),
        ("sensitivity=20", [3]),
        ("since=2026-03-15", [3, 2]),
        ("until=2026-03-14", [1]),
        ("since=2026-03-15&until=2026-03-15", [2]),
        ("since=yesterday", [3, 2, 1]),
    ],
)
def test_the_ledger_can_be_narrowed(narrowing: str, rows: list[int], dana: Person) -> None:
    append(at=NOON, model="house", location="on-premises")
    refused(at=NOON + timedelta(days=1))
    append(at=NOON + timedelta(days=2), sensitivity=Sensitivity.INTERNAL)
    assert listed(dana, narrowing) == rows


def test_the_ledger_can_be_narrowed_to_a_person(dana: Person, alice: Person) -> None:
    append(person=alice)
    append(person=dana)
    assert listed(dana, f"person={alice.pk}") == [1]


def test_the_ledger_counts_what_left(dana: Person) -> None:
    append(location="on-premises")
    append(sent_bytes=2048)
    refused()
    totals = page_of(dana, reverse("ledger")).context["totals"]
    assert (totals.calls, totals.left, totals.bytes_left, totals.refused) == (3, 1, 2048, 1)


def test_charts_show_what_left_and_nothing_else(dana: Person, alice: Person) -> None:
    append(location="on-premises", model="house")
    refused(model="refused")
    append(person=alice, at=NOON, sent_bytes=100)
    append(person=alice, at=NOON, sent_bytes=200, model="other")
    append(person=dana, at=NOON + timedelta(days=1), sent_bytes=50)
    charts = page_of(dana, reverse("ledger")).context["departures"]
    assert [(bar.name, bar.calls, bar.bytes, bar.percent) for bar in charts.people] == [
        ("Alice", 2, 300, 100),
        ("Dana", 1, 50, 50),
    ]
    assert [(bar.name, bar.calls) for bar in charts.models] == [("gpt", 2), ("other", 1)]
    assert [(bar.name, bar.bytes) for bar in charts.labels] == [("Public", 350)]
    assert [bar.percent for bar in charts.days] == [0] * 28 + [100, 50]


def test_without_departures_there_is_no_chart(dana: Person) -> None:
    append(location="on-premises")
    assert page_of(dana, reverse("ledger")).context["departures"] is None


def test_verifying_says_whether_the_ledger_stands(dana: Person) -> None:
    append()
    assert "The one row of the ledger stands as it was written." in text_of(
        signed_in(dana).post(reverse("ledger"))
    )
    lift()
    ModelCall.objects.update(reason="Changed by hand.")
    fragment = signed_in(dana).post(reverse("ledger"), headers={"HX-Request": "true"})
    assert "Row 1 was changed after it was written." in text_of(fragment)
    assert "<html" not in text_of(fragment)


# --- Files -----------------------------------------------------------------------------------------------


def exported(person: Person, address: str) -> str:
    response = page_of(person, address)

    async def received() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    return async_to_sync(received)().decode()


def test_the_narrowed_rows_are_exported_for_programs(dana: Person) -> None:
    append()
    refused(pseudonyms={"person": 2})
    lines = exported(dana, reverse("ledger-json-lines") + "?decision=refuse").splitlines()
    [row] = [json.loads(line) for line in lines]
    assert (row["row"], row["rule"], row["pseudonyms"]) == (2, "ROUTES: PUBLIC → cloud", {"person": 2})


def test_the_rows_are_exported_for_spreadsheets_in_order(dana: Person) -> None:
    append(), append()
    text = exported(dana, reverse("ledger-csv"))
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(row["row"], row["destination"], row["chunks"]) for row in rows] == [
        ("1", "api.example.com", "[[1, 10]]"),
        ("2", "api.example.com", "[[1, 10]]"),
    ]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_a_spreadsheet_runs_nothing_that_stands_in_a_row(start: str, dana: Person) -> None:
    append(reason=f"{start}HYPERLINK(1)")
    text = exported(dana, reverse("ledger-csv"))
    [row] = csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert row["reason"] == f"'{start}HYPERLINK(1)"


def test_more_rows_than_a_page_are_all_exported(dana: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.exchange.ledger_export.PAGE", 2)
    for _ in range(5):
        append()
    assert len(exported(dana, reverse("ledger-json-lines")).splitlines()) == 5


@pytest.mark.parametrize("name", ["ledger-csv", "ledger-json-lines"])
def test_only_administrators_get_the_files(name: str, alice: Person, charlie: Person) -> None:
    assert [page_of(person, reverse(name)).status_code for person in (alice, charlie)] == [404, 404]


# --- Payloads --------------------------------------------------------------------------------------------


def read_payload(person: Person, sequence: int = 1):
    return signed_in(person).post(reverse("ledger-payload", args=[sequence]))


def test_an_administrator_reads_a_payload_and_that_is_written_down(dana: Person) -> None:
    kept = append(payload=b"What is <b>the</b> margin?").payload
    assert "What is &lt;b&gt;the&lt;/b&gt; margin?" in text_of(read_payload(dana))
    event = Event.objects.get()
    assert (event.person, event.verb, event.subject, event.note) == (
        dana,
        "payload",
        kept.pk,
        "Row 1 of the ledger.",
    )


def test_nobody_else_reads_a_payload(alice: Person, charlie: Person, dana: Person) -> None:
    append(payload=b"Hello", person=alice)
    assert [read_payload(person).status_code for person in (alice, charlie)] == [404, 404]
    assert signed_in(dana).get(reverse("ledger-payload", args=[1])).status_code == 405
    assert not Event.objects.exists()


def test_a_payload_over_the_clearance_is_not_read(dana: Person) -> None:
    append(payload=b"Hello", sensitivity=Sensitivity.INTERNAL)
    Person.objects.filter(pk=dana.pk).update(clearance=Sensitivity.PUBLIC)
    dana.refresh_from_db()
    assert read_payload(dana).status_code == 404
    assert "Read what was sent" not in text_of(page_of(dana, reverse("ledger")))


def test_a_row_without_a_payload_is_not_found(dana: Person) -> None:
    append()
    assert read_payload(dana).status_code == 404


def test_a_damaged_payload_is_told_in_a_sentence(dana: Person) -> None:
    append(payload=b"Hello")
    LedgerPayload.objects.update(encrypted=b"damaged")
    assert "The payload cannot be opened." in text_of(read_payload(dana))


# --- One's own answers -----------------------------------------------------------------------------------


def test_an_answer_shows_what_was_sent_for_it_and_for_no_other(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    answer = make_answer(alice, make_document(shelf, owner=dana))
    append(subject=answer.pk, person=alice, sent_bytes=2048, sent_sha256="a" * 64)
    append(person=alice, sent_sha256="b" * 64)
    page = text_of(page_of(alice, chat_of(answer)))
    assert "What was sent for this answer" in page
    assert "with 1 passage to api.example.com" in page
    assert ("a" * 64 in page, "b" * 64 in page) == (True, False)

"""The overview, the page of health, what monitoring reads, and what log lines are about."""

import json
import logging
import time
from datetime import timedelta
from io import StringIO
from xml.etree import ElementTree

import pytest
from django.core.management import CommandError, call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from inference.ask import pose
from ingestion.jobs import pause
from ingestion.tasks import ingest
from kb.console.numbers_chart import columns
from kb.console.numbers_shown import charted, lines
from kb.errors import Unavailable
from kb.health import Component, Finding, State, look, machine, models, reading, services
from kb.logs import About, JsonLines, about
from kb.metrics.page import may_read
from kb.models import Answer, Collection, ModelCall, Person, StageRun
from kb.models.library import Stage
from kb.numbers.by_day import Day, by_day, held
from tests.builders import make_document, make_version
from tests.guards import lift
from tests.ledger_rows import append
from tests.visiting import page_of, text_of

NAMES = ["numbers", "numbers-csv", "health"]


# --- The overview ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_only_administrators_see_the_numbers(name: str, alice: Person, charlie: Person) -> None:
    assert [page_of(person, reverse(name)).status_code for person in (alice, charlie)] == [404, 404]
    assert Client().get(reverse(name)).status_code == 302


def test_each_day_counts_what_happened_on_it(shelf: Collection, alice: Person, bob: Person) -> None:
    yesterday = timezone.now() - timedelta(days=1)
    version = make_document(shelf, owner=alice, chunks=["One.", "Two."]).current_version
    version.ready_at, version.pages = yesterday, 7
    version.save()
    failed = make_version(version.document, stage=Stage.FAILED)
    StageRun.objects.create(
        version=failed, attempt=1, stage=Stage.PARSING, began=yesterday, seconds=1, outcome="failed"
    )
    for person, seconds in ((alice, 1.0), (alice, 2.0), (bob, 9.0)):
        answer = pose(person, "Which class?").answer
        answer.state, answer.seconds, answer.claimed_at = Answer.State.DONE, {"a": seconds}, timezone.now()
        answer.save()
    before, today = by_day(2)
    assert before == Day(timezone.localdate(yesterday), documents=1, pages=7, chunks=2, failures=1)
    assert (today.questions, today.people, today.usual, today.slow) == (3, 2, 2.0, 8.3)
    assert (held().documents, held().pages, held().chunks, held().people) == (1, 7, 2, 3)


def test_what_waits_comes_first_and_without_titles(shelf: Collection, dana: Person, alice: Person) -> None:
    shelf.editor_people.remove(dana)
    hidden = make_document(shelf, owner=alice, title="Project Ahorn", stage=Stage.FAILED)
    hidden.versions.update(ready_at=timezone.now())
    pause(dana)
    page = page_of(dana, reverse("numbers") + "?days=7")
    waiting = page.context["waiting"]
    assert (waiting.failed, waiting.to_review, waiting.pause is not None) == (1, 0, True)
    assert (page.context["length"], "Ahorn" in text_of(page)) == (7, False)


@pytest.mark.parametrize(("asked", "length"), [("90", 90), ("0", 30), ("99999999", 30), ("x", 30)])
def test_the_numbers_are_exported_day_by_day(asked: str, length: int, dana: Person) -> None:
    rows = text_of(page_of(dana, f"{reverse('numbers-csv')}?days={asked}")).splitlines()
    assert rows[0].removeprefix("\ufeff").split(",")[:3] == ["day", "questions", "people"]
    assert len(rows) == length + 1
    assert rows[-1] == f"{timezone.localdate()},0,0,,,0,0,0,0"


def test_a_chart_says_in_words_and_in_a_table_what_it_draws() -> None:
    today = timezone.localdate()
    days = [Day(today - timedelta(days=1), questions=3), Day(today, questions=1_500)]
    questions, people = charted(days)[:2]
    assert questions.total == "1,503 in all, at most 1,500 on a day"
    assert questions.rows == [(today, 1_500), (today - timedelta(days=1), 3)]
    assert (people.picture, people.total) == (None, "none in this time")
    assert lines(days)[-1][:2] == [today.isoformat(), 1_500]


def test_a_chart_is_drawn_without_what_the_content_policy_forbids() -> None:
    days = [timezone.localdate() - timedelta(days=back) for back in (2, 1, 0)]
    drawn = columns(days, [None, 5, 30], 'Questions: "<many>"')
    picture = ElementTree.fromstring(drawn)  # noqa: S314 - drawn here
    assert picture.get("aria-label") == 'Questions: "<many>"'
    assert not {"style", "script"} & {element.tag.rpartition("}")[2] for element in picture.iter()}
    assert not any("style" in element.attrib for element in picture.iter())
    heights = [
        float(bar.get("height", 0))
        for group in picture.iter()
        if group.get("class") == "series columns"
        for bar in group
    ]
    assert heights[1] == pytest.approx(6 * heights[0])


# --- Health ------------------------------------------------------------------------------------------------


def test_components_are_asked_side_by_side_and_not_for_long(db: None) -> None:
    def hangs() -> Finding:
        time.sleep(5)
        return Finding.works("Late.")

    def breaks() -> Finding:
        raise Unavailable("The broker does not answer.")

    checks = {"well": lambda: Finding.works("Fine."), "slow": hangs, "broken": breaks}
    components = {each.name: each.finding for each in look(checks, within=0.5)}
    assert list(components) == ["slow", "broken", "well"]
    assert components["slow"].says == "It did not answer within 0.5 s."
    assert components["broken"].says == "The broker does not answer."


def test_the_page_shows_the_worst_first_with_what_to_do(
    dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Component("Disk", Finding.down("Full.", "Make room.")), Component("Index", Finding.works("Up."))]
    monkeypatch.setattr("kb.console.health.look", lambda: found)
    page = page_of(dana, reverse("health"))
    assert (page.context["wrong"], page.context["well"]) == (found[:1], found[1:])
    assert "Make room." in text_of(page)


@pytest.mark.parametrize(("state", "fails"), [(State.DOWN, True), (State.DOUBTFUL, False)])
def test_the_command_fails_when_something_is_down(
    state: State, fails: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = [Component("Disk", Finding(state, "Full.", "Make room."))]
    monkeypatch.setattr("kb.management.commands.health.look", lambda within: found)
    said = StringIO()
    if fails:
        with pytest.raises(CommandError, match=r"^Down: Disk\.$"):
            call_command("health", "--json", stdout=said)
    else:
        call_command("health", "--json", stdout=said)
    [component] = json.loads(said.getvalue())
    assert component == {"name": "Disk", "finding": {"state": state, "says": "Full.", "advice": "Make room."}}


def test_the_end_of_the_ledger_is_looked_at(db: None) -> None:
    assert machine.ledger().state == State.WORKS
    append(), append()
    assert machine.ledger().state == State.WORKS
    lift()
    ModelCall.objects.filter(sequence=2).delete()
    assert machine.ledger().says == "The ledger should have 2 rows and has 1: its end was cut off."


def test_a_model_whose_last_calls_failed_is_down(fake_models: Settings, db: None) -> None:
    fake_models.MODELS = {**fake_models.MODELS, "llm": {"OPTIONS": {"model": "gpt"}}}
    for _ in range(2):
        append(model="gpt").finish("failed", failure="No credit.")
    assert models.llm().state == State.WORKS
    append(model="gpt").finish("failed", failure="No credit left.")
    assert models.llm().says == "Its last 3 calls failed: No credit left."


def test_missing_weights_are_told_of(settings: Settings) -> None:
    settings.MODELS = {"embedder": {"OPTIONS": {"model": "/nowhere/model"}}}
    assert models.embedder().says.startswith("/nowhere/model is not here.")


def test_a_disk_that_is_almost_full_is_down(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kb.health.machine.free_bytes", lambda _folder: 10_000_000)
    assert machine.disk().state == State.DOWN


@pytest.mark.parametrize(
    ("age", "state"), [(None, State.DOUBTFUL), (30, State.WORKS), (600, State.DOWN)], ids=str
)
def test_a_clock_that_stopped_is_down(age: int | None, state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    last = None if age is None else timezone.now() - timedelta(seconds=age)
    monkeypatch.setattr("kb.broker.last_tick", lambda: last)
    assert services.beat().state == state


def test_a_pause_and_a_lost_file_need_a_look(settings: Settings, tmp_path, db: None) -> None:
    settings.INBOX = tmp_path
    (tmp_path / "secret plan.pdf").touch()
    pause(None)
    assert reading.ingestion().state == State.DOUBTFUL
    assert reading.inbox().says == "Not taken, though they lie there: 1."


# --- Monitoring --------------------------------------------------------------------------------------------


def from_(address: str, **headers: str) -> bool:
    return may_read(RequestFactory().get("/metrics", headers=headers, REMOTE_ADDR=address))


def test_metrics_are_for_this_machine_or_for_the_token(settings: Settings) -> None:
    assert (from_("127.0.0.1"), from_("::1"), from_("192.0.2.7")) == (True, True, False)
    assert not from_("127.0.0.1", **{"X-Forwarded-For": "127.0.0.1"})
    settings.HTTPS = True
    assert not from_("127.0.0.1")
    settings.METRICS_TOKEN = "a-long-token"
    assert from_("192.0.2.7", Authorization="Bearer a-long-token")
    assert not from_("127.0.0.1")
    assert not from_("127.0.0.1", Authorization="Bearer another")


def test_metrics_tell_numbers_and_no_names(shelf: Collection, alice: Person, dana: Person) -> None:
    make_document(shelf, owner=alice, title="Project Ahorn")
    make_document(shelf, owner=alice, stage=Stage.FAILED)
    append()
    page_of(dana, reverse("library"))
    told = text_of(Client().get("/metrics"))
    assert "strongroom_documents 1.0" in told
    assert 'strongroom_versions{state="failed"} 1.0' in told
    assert 'strongroom_ledger_rows{decision="send",location="cloud"} 1.0' in told
    assert 'strongroom_request_seconds_count{page="library",status="200"}' in told
    assert not any(word in told for word in ("Ahorn", "alice", "Handbook"))
    assert Client().get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404


# --- Log lines ---------------------------------------------------------------------------------------------


def written(**extra: object) -> dict[str, object]:
    record = logging.makeLogRecord({"name": "strongroom", "levelname": "INFO", "msg": "Done."} | extra)
    About().filter(record)
    return json.loads(JsonLines().format(record))


def test_a_line_says_what_it_is_about_and_not_what_was_asked() -> None:
    with about(version="v1", document="d1"):
        line = written(request=RequestFactory().get("/search/?q=takeover"))
    assert (line["level"], line["message"], line["version"], line["document"]) == (
        "INFO",
        "Done.",
        "v1",
        "d1",
    )
    assert "takeover" not in json.dumps(line)
    assert "version" not in written()


@pytest.mark.parametrize(("sent", "kept"), [("proxy-17", True), ('17"}\n{"level', False), ("x" * 65, False)])
def test_a_request_has_an_id_of_its_own_or_of_the_proxy(sent: str, kept: bool, db: None) -> None:
    response = Client().get("/healthz", headers={"X-Request-ID": sent})
    assert (response["X-Request-ID"] == sent) is kept
    assert written()["request_id"] == response["X-Request-ID"]


def test_the_lines_of_a_worker_name_the_document(
    shelf: Collection, dana: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    version = make_version(make_document(shelf, owner=dana))
    lines: list[dict[str, object]] = []
    monkeypatch.setattr("ingestion.tasks.work", lambda lease: lines.append(written()))
    ingest()
    assert (lines[0]["version"], lines[0]["document"]) == (str(version.pk), str(version.document_id))

"""The pages of ingestion: what they show to whom, at what cost, and what they do."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ingestion import tasks
from ingestion.lease import Lease
from ingestion.pace import Pace, left_of, left_of_queue, takes_too_long
from kb.models import Batch, Collection, Event, Pause, Person, Priority, Sensitivity, Version
from kb.models.library import Stage
from kb.templatetags.durations import about, duration
from tests.builders import make_collection, make_document, make_version
from tests.visiting import page_of, signed_in, text_of

HIDDEN = "A document you may not see"


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "enqueue", lambda version_id, **_: None)
    monkeypatch.setattr(tasks, "enqueue_many", lambda count: None)


@pytest.fixture
def version(bob: Person, shelf: Collection) -> Version:
    return make_document(shelf, owner=bob, title="Lease", stage=Stage.QUEUED).versions.get()


@pytest.fixture
def secret(alice: Person) -> Version:
    """On a shelf that dana does not read."""
    shelf = make_collection("Board", editors=[alice])
    document = make_document(
        shelf, owner=alice, title="Larkspur", sensitivity=Sensitivity.RESTRICTED, stage=Stage.FAILED
    )
    batch = Batch.objects.create(
        person=alice, collection=shelf, name="Larkspur.txt and 1 more", door=Batch.Door.PORTAL
    )
    document.versions.update(batch=batch, failure="“Larkspur.txt” is damaged.", warnings=["Larkspur is odd."])
    make_version(document, batch=batch)
    return document.versions.get(stage=Stage.FAILED)


def act(person: Person, name: str, narrowing: str = "", **form: object):
    return signed_in(person).post(f"{reverse('jobs-act')}?{narrowing}", {"act": name, **form})


def names(person: Person, narrowing: str) -> list[str]:
    jobs = page_of(person, f"{reverse('jobs')}?{narrowing}").context["jobs"]
    return [job.title or HIDDEN for job in jobs]


# --- Who sees it ---


def test_the_pages_exist_for_administrators_only(
    alice: Person, bob: Person, charlie: Person, dana: Person, version: Version
) -> None:
    for address in (reverse("jobs"), reverse("jobs-live"), reverse("job", args=[version.pk])):
        people = (alice, bob, charlie, dana)
        assert [page_of(person, address).status_code for person in people] == [404, 404, 404, 200]
        assert Client().get(address).status_code == 302


def test_nobody_else_sends_anything_there(bob: Person, version: Version) -> None:
    for address in (reverse("jobs-act"), reverse("jobs-pause"), reverse("job", args=[version.pk])):
        form = {"act": "set-aside", "item": version.pk, "on": "1", "parser": ""}
        assert signed_in(bob).post(address, form).status_code == 404
    version.refresh_from_db()
    assert (version.stage, Pause.objects.exists(), Event.objects.exists()) == (Stage.QUEUED, False, False)


def test_of_a_document_that_an_administrator_may_not_see_only_figures_are_shown(
    dana: Person, secret: Version
) -> None:
    timeline = reverse("job", args=[secret.pk])
    for address in (reverse("jobs"), reverse("jobs-live"), timeline):
        assert "Larkspur" not in text_of(page_of(dana, address))
    assert HIDDEN in text_of(page_of(dana, timeline))
    assert names(dana, "q=larkspur") == []
    assert names(dana, "state=failed") == [HIDDEN]


# --- What it shows ---


def test_the_overview_counts_by_state_batch_and_person(
    dana: Person, bob: Person, shelf: Collection, version: Version
) -> None:
    batch = Batch.objects.create(person=dana, collection=shelf, name="import", door=Batch.Door.COMMAND)
    for stage in (Stage.QUEUED, Stage.QUEUED, Stage.READY, Stage.FAILED, Stage.SKIPPED):
        make_document(shelf, owner=dana, stage=stage).versions.update(batch=batch)
    yesterday = timezone.now() - timedelta(days=1)
    make_document(shelf, owner=bob).versions.update(ready_at=yesterday)
    assert Lease.claim(version.pk)
    live = page_of(dana, reverse("jobs-live")).context["live"]
    counts = live.counts
    assert (counts.waiting, counts.running, counts.ready, counts.failed, counts.skipped) == (2, 1, 1, 1, 1)
    [line] = live.batches
    assert (line.name, line.counts.total, line.counts.percent) == ("import", 5, 60)
    assert [(each.person, each.counts.waiting, each.counts.running) for each in live.people] == [
        (dana, 2, 0),
        (bob, 0, 1),
    ]
    assert [job.title for job in live.running] == ["Lease"]


def test_it_says_when_nobody_takes_what_waits(dana: Person, version: Version) -> None:
    assert not page_of(dana, reverse("jobs-live")).context["live"].idle
    Version.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert "no worker takes any" in text_of(page_of(dana, reverse("jobs-live")))


@pytest.mark.parametrize(
    ("narrowing", "found"),
    [
        ("", ["Lease", "Plan", "Menu"]),
        ("q=lea", ["Lease"]),
        ("state=waiting", ["Lease"]),
        ("state=ready", ["Menu"]),
        ("state=skipped", []),
        ("since=2026-03-15&until=2026-03-15", ["Menu"]),
        ("collection=nowhere", ["Lease", "Plan", "Menu"]),
    ],
)
def test_the_history_can_be_narrowed(
    narrowing: str, found: list[str], dana: Person, shelf: Collection, version: Version
) -> None:
    make_document(shelf, owner=dana, title="Plan", stage=Stage.FAILED).versions.update(
        created_at=timezone.now() - timedelta(hours=1)
    )
    noon = timezone.now().replace(year=2026, month=3, day=15, hour=12)
    make_document(shelf, owner=dana, title="Menu").versions.update(created_at=noon)
    assert names(dana, narrowing) == found
    assert names(dana, f"{narrowing}&person={dana.pk}") == [name for name in found if name != "Lease"]


def test_the_page_takes_as_many_queries_however_much_there_is(
    dana: Person, alice: Person, shelf: Collection
) -> None:
    client = signed_in(dana)

    def queries() -> int:
        with CaptureQueriesContext(connection) as counted:
            assert client.get(reverse("jobs")).status_code == 200
        return len(counted)

    def bring(owner: Person) -> None:
        batch = Batch.objects.create(person=owner, collection=shelf, name="more", door=Batch.Door.COMMAND)
        for stage in (Stage.QUEUED, Stage.QUEUED, Stage.FAILED):
            make_document(shelf, owner=owner, stage=stage).versions.update(batch=batch)
        Lease.claim_next()

    bring(alice)
    queries()  # Also fills what is remembered for a while.
    before = queries()
    for owner in (dana, alice, dana):
        bring(owner)
    assert queries() == before


# --- What it does ---


def test_the_chosen_ones_are_set_aside_and_nothing_else(
    dana: Person, shelf: Collection, version: Version
) -> None:
    other = make_document(shelf, owner=dana, stage=Stage.QUEUED).versions.get()
    reply = act(dana, "set-aside", "state=waiting", item=[version.pk])
    assert reply.headers["Location"] == f"{reverse('jobs')}?state=waiting"
    stages = dict(Version.objects.values_list("pk", "stage"))
    assert stages == {version.pk: Stage.SKIPPED, other.pk: Stage.QUEUED}


def test_all_that_fit_are_put_back(dana: Person, shelf: Collection) -> None:
    for title in ("Lease one", "Lease two", "Menu"):
        make_document(shelf, owner=dana, title=title, stage=Stage.FAILED)
    act(dana, "put-back", "q=lease&state=failed", all="1")
    back = Version.objects.filter(stage=Stage.QUEUED).order_by("name")
    assert [version.name for version in back] == ["Lease one.txt", "Lease two.txt"]


def test_all_that_failed_of_a_batch_is_retried_and_what_was_set_aside_stays(
    dana: Person, shelf: Collection
) -> None:
    batch = Batch.objects.create(person=dana, collection=shelf, name="import", door=Batch.Door.COMMAND)
    for stage in (Stage.FAILED, Stage.SKIPPED):
        make_document(shelf, owner=dana, stage=stage).versions.update(batch=batch)
    act(dana, "put-back", batch=batch.pk)
    assert sorted(Version.objects.values_list("stage", flat=True)) == [Stage.QUEUED, Stage.SKIPPED]
    act(dana, "first", batch=batch.pk)
    batch.refresh_from_db()
    assert batch.priority == Priority.FIRST


@pytest.mark.parametrize(
    "form", [{"act": "set-aside"}, {"act": "burn", "all": "1"}, {"act": "first", "item": "x"}]
)
def test_what_makes_no_sense_does_nothing(form: dict[str, str], dana: Person, version: Version) -> None:
    reply = signed_in(dana).post(reverse("jobs-act"), form, follow=True)
    assert "Nothing was done" in text_of(reply)
    assert not Event.objects.exists()


def test_ingestion_is_paused_with_a_reason_and_goes_on(dana: Person) -> None:
    client = signed_in(dana)
    client.post(reverse("jobs-pause"), {"on": "1", "reason": "The disk is full."})
    page = text_of(client.get(reverse("jobs")))
    assert "Paused by Dana" in page
    assert "The disk is full." in page
    client.post(reverse("jobs-pause"), {})
    assert not Pause.objects.exists()


# --- The timeline ---


def test_the_timeline_shows_each_attempt_and_the_stage_under_way(dana: Person, version: Version) -> None:
    lease = Lease.claim(version.pk)
    assert lease is not None
    lease.enter(Stage.PARSING)
    lease.settle(Stage.QUEUED, failure="The parser died.")
    again = Lease.claim(version.pk)
    assert again is not None
    again.enter(Stage.PARSING)
    again.note("plain-1")
    again.enter(Stage.CHUNKING)
    first, second = page_of(dana, reverse("job", args=[version.pk])).context["attempts"]
    assert [(bar.label, bar.outcome, bar.note) for bar in first.bars] == [
        ("reading the file", "again", "The parser died.")
    ]
    assert [(bar.label, bar.outcome, bar.note) for bar in second.bars] == [
        ("reading the file", "done", "plain-1"),
        ("cutting into passages", "", ""),
    ]


def test_a_document_is_read_again_from_its_timeline_by_who_may_change_it(
    dana: Person, shelf: Collection, secret: Version
) -> None:
    ready = make_document(shelf, owner=dana).versions.get()
    for version in (ready, secret):
        page_of(dana, reverse("job", args=[version.pk]))
        signed_in(dana).post(reverse("job", args=[version.pk]), {"parser": ""})
    stages = [Version.objects.get(pk=version.pk).stage for version in (ready, secret)]
    assert stages == [Stage.QUEUED, Stage.FAILED]


# --- How long it takes ---

PACE = Pace(
    of_page={
        "parsing": 2.0,
        "chunking": 0.5,
        "classifying": 1.0,
        "summarising": 1.0,
        "embedding": 4.0,
        "indexing": 0.5,
    },
    of_document={"parsing": 20.0, "embedding": 40.0},
)


NOW = datetime(2026, 3, 14, 12, tzinfo=UTC)


def at(stage: Stage, *, seconds: float, **fields: object) -> Version:
    return Version(stage=stage, stage_since=NOW - timedelta(seconds=seconds), **fields)


def test_what_is_left_follows_from_the_pages() -> None:
    told = at(Stage.PARSING, seconds=10, progress={"stage": "parsing", "page": 5, "pages": 20})
    assert left_of(told, PACE, NOW) == 30 + 20 * 7.0
    assert left_of(at(Stage.INDEXING, seconds=4, pages=10), PACE, NOW) == 1.0
    assert left_of(at(Stage.PARSING, seconds=1), Pace(), NOW) is None
    assert left_of(Version(stage=Stage.QUEUED), PACE, NOW) is None
    assert left_of_queue(PACE, waiting=10, running=2) == 60 * 11 / 2
    assert left_of_queue(Pace(), waiting=10, running=2) is None


@pytest.mark.parametrize(
    ("version", "too_long"),
    [
        (at(Stage.PARSING, seconds=190, pages=10), False),
        (at(Stage.PARSING, seconds=210, pages=10), True),
        (at(Stage.CHUNKING, seconds=55, pages=1), False),
        (at(Stage.CHUNKING, seconds=65, pages=1), True),
        (at(Stage.EMBEDDING, seconds=390), False),
        (at(Stage.INDEXING, seconds=310), True),
        (Version(stage=Stage.QUEUED), False),
    ],
)
def test_ten_times_the_usual_is_too_long(version: Version, too_long: bool) -> None:
    assert takes_too_long(version, PACE, NOW) == too_long


def test_the_pace_is_measured_from_what_went_through(version: Version) -> None:
    Version.objects.update(pages=4)
    for seconds in (6.0, 2.0):
        version.stage_runs.create(
            attempt=1, stage=Stage.PARSING, began=timezone.now(), seconds=seconds, outcome="done", worker="x"
        )
    version.stage_runs.create(
        attempt=1, stage=Stage.PARSING, began=timezone.now(), seconds=900, outcome="died", worker="x"
    )
    pace = Pace.lately()
    assert (pace.of_page, pace.of_document) == ({"parsing": 1.0}, {"parsing": 4.0})


def test_durations_are_read_at_a_glance() -> None:
    assert [duration(each) for each in (None, 0.44, 12.3, 185, 7_800)] == [
        "–", "0.4 s", "12 s", "3 min 5 s", "2 h 10 min",
    ]  # fmt: skip
    assert [about(each) for each in (None, 0.2, 185, 7_800)] == ["–", "1 s", "3 min", "2.2 h"]

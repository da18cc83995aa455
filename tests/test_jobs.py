"""What administrators do with the work: pause, hurry, set aside, put back, read again."""

from collections.abc import Callable

import pytest
from django.core.management import call_command

from ingestion import jobs, tasks
from ingestion.lease import Lease, LeaseLost
from ingestion.parse.registry import PARSERS, engine_name
from ingestion.reconcile import resend
from ingestion.sources.upload import upload
from kb.errors import Denied, Rejected
from kb.models import Batch, Collection, Event, Pause, Person, Priority, Version
from kb.models.library import Stage
from tests.builders import make_document
from tests.visiting import a_file


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many messages were sent at a time; no broker runs here."""
    counts = list[int]()
    monkeypatch.setattr(tasks, "enqueue", lambda version_id, **_: counts.append(1))
    monkeypatch.setattr(tasks, "enqueue_many", counts.append)
    monkeypatch.setattr("ingestion.sources.upload.enqueue", lambda version_id: None)
    return counts


def make(shelf: Collection, owner: Person, stage: Stage, **fields: object) -> Version:
    version = make_document(shelf, owner=owner, stage=stage).versions.get()
    Version.objects.filter(pk=version.pk).update(**fields)
    return version


def verbs() -> list[str]:
    return list(Event.objects.order_by("pk").values_list("verb", flat=True))


def stage(version: Version) -> str:
    version.refresh_from_db()
    return version.stage


def test_a_pause_stands_until_somebody_ends_it(
    dana: Person,
    shelf: Collection,
    sent: list[int],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:
    make(shelf, dana, Stage.QUEUED)
    assert (jobs.pause(dana, "The disk is full."), jobs.pause(dana)) == (True, False)
    assert Pause.objects.get().reason == "The disk is full."
    assert (resend(), sent) == ([], [])
    with django_capture_on_commit_callbacks(execute=True):
        assert (jobs.resume(dana), jobs.resume(dana)) == (True, False)
    assert (sent, verbs()) == ([1], ["pause", "resume"])


def test_only_administrators_steer(alice: Person, dana: Person, shelf: Collection) -> None:
    version = make(shelf, dana, Stage.QUEUED)
    mine = Version.objects.filter(pk=version.pk)
    batch = Batch.objects.create(person=alice, collection=shelf, name="x", door=Batch.Door.PORTAL)
    steer = [
        lambda: jobs.pause(alice),
        lambda: jobs.resume(alice),
        lambda: jobs.prioritise(mine, alice, Priority.FIRST),
        lambda: jobs.prioritise_batch(batch, alice, Priority.FIRST),
        lambda: jobs.set_aside(mine, alice),
        lambda: jobs.put_back(mine, alice),
        lambda: jobs.read_again(version, alice, ""),
    ]
    for act in steer:
        with pytest.raises(Denied):
            act()
    assert (verbs(), stage(version), Pause.objects.exists()) == ([], Stage.QUEUED, False)


def test_a_batch_is_hurried_with_what_still_comes_in(dana: Person, shelf: Collection) -> None:
    batch = Batch.objects.create(person=dana, collection=shelf, name="import", door=Batch.Door.PORTAL)
    waiting = make(shelf, dana, Stage.QUEUED, batch=batch)
    ready = make(shelf, dana, Stage.READY, batch=batch)
    assert jobs.prioritise_batch(batch, dana, Priority.FIRST) == 1
    batch.refresh_from_db()
    new = upload(dana, shelf, a_file(), name="leave.txt", batch=batch).version
    waiting.refresh_from_db()
    ready.refresh_from_db()
    assert (waiting.priority, ready.priority, new.priority) == (
        Priority.FIRST,
        Priority.NORMAL,
        Priority.FIRST,
    )


def test_what_waits_or_failed_is_set_aside_and_put_back(
    dana: Person, shelf: Collection, sent: list[int]
) -> None:
    made = [make(shelf, dana, each, attempts=3) for each in (Stage.QUEUED, Stage.FAILED, Stage.READY)]
    every = Version.objects.all()
    assert jobs.set_aside(every, dana) == 2
    assert [stage(version) for version in made] == [Stage.SKIPPED, Stage.SKIPPED, Stage.READY]
    assert Lease.claim_next() is None
    assert jobs.set_aside(every, dana) == 0
    assert jobs.put_back(every, dana) == 2
    assert (stage(made[0]), made[0].attempts, made[0].failure) == (Stage.QUEUED, 0, "")
    assert (sent, verbs()) == ([2], ["set aside", "set aside", "retry", "retry"])


def test_whoever_works_on_what_is_set_aside_stops(dana: Person, shelf: Collection) -> None:
    version = make(shelf, dana, Stage.QUEUED)
    lease = Lease.claim_next()
    assert lease is not None
    lease.enter(Stage.PARSING)
    assert jobs.set_aside(Version.objects.all(), dana) == 1
    with pytest.raises(LeaseLost):
        lease.enter(Stage.CHUNKING)
    assert list(version.stage_runs.values_list("stage", "outcome")) == [("parsing", "cancelled")]
    assert stage(version) == Stage.SKIPPED


def test_a_ready_document_is_read_again_by_another_parser(
    dana: Person, bob: Person, shelf: Collection, sent: list[int], django_capture_on_commit_callbacks
) -> None:
    version = make(shelf, dana, Stage.READY)
    other = PARSERS["text/plain"][-1]
    with django_capture_on_commit_callbacks(execute=True):
        jobs.read_again(version, dana, other)
    assert (stage(version), version.chosen_parser, sent) == (Stage.QUEUED, other, [1])
    assert version.document.current_version == version
    assert Event.objects.get().note == f"{version.name}, by {engine_name(other)}"
    with pytest.raises(Rejected, match="being read at the moment"):
        jobs.read_again(version, dana, "")


def test_a_parser_of_another_format_is_refused(dana: Person, shelf: Collection) -> None:
    version = make(shelf, dana, Stage.READY)
    with pytest.raises(Rejected, match="does not read this format"):
        jobs.read_again(version, dana, "os.system")
    assert stage(version) == Stage.READY


def test_commands_pause_list_and_resume(
    dana: Person, shelf: Collection, capsys: pytest.CaptureFixture[str]
) -> None:
    _, running = (make(shelf, dana, Stage.QUEUED, name=name) for name in ("a.pdf", "b.pdf"))
    lease = Lease.claim(running.pk)
    assert lease is not None
    lease.enter(Stage.EMBEDDING)
    for act in ("pause", "list", "resume", "resume"):
        call_command("jobs", act, reason="Moving house.")
    paused, since, first, second, resumed, again = capsys.readouterr().out.splitlines()
    assert (paused, resumed, again) == (
        "Ingestion is paused.",
        "Ingestion goes on.",
        "Ingestion was not paused.",
    )
    assert since.endswith("Moving house.")
    assert first.split() == ["embedding", "normal", "dana", "b.pdf"]
    assert second.split() == ["waiting", "normal", "dana", "a.pdf"]

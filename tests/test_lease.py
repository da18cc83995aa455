"""Two workers never change the same version, and a dead one does not keep it."""

import socket
from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from ingestion import tasks
from ingestion.lease import Lease, LeaseLost, holder_is_gone, this_process
from ingestion.reconcile import resend
from kb.models import Collection, Person, Version
from kb.models.library import Stage
from tests.builders import make_document


@pytest.fixture
def version(dana: Person, shelf: Collection) -> Version:
    document = make_document(shelf, owner=dana, stage=Stage.QUEUED)
    return document.versions.get()


def test_only_one_of_two_workers_gets_it(version: Version) -> None:
    assert Lease.claim(version.pk) is not None
    assert Lease.claim(version.pk) is None


def test_a_lease_that_ran_out_can_be_taken_and_the_first_worker_notices(version: Version) -> None:
    first = Lease.claim(version.pk)
    Version.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert Lease.claim(version.pk) is not None
    assert first is not None
    with pytest.raises(LeaseLost):
        first.enter(Stage.PARSING)


def test_a_deleted_version_stops_its_worker(version: Version) -> None:
    lease = Lease.claim(version.pk)
    Version.objects.update(retired=True)
    assert lease is not None
    with pytest.raises(LeaseLost):
        lease.settle(Stage.READY)


def test_settling_gives_it_back_with_the_time_of_each_stage(version: Version) -> None:
    lease = Lease.claim(version.pk)
    assert lease is not None
    lease.enter(Stage.PARSING)
    lease.enter(Stage.CHUNKING)
    lease.settle(Stage.READY)
    version.refresh_from_db()
    assert (version.stage, version.lease, version.attempts) == (Stage.READY, None, 1)
    assert list(version.seconds) == ["parsing", "chunking"]


def test_a_settled_version_is_not_claimed_again(version: Version) -> None:
    Version.objects.update(stage=Stage.FAILED)
    assert Lease.claim(version.pk) is None


def test_this_process_is_not_gone_and_another_machine_is_never_called_gone() -> None:
    assert not holder_is_gone(this_process())
    assert not holder_is_gone("elsewhere 1 1")


def test_the_lease_of_a_process_that_died_is_taken_back_at_once(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent = []
    monkeypatch.setattr("ingestion.tasks.enqueue", lambda pk: sent.append(pk))
    Lease.claim(version.pk)
    machine, _, started = this_process().split(" ")
    Version.objects.update(lease_holder=f"{machine} 999999999 {started}")
    resend()
    assert sent == [version.pk]


def test_a_message_that_comes_again_takes_over_from_a_process_that_died(version: Version) -> None:
    first = Lease.claim(version.pk)
    Version.objects.update(lease_holder=f"{socket.gethostname()} 999999999 1")
    assert first is not None
    assert Lease.claim(version.pk) is not None
    with pytest.raises(LeaseLost):
        first.enter(Stage.PARSING)


# --- The timeline, progress, and being taken away ---


def timeline(version: Version) -> list[tuple[int, str, str, str]]:
    return list(version.stage_runs.values_list("attempt", "stage", "outcome", "note"))


def test_each_stage_leaves_a_row(version: Version) -> None:
    lease = Lease.claim(version.pk)
    assert lease is not None
    lease.enter(Stage.PARSING)
    lease.note("xberg 1.3.9")
    lease.enter(Stage.CHUNKING)
    lease.renew()
    lease.settle(Stage.FAILED, failure="It holds no text.")
    assert timeline(version) == [
        (1, "parsing", "done", "xberg 1.3.9"),
        (1, "chunking", "failed", "It holds no text."),
    ]
    run = version.stage_runs.first()
    assert run is not None
    assert (run.worker, run.seconds >= 0) == (this_process(), True)


def test_a_stage_that_outlasts_the_lease_counts_in_full(version: Version) -> None:
    lease = Lease.claim(version.pk)
    assert lease is not None
    lease.enter(Stage.PARSING)
    lease.version.stage_since = timezone.now() - timedelta(minutes=5)
    lease.settle(Stage.READY)
    assert round(version.stage_runs.get().seconds) == 300


@pytest.mark.parametrize("how", ["its process is gone", "it fell silent"])
def test_the_stage_of_a_dead_worker_is_closed_when_another_takes_over(how: str, version: Version) -> None:
    lease = Lease.claim(version.pk)
    assert lease is not None
    lease.enter(Stage.EMBEDDING)
    if how == "it fell silent":
        began, silent = timezone.now() - timedelta(hours=9), timezone.now() - timedelta(hours=8)
        Version.objects.update(stage_since=began, lease_until=silent)
    else:
        Version.objects.update(lease_holder=f"{socket.gethostname()} 999999999 1")
    again = Lease.claim(version.pk)
    assert again is not None
    assert timeline(version) == [(1, "embedding", "died", "")]
    assert version.stage_runs.get().seconds < 3_601
    again.enter(Stage.PARSING)
    again.settle(Stage.READY)
    assert timeline(version)[1:] == [(2, "parsing", "done", "")]


def test_a_worker_that_finds_a_dead_ones_version_sends_a_message_for_it(
    version: Version, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else a version more would wait than messages are under way."""
    assert Lease.claim(version.pk) is not None
    Version.objects.update(lease_holder=f"{socket.gethostname()} 999999999 1")
    sent, worked = list[UUID](), list[UUID]()
    monkeypatch.setattr(tasks, "enqueue", sent.append)
    monkeypatch.setattr(tasks, "work", lambda lease: worked.append(lease.version.pk))
    tasks.ingest()
    assert sent == worked == [version.pk]


def test_progress_is_kept_by_the_thread_that_renews(version: Version) -> None:
    lease = Lease.claim(version.pk)
    assert lease is not None
    lease.enter(Stage.PARSING)
    lease.progress(3, 12)
    lease._glance(renew=False)  # What the thread does once a second.
    version.refresh_from_db()
    assert version.progress == {"stage": "parsing", "page": 3, "pages": 12}
    lease.enter(Stage.CHUNKING)
    version.refresh_from_db()
    assert version.progress == {}


def test_a_worker_learns_that_its_version_was_taken_away(version: Version) -> None:
    lease = Lease.claim(version.pk)
    assert lease is not None
    lease._glance(renew=True)
    lease.check()
    Version.objects.update(lease=None, stage=Stage.SKIPPED)
    lease._glance(renew=False)
    with pytest.raises(LeaseLost):
        lease.check()

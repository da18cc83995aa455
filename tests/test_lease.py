"""Two workers never change the same version, and a dead one does not keep it."""

import socket
from datetime import timedelta

import pytest
from django.utils import timezone

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

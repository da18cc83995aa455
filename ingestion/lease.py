"""Who works on a version: a lease in SQL that a worker takes, keeps alive, and gives back.

The broker only says that there may be work. A message that comes twice, a worker that died and a task that
was redelivered too early all meet the same compare-and-set here. What became of each stage is written down on
the way.
"""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from uuid import UUID, uuid4

import psutil
from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from ingestion.order import next_version
from kb.models import StageRun, Version
from kb.models.library import Stage, VersionQuerySet
from kb.webhooks.outbox import tell_of_version

BEATS = 3
"""How often a lease is renewed before it would run out."""
GLANCE = 1.0
"""Seconds between two looks at whether a lease is still its worker's; progress is written as often at most."""
OUTCOMES = {
    Stage.READY: StageRun.Outcome.DONE,
    Stage.FAILED: StageRun.Outcome.FAILED,
    Stage.QUEUED: StageRun.Outcome.AGAIN,
}
"""What the stage under way ends as when a version is settled."""


_FREE: dict[str, object] = {
    "lease": None, "lease_until": None, "lease_holder": "", "stage_since": None, "progress": {},
}  # fmt: skip


class LeaseLost(Exception):  # It is news, not an error: stop, and write nothing.
    """The version was deleted or set aside, or somebody else works on it now."""


class Lease:
    """One worker's right to change one version. Writes down each stage on the way."""

    def __init__(self, version: Version, token: UUID) -> None:
        self.version = version
        self._mine = Version.objects.filter(pk=version.pk, lease=token, retired=False)
        self._lost = threading.Event()
        self._seconds: dict[str, float] = {}
        self._note = ""
        self._progress: dict[str, object] = {}
        self._told = self._progress

    @classmethod
    def claim_next(cls) -> "Lease | None":
        """The lease of the version whose turn it is, or None when nothing may be taken."""
        while (version := next_version()) is not None:
            if lease := cls._take(version):
                return lease
        return None

    @classmethod
    def claim(cls, version_id: UUID) -> "Lease | None":
        """The lease of this version, or None when it may not be taken: settled, gone, paused, or somebody else's."""
        for abandoned in left_by_the_dead(Version.objects.filter(pk=version_id)):
            take_back(abandoned)
        claimable = Version.objects.claimable().select_related("document__collection", "collection")
        version = claimable.filter(pk=version_id).first()
        return cls._take(version) if version else None

    @classmethod
    def _take(cls, version: Version) -> "Lease | None":
        silent = stopped(version, StageRun.Outcome.DIED) if version.lease else []
        token, now = uuid4(), timezone.now()
        claim = {
            "lease": token,
            "lease_until": _soon(),
            "lease_holder": this_process(),
            "claimed_at": now,
            "attempts": version.attempts + 1,
            "stage_since": None,
        }
        seen = Version.objects.claimable().filter(
            pk=version.pk, lease=version.lease, attempts=version.attempts
        )
        if not seen.update(**claim):
            return None
        StageRun.objects.bulk_create(silent)
        _set(version, claim)
        return cls(version, token)

    def enter(self, stage: Stage) -> None:
        """Moves the version to the next stage.

        Raises:
            LeaseLost: it is no longer ours.
        """
        ended = self._end(StageRun.Outcome.DONE)
        self._write(stage=stage, stage_since=timezone.now(), progress={}, lease_until=_soon())
        StageRun.objects.bulk_create(ended)

    def renew(self) -> None:
        """Makes sure that the version is ours, and for a while to come.

        Raises:
            LeaseLost: it is no longer ours.
        """
        self._write(lease_until=_soon())

    def settle(self, stage: Stage, **fields: object) -> None:
        """Gives the version back as ready or failed, or queued for another attempt.

        Raises:
            LeaseLost: it is no longer ours; nothing was written.
        """
        if failure := str(fields.get("failure", "")):
            self.note(failure)
        ended = self._end(OUTCOMES[stage])
        with transaction.atomic():
            self._write(stage=stage, seconds=self._seconds, **_FREE, **fields)
            StageRun.objects.bulk_create(ended)
            tell_of_version(self.version)

    def note(self, note: str) -> None:
        """What the timeline says of the stage under way."""
        self._note = note

    def progress(self, page: int, pages: int) -> None:
        """How far the stage is. May be called often: the thread of `kept` writes it once a second at most."""
        self._progress = {"stage": self.version.stage, "page": page, "pages": pages}

    def check(self) -> None:
        """Cheap: asks what the thread of `kept` saw last.

        Raises:
            LeaseLost: the version was taken away meanwhile, deleted or set aside.
        """
        if self._lost.is_set():
            raise LeaseLost(self.version.pk)

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Renews the lease from a thread for as long as the block runs, because a step may outlast it."""
        done = threading.Event()
        keeper = threading.Thread(target=self._keep, args=[done], name="lease", daemon=True)
        keeper.start()
        try:
            yield
        finally:
            done.set()
            keeper.join()

    def _keep(self, done: threading.Event) -> None:
        renewed = time.monotonic()
        while not self._lost.is_set() and not done.wait(GLANCE):
            due = time.monotonic() - renewed >= settings.LEASE / BEATS
            # A database that is busy or away for a moment is asked again at the next glance.
            with suppress(OperationalError):
                self._glance(renew=due)
                renewed = time.monotonic() if due else renewed
        connection.close()  # This thread's own.

    def _glance(self, *, renew: bool) -> None:
        news: dict[str, object] = {"lease_until": _soon()} if renew else {}
        if (progress := self._progress) != self._told:
            news["progress"] = progress
        if not (self._mine.all().update(**news) if news else self._mine.all().exists()):
            self._lost.set()
        self._told = progress

    def _write(self, **fields: object) -> None:
        if not self._mine.all().update(**fields):
            raise LeaseLost(self.version.pk)
        _set(self.version, fields)

    def _end(self, outcome: StageRun.Outcome) -> list[StageRun]:
        """The row of the stage under way, to be written once the version is; none before the first stage."""
        ended = stage_run(self.version, outcome, until=timezone.now(), note=self._note)
        for run in ended:
            self._seconds[run.stage] = round(self._seconds.get(run.stage, 0) + run.seconds, 3)
        self._note = ""
        return ended


@cache
def this_process() -> str:
    """Machine, process id and when it started, since ids are used again."""
    return f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.0f}"


def holder_is_gone(holder: str) -> bool:
    """Whether a lease's holder was a process of this machine that no longer runs. Of other machines, never."""
    machine, _, process = holder.partition(" ")
    if machine != socket.gethostname():
        return False
    pid, _, started = process.partition(" ")
    try:
        return f"{psutil.Process(int(pid)).create_time():.0f}" != started
    except psutil.NoSuchProcess:
        return True


def left_by_the_dead(versions: VersionQuerySet) -> list[Version]:
    """Those of them whose lease is held by a process that is gone."""
    held = versions.unsettled().filter(lease_until__isnull=False)
    return [version for version in held if holder_is_gone(version.lease_holder)]


def take_back(version: Version) -> bool:
    """Ends the lease that somebody was seen to hold, who died; it need not run out first. False: he has let it go."""
    died = stopped(version, StageRun.Outcome.DIED)
    free = {"lease": None, "lease_until": None, "stage_since": None}
    taken = Version.objects.filter(pk=version.pk, lease=version.lease).update(**free)
    if taken:
        StageRun.objects.bulk_create(died)
    return bool(taken)


def stopped(version: Version, outcome: StageRun.Outcome) -> list[StageRun]:
    """The row of the stage in which its worker was stopped; none before the first stage.

    Of a worker that fell silent nothing is known after its lease.
    """
    now = timezone.now()
    return stage_run(version, outcome, until=min(now, version.lease_until or now))


def stage_run(
    version: Version, outcome: StageRun.Outcome, *, until: datetime, note: str = ""
) -> list[StageRun]:
    """The row, not written yet, of the stage that a version is in; none when it is in none."""
    if version.stage_since is None:
        return []
    seconds = max(0.0, (until - version.stage_since).total_seconds())
    return [
        StageRun(
            version=version,
            attempt=version.attempts,
            stage=version.stage,
            began=version.stage_since,
            seconds=round(seconds, 3),
            outcome=outcome,
            worker=version.lease_holder,
            note=note,
        )
    ]


def _set(version: Version, fields: dict[str, object]) -> None:
    for name, value in fields.items():
        setattr(version, name, value)


def _soon() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE)

"""Who works on a version: a lease in SQL that a worker takes, keeps alive, and gives back.

The broker only says that there may be work. A message that comes twice, a worker that died and a task that
was redelivered too early all meet the same compare-and-set here.
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
from django.db import OperationalError, connection
from django.db.models import F
from django.utils import timezone

from kb.models import Version
from kb.models.library import Stage, VersionQuerySet

BEATS = 3
"""How often a lease is renewed before it would run out."""


class LeaseLost(Exception):  # It is news, not an error: stop, and write nothing.
    """The version was deleted, or somebody else works on it now."""


class Lease:
    """One worker's right to change one version. Times each stage on the way."""

    def __init__(self, version: Version, token: UUID) -> None:
        self.version = version
        self._mine = Version.objects.filter(pk=version.pk, lease=token, retired=False)
        self._seconds: dict[str, float] = {}
        self._stage, self._since = "", time.monotonic()

    @classmethod
    def claim(cls, version_id: UUID) -> "Lease | None":
        """The lease, or None when the version is settled, gone, or somebody else's."""
        for abandoned in left_by_the_dead(Version.objects.filter(pk=version_id)):
            take_back(abandoned)
        token = uuid4()
        claimed = (
            Version.objects.claimable()
            .filter(pk=version_id)
            .update(lease=token, lease_until=_soon(), lease_holder=this_process(), attempts=F("attempts") + 1)
        )
        if not claimed:
            return None
        return cls(Version.objects.select_related("document__collection").get(pk=version_id), token)

    def enter(self, stage: Stage) -> None:
        """Moves the version to the next stage.

        Raises:
            LeaseLost: it is no longer ours.
        """
        self._lap(stage)
        self._write(stage=stage, lease_until=_soon())

    def settle(self, stage: Stage, **fields: object) -> None:
        """Gives the version back as ready or failed, or queued for another attempt.

        Raises:
            LeaseLost: it is no longer ours; nothing was written.
        """
        self._lap("")
        self._write(
            stage=stage, seconds=self._seconds, lease=None, lease_until=None, lease_holder="", **fields
        )

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
        while not done.wait(settings.LEASE / BEATS):
            # A database that is busy or away for a moment is asked again at the next beat.
            with suppress(OperationalError):
                self._mine.all().update(lease_until=_soon())
        connection.close()  # This thread's own.

    def _write(self, **fields: object) -> None:
        if not self._mine.all().update(**fields):
            raise LeaseLost(self.version.pk)
        for name, value in fields.items():
            setattr(self.version, name, value)

    def _lap(self, stage: str) -> None:
        now = time.monotonic()
        if self._stage:
            self._seconds[self._stage] = round(self._seconds.get(self._stage, 0) + now - self._since, 3)
        self._stage, self._since = stage, now


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
    held = versions.unsettled().exclude(lease=None)
    return [version for version in held if holder_is_gone(version.lease_holder)]


def take_back(version: Version) -> None:
    """Ends the lease that somebody was seen to hold; it need not run out first."""
    Version.objects.filter(pk=version.pk, lease=version.lease).update(lease=None, lease_until=None)


def _soon() -> datetime:
    return timezone.now() + timedelta(seconds=settings.LEASE)

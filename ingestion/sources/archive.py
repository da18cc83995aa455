"""An archive, a mailbox or a mail that waits → documents of the same collection, owner and batch.

Running twice is harmless: the same bytes are one version, whatever a killed run has brought in already.
"""

import logging
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path, PurePath
from typing import BinaryIO
from uuid import UUID

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from ingestion import store, tasks
from ingestion.lease import this_process
from ingestion.parse.sandbox import Limits
from ingestion.sources.containers.entries import Bounds
from ingestion.sources.containers.kinds import archive_kind
from ingestion.sources.containers.opening import Omitted, Unpacked, unpack_into
from ingestion.sources.upload import Declared, Origin, bring_in
from kb.errors import Rejected, StrongroomError, Unavailable
from kb.models import Container, Sensitivity, Version
from kb.models.library import PATH_LENGTH

log = logging.getLogger("strongroom.ingest")

HELD = timedelta(seconds=tasks.LONGEST + 120)
"""After which a run counts as dead, if its machine cannot be asked."""
KNOWN = "The collection has this file already."


def unpack(container_id: UUID) -> None:
    """Opens a container, if nobody else does, and notes what became of it."""
    container = _claimed(container_id)
    if container is None:
        return
    try:
        left_out = _take_all(container)
    except Unavailable as error:
        _try_again(container, str(error))
    except StrongroomError as error:
        _settle(container, Container.State.FAILED, failure=str(error))
    except Exception as error:
        log.exception("Container %s failed", container.pk)
        failure = f"Something went wrong on our side ({type(error).__name__}). Send it again, or unpack it yourself."
        _settle(container, Container.State.FAILED, failure=failure)
    else:
        rows = [[omitted.path, omitted.reason] for omitted in left_out]
        _settle(container, Container.State.OPENED, left_out=rows)


def _claimed(container_id: UUID) -> Container | None:
    claimed = Container.objects.waiting().filter(pk=container_id)
    until = timezone.now() + HELD
    if not claimed.update(held_until=until, holder=this_process(), attempts=F("attempts") + 1):
        return None
    return Container.objects.select_related("batch", "collection", "person", "mail").get(pk=container_id)


def _take_all(container: Container) -> list[Omitted]:
    if container.attempts > settings.ATTEMPTS:
        raise Rejected(f"The worker died {settings.ATTEMPTS} times while it was opened. Split it.")
    source = store.path_of(container.sha256)
    if not source.exists():
        raise Rejected("Its stored file is missing. Send it again.")
    # Named after the container, so that the next run removes what a killed one left.
    folder = Path(settings.INCOMING) / f"unpack-{container.pk}"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        return list(_Unpacking(container, folder).open(source, Container.Kind(container.kind)))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _try_again(container: Container, reason: str) -> None:
    if container.attempts >= settings.ATTEMPTS:
        _settle(container, Container.State.FAILED, failure=f"{reason} Tried {container.attempts} times.")
    else:
        Container.objects.filter(pk=container.pk).update(held_until=None, failure=reason)


def _settle(container: Container, state: Container.State, **fields: object) -> None:
    Container.objects.filter(pk=container.pk).update(
        **{"failure": "", **fields}, state=state, held_until=None
    )
    kept = Version.objects.filter(sha256=container.sha256).exists()
    waiting = Container.objects.filter(sha256=container.sha256, state=Container.State.WAITING).exists()
    if not kept and not waiting:
        store.forget(container.sha256)


class _Unpacking:
    """One run over a container. What the archives inside it hold counts towards the same bounds."""

    def __init__(self, container: Container, folder: Path) -> None:
        self._container, self._folder = container, folder
        self._opened = 0
        batch = container.batch
        self._declared = Declared(
            sensitivity=_label(container.sensitivity),
            tags=tuple(container.tags),
            least=_label(batch.least_sensitivity) if batch else None,
            owner=batch.owner if batch else None,
        )
        self._bounds = Bounds(
            entries=settings.ARCHIVE_ENTRIES,
            size=settings.ARCHIVE_SIZE,
            file_size=settings.UPLOAD_LIMIT,
            ratio=settings.ARCHIVE_RATIO,
        )
        self._limits = Limits(seconds=settings.PARSE_SECONDS, memory=settings.PARSE_MEMORY)

    def open(self, source: Path, kind: Container.Kind, within: str = "", depth: int = 1) -> Iterator[Omitted]:
        """Brings in what is inside, and gives what did not become a document, and why.

        Raises:
            Rejected: the container is damaged, or holds more than it may.
            Denied: the person may not add to the collection any more.
            Unavailable: a later run may succeed.
        """
        self._opened += 1
        folder = self._folder / str(self._opened)
        contents = unpack_into(folder, source, kind, self._bounds, self._limits)
        self._spend(contents.taken)
        for omitted in contents.left_out:
            yield replace(omitted, path=within + omitted.path)
        for unpacked in contents.taken:
            yield from self._take(unpacked, within + unpacked.path, depth)
        shutil.rmtree(folder)

    def _spend(self, taken: tuple[Unpacked, ...]) -> None:
        size = sum(unpacked.file.lstat().st_size for unpacked in taken)
        left = self._bounds
        self._bounds = replace(left, entries=left.entries - len(taken), size=left.size - size)

    def _take(self, unpacked: Unpacked, path: str, depth: int) -> Iterator[Omitted]:
        name = PurePath(path).name
        try:
            if len(path) > PATH_LENGTH:
                raise Rejected(f"Its path is longer than {PATH_LENGTH:,} characters. Shorten it.")
            with unpacked.open() as file:
                kind = archive_kind(file, name)
                if kind is None:
                    yield from self._bring_in(file, name, path)
                    return
            if depth >= settings.ARCHIVE_DEPTH:
                raise Rejected("It is an archive too deep inside others. Unpack it, and send its files.")
            yield from self.open(unpacked.file, kind, f"{path}/", depth + 1)
        except Rejected as error:
            yield Omitted(path, str(error))

    def _bring_in(self, file: BinaryIO, name: str, path: str) -> Iterator[Omitted]:
        container = self._container
        origin = Origin(container.batch, container, path)
        received = bring_in(
            container.person, container.collection, file, name=name, declared=self._declared, origin=origin
        )
        version = received.version
        if received.duplicate and (version.container_id, version.path) != (container.pk, path):
            yield Omitted(path, KNOWN)


def _label(value: int | None) -> Sensitivity | None:
    return None if value is None else Sensitivity(value)

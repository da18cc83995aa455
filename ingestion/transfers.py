"""A file that comes in part by part: announced, appended to, taken in when it is whole, or given up.

No transport is known here: the upload page and any other face call the same functions.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from django.utils import timezone

from ingestion import parts, store
from ingestion.parts import Checksum
from ingestion.sources.likeness import same_bytes
from ingestion.sources.receive import receive
from ingestion.sources.upload import Declared, Origin, check_declared
from kb.errors import Busy, Gone, OutOfStep, Rejected, StrongroomError, Unavailable
from kb.models import Batch, Document, Sensitivity, Transfer
from kb.models.transfers import LONGEST_PATH

KEPT = timedelta(hours=24)
"""How long a file may lie unfinished after its last part."""
BUSY = timedelta(seconds=120)
"""How long one part may take to be written and, if it is the last, the file to be taken in."""
NEVER_WHOLE = f"It did not arrive whole within {KEPT // timedelta(hours=1)} hours. Upload it again."


@dataclass(frozen=True, slots=True)
class Announced:
    """A file as its sender describes it. `sha256` is in hex and of the whole file, or empty."""

    path: str
    size: int
    sha256: str = ""
    metadata: str = ""


def declared_of(batch: Batch) -> Declared:
    """What was said of all files of the batch."""
    return Declared(
        sensitivity=_label(batch.sensitivity),
        least=_label(batch.least_sensitivity),
        owner=batch.owner,
        tags=tuple(batch.tags),
    )


def announce(batch: Batch, announced: Announced) -> Transfer:
    """A row, and room for what will be sent.

    Raises:
        Denied: the person may not add to the batch's collection any more.
        Rejected, TooLarge: the file would not be taken.
        NoRoom: there is no room on the disk for it.
    """
    check_declared(batch.person, batch.collection, declared_of(batch))
    store.check_size(announced.size)
    parts.check_room(announced.size)
    transfer = Transfer(
        batch=batch,
        path=shown_path(announced.path),
        size=announced.size,
        sha256=announced.sha256,
        metadata=announced.metadata,
        expires_at=timezone.now() + KEPT,
    )
    parts.make(transfer.pk)
    transfer.save(force_insert=True)
    return transfer


def append(transfer: Transfer, part: BinaryIO, *, offset: int, checksum: Checksum | None = None) -> None:
    """Adds a part behind the first `offset` bytes.

    A part counts once it is on the disk; the last one once the file was taken in, or refused for good.

    Raises:
        OutOfStep: another number of bytes has arrived.
        Busy: another request adds to it.
        Damaged: the part does not match its checksum; nothing of it counts.
        Rejected: the file has more bytes than were announced, or it was refused now that it is whole.
        Gone: it has expired.
        Unavailable: the part could not be kept, or the file not be taken in now; sending it again may help.
    """
    with _alone(transfer) as until:
        if offset != transfer.received:
            raise OutOfStep(
                f"{transfer.received} bytes of “{transfer.path}” have arrived, not {offset}. Go on from there."
            )
        if transfer.state == Transfer.State.SENDING:
            _go_on(transfer, part, checksum, until)
    if transfer.state == Transfer.State.REFUSED:
        raise Rejected(transfer.failure)


def take_whole(batch: Batch, file: BinaryIO, *, path: str, size: int) -> Transfer:
    """Takes in a file that has arrived in one piece; the transfer says what became of it, also where that failed."""
    path, now = shown_path(path), timezone.now()
    transfer = Transfer(batch=batch, path=path, size=size, received=size, expires_at=now + KEPT)
    try:
        _receive(transfer, file)
    except StrongroomError as error:
        _refuse(transfer, str(error))
    transfer.save(force_insert=True)
    return transfer


def held_already(batch: Batch, announced: Announced) -> Document | None:
    """The document of the batch's collection with these bytes, if its person may see it. The batch notes that then."""
    document = same_bytes(batch.person, batch.collection, announced.sha256)
    if document is not None:
        Transfer.objects.create(
            batch=batch,
            path=shown_path(announced.path),
            size=announced.size,
            sha256=announced.sha256,
            state=Transfer.State.KNOWN,
            version=document.versions.filter(sha256=announced.sha256, retired=False).first(),
            expires_at=timezone.now(),
        )
    return document


def drop(transfer: Transfer) -> None:
    """Forgets a file that is not wanted any more.

    Raises:
        Busy: a request adds to it.
        Rejected: it has arrived whole.
    """
    pk = transfer.pk
    with _alone(transfer):
        if transfer.state == Transfer.State.TAKEN:
            raise Rejected(f"“{transfer.path}” has arrived whole. Delete the document instead.")
        transfer.delete()
    parts.remove(pk)


def expire() -> int:
    """Gives up what has not arrived whole in time, and removes parts that belong to nothing. How many were given up."""
    late = Transfer.objects.expired().idle()
    given_up = late.update(state=Transfer.State.REFUSED, failure=NEVER_WHOLE)
    sending = Transfer.objects.filter(state=Transfer.State.SENDING)
    parts.remove_strays(set(sending.values_list("pk", flat=True)), older=KEPT)
    return given_up


def shown_path(path: str) -> str:
    """Folders and name without what cannot be seen or leads elsewhere; the end of it, where it is too long."""
    visible = "".join(character for character in path if character.isprintable())
    parts = visible.replace("\\", "/").split("/")
    return "/".join(part for part in parts if part not in ("", ".", ".."))[-LONGEST_PATH:]


def _label(value: int | None) -> Sensitivity | None:
    return None if value is None else Sensitivity(value)


@contextmanager
def _alone(transfer: Transfer) -> Iterator[datetime]:
    """Nobody else writes to it meanwhile. Gives until when, by which its turn is known."""
    until = timezone.now() + BUSY
    if not Transfer.objects.filter(pk=transfer.pk).idle().update(busy_until=until):
        raise Busy(f"Another request adds to “{transfer.path}”. Wait a moment, and ask how far it has come.")
    try:
        transfer.refresh_from_db(fields=["received", "state", "failure", "expires_at"])
        yield until
    finally:
        Transfer.objects.filter(pk=transfer.pk, busy_until=until).update(busy_until=None)


def _go_on(transfer: Transfer, part: BinaryIO, checksum: Checksum | None, until: datetime) -> None:
    if transfer.expires_at <= timezone.now():
        raise Gone(NEVER_WHOLE)
    start, size = transfer.received, transfer.size
    transfer.received = parts.write(transfer.pk, part, start=start, size=size, checksum=checksum)
    transfer.expires_at = timezone.now() + KEPT
    if transfer.received == transfer.size:
        _take_in(transfer)
    _note(transfer, until)


def _take_in(transfer: Transfer) -> None:
    """Makes a document of the whole file, or says on the transfer why not.

    Raises:
        Unavailable: it cannot be stored now.
    """
    with parts.path_of(transfer.pk).open("rb") as file:
        try:
            if transfer.sha256:
                parts.check_whole(file, transfer.sha256)
            _receive(transfer, file)
        except Unavailable:
            raise
        except StrongroomError as error:
            _refuse(transfer, str(error))


def _receive(transfer: Transfer, file: BinaryIO) -> None:
    batch = transfer.batch
    arrival = receive(
        batch.person,
        batch.collection,
        file,
        name=transfer.path,
        declared=declared_of(batch),
        origin=Origin(batch, path=transfer.path),
    )
    transfer.version = arrival.version
    transfer.state = Transfer.State.KNOWN if arrival.duplicate else Transfer.State.TAKEN


def _refuse(transfer: Transfer, failure: str) -> None:
    transfer.state, transfer.failure = Transfer.State.REFUSED, failure


def _note(transfer: Transfer, until: datetime) -> None:
    """Saves how far it is, if it still is this request's turn. What is finished needs its parts no more."""
    noted = Transfer.objects.filter(pk=transfer.pk, busy_until=until).update(
        received=transfer.received,
        expires_at=transfer.expires_at,
        state=transfer.state,
        failure=transfer.failure,
        version=transfer.version,
    )
    if not noted:
        raise Busy(f"Writing to “{transfer.path}” took too long, and another request went on with it.")
    if transfer.state != Transfer.State.SENDING:
        parts.remove(transfer.pk)

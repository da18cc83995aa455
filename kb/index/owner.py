"""The index owner: the one process that may open the indexes of a data folder, and answers the others.

It listens on a Unix socket and speaks pickle, but only to those who prove that they know the key.
`kb.index.owned` is the other end.
"""

import fcntl
import logging
import os
import signal
from collections.abc import Callable
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection, Listener, answer_challenge, deliver_challenge
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self, TextIO

from kb.errors import IndexUnavailable
from kb.index.edge import EdgeIndex
from kb.index.wire import Call, Reply

logger = logging.getLogger("strongroom.index")

BACKLOG = 64
"""Clients that may wait to be greeted. The library's default of 1 blocks the second one."""

STOPS = {signal.SIGTERM, signal.SIGINT}


class EdgeFolder:
    """All indexes under `folder`, locked against every other process until it is closed.

    Raises:
        IndexUnavailable: another process holds them.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = _locked(folder)
        self._indexes: dict[str, EdgeIndex] = {}

    def index(self, name: str) -> EdgeIndex:
        return self._indexes.setdefault(name, EdgeIndex(self._folder / name))

    def close(self) -> None:
        for index in list(self._indexes.values()):
            index.close()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def serve(folder: Path, *, socket: Path, key: bytes, ready: Callable[[], None]) -> None:
    """Answers for the indexes under `folder`, and calls `ready` once clients may come.

    Returns when SIGTERM or SIGINT told it to stop and everything is written out.

    Raises:
        IndexUnavailable: another process holds the folder.
    """
    # Blocked in all threads and waited for: a handler would be late if a signal came just before `accept`.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPS)
    with EdgeFolder(folder) as indexes:
        # We hold the lock, so whoever left this behind is dead.
        socket.unlink(missing_ok=True)
        with Listener(str(socket), backlog=BACKLOG) as listener:
            socket.chmod(0o600)
            Thread(target=_welcome, args=(listener, key, indexes), daemon=True).start()
            ready()
            signal.sigwait(STOPS)


def _welcome(listener: Listener, key: bytes, indexes: EdgeFolder) -> None:
    """Gives each client a thread. Where none can be let in any more, the owner ends, to be started anew."""
    try:
        while True:
            Thread(target=_attend, args=(listener.accept(), key, indexes), daemon=True).start()
    except OSError:
        logger.exception("No client can be let in any more, so the index is closed.")
        os.kill(os.getpid(), signal.SIGTERM)


def _attend(connection: Connection, key: bytes, indexes: EdgeFolder) -> None:
    """Serves one client until it leaves, in whatever way."""
    with connection:
        try:
            # Here and not in the listener, where one silent client would keep all others out.
            deliver_challenge(connection, key)
            answer_challenge(connection, key)
            while True:
                connection.send(_answer(connection.recv(), indexes))
        except (EOFError, OSError):
            return
        except AuthenticationError:
            logger.warning("A client with a wrong key was turned away from the index.")


def _answer(call: Call, indexes: EdgeFolder) -> Reply:
    try:
        return Reply(value=call.method(indexes.index(call.index)))
    except IndexUnavailable as error:
        return Reply(failure=str(error))
    except Exception:
        logger.exception("The index owner failed on the index %s.", call.index)
        return Reply(failure=f"The index owner failed on the index {call.index}; its log says why.")


def _locked(folder: Path) -> TextIO:
    """The lock of the folder; it is given back when the file is closed, however the process ends."""
    folder.mkdir(parents=True, exist_ok=True)
    file = (folder / "owner.lock").open("a+")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        raise IndexUnavailable(
            f"The index in {folder} is in use by another command (pid {holder}). Wait until it ends, or stop it."
        ) from error
    file.truncate(0)
    file.write(str(os.getpid()))
    file.flush()
    return file

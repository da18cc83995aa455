"""The vector index as a client of its owner (see `kb.index.owner`) sees it."""

import os
import time
from collections.abc import Callable, Sequence
from multiprocessing import AuthenticationError
from multiprocessing.connection import Client, Connection, answer_challenge, deliver_challenge
from operator import methodcaller
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import numpy.typing as npt

from kb.errors import IndexUnavailable
from kb.index.protocol import DenseQuery, Facts, Narrowing, Point, Scope, Scored, SparseQuery, VectorIndex
from kb.index.wire import Call, Reply

PATIENCE = 10.0
"""Seconds to wait for an owner that is being started anew, its write-ahead log read back included."""

TIMEOUT = 60.0
"""Seconds to wait for an answer; a large write or the first opening takes a few."""

GREETING = 5.0
"""Seconds that an owner may take to greet: a large write of another client can come first."""

PAUSE = 0.05
"""Seconds between two attempts to reach the owner."""


class OwnedIndex:
    """A `VectorIndex` that asks the owner. Threads may share it: each call has a connection to itself."""

    def __init__(
        self, name: str, *, socket: Path, key: bytes, patience: float = PATIENCE, timeout: float = TIMEOUT
    ) -> None:
        self._name = name
        self._socket = socket
        self._key = key
        self._patience = patience
        self._timeout = timeout
        self._idle: list[Connection] = []
        self._process = os.getpid()

    def upsert(self, points: Sequence[Point]) -> None:
        self._ask(methodcaller("upsert", points))

    def delete_version(self, version: UUID) -> None:
        self._ask(methodcaller("delete_version", version))

    def delete_stale(self, version: UUID, *, keep: int) -> None:
        self._ask(methodcaller("delete_stale", version, keep=keep))

    def relabel(self, version: UUID, sensitivities: Sequence[int]) -> None:
        self._ask(methodcaller("relabel", version, sensitivities))

    def describe(self, version: UUID, facts: Facts) -> None:
        self._ask(methodcaller("describe", version, facts))

    def shelve(self, version: UUID, collection: int) -> None:
        self._ask(methodcaller("shelve", version, collection))

    def search(
        self, query: DenseQuery | SparseQuery, *, scope: Scope, narrowing: Narrowing, limit: int
    ) -> list[Scored]:
        search = methodcaller("search", query, scope=scope, narrowing=narrowing, limit=limit)
        hits: list[Scored] = self._ask(search)
        return hits

    def vectors(self, points: Sequence[UUID]) -> list[npt.NDArray[np.float32]]:
        found: list[npt.NDArray[np.float32]] = self._ask(methodcaller("vectors", points))
        return found

    def count(self) -> int:
        count: int = self._ask(methodcaller("count"))
        return count

    def versions(self) -> list[tuple[UUID, int]]:
        versions: list[tuple[UUID, int]] = self._ask(methodcaller("versions"))
        return versions

    def clear(self) -> None:
        self._ask(methodcaller("clear"))

    def close(self) -> None:
        """Hangs up; the owner keeps the index open for the others."""
        idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()

    def _ask(self, method: Callable[[VectorIndex], Any]) -> Any:
        """Asks again once when the connection turns out to be broken: every call is safe to repeat."""
        try:
            return self._exchange(self._take(), method)
        except (EOFError, OSError):
            self.close()
        try:
            return self._exchange(self._take(), method)
        except (EOFError, OSError) as error:
            raise IndexUnavailable(
                "The index owner went away twice during one call. See its log; `make up` starts it again."
            ) from error

    def _exchange(self, connection: Connection, method: Callable[[VectorIndex], Any]) -> Any:
        connection.send(Call(self._name, method))
        if not connection.poll(self._timeout):
            connection.close()
            raise IndexUnavailable(
                f"The index owner did not answer within {self._timeout:g} seconds. Try again, or restart it."
            )
        reply: Reply = connection.recv()
        self._idle.append(connection)
        if reply.failure is not None:
            raise IndexUnavailable(reply.failure)
        return reply.value

    def _take(self) -> Connection:
        if self._process != os.getpid():
            # A forked child must not talk on its parent's connections.
            self._idle, self._process = [], os.getpid()
        try:
            return self._idle.pop()
        except IndexError:
            return connected(self._socket, self._key, patience=self._patience)


def connected(socket: Path, key: bytes, *, patience: float) -> Connection:
    """A greeted connection to the owner, for which it waits up to `patience` seconds.

    Raises:
        IndexUnavailable: nobody answers, or the owner has another key.
    """
    deadline = time.monotonic() + patience
    while True:
        try:
            return _greeted(Client(str(socket)), key)
        except (EOFError, OSError) as error:
            if time.monotonic() >= deadline:
                raise IndexUnavailable(
                    f"No index owner answers at {socket}. Start Strongroom with `make up`."
                ) from error
        time.sleep(PAUSE)


def _greeted(connection: Connection, key: bytes) -> Connection:
    if not connection.poll(GREETING):
        connection.close()
        raise TimeoutError("the owner accepted the connection and said nothing")
    try:
        answer_challenge(connection, key)
        deliver_challenge(connection, key)
    except AuthenticationError as error:
        connection.close()
        raise IndexUnavailable(
            "The index owner was started with another key. Restart it, so that both read the same secret."
        ) from error
    return connection

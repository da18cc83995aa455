"""A model in another process, heard with patience: it writes in a thread of its own, and its reader keeps the turn.

So the reader can go away at any moment, also while nothing comes, and each kind of waiting has an end of its own.
"""

import collections.abc
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from inference.protocols import BeforeSending
from kb.errors import ModelUnavailable

TURN = 0.5
"""Seconds of silence after which the reader gets the turn, with an empty piece."""
GOODBYE = 1.0
"""Seconds that a thread gets to end after its connection was cut."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds at most: for the connection, from sending to the first piece, between two pieces, and for all of it."""

    connect: float = 5.0
    first_token: float = 30.0
    idle: float = 20.0
    total: float = 120.0


@dataclass(frozen=True, slots=True)
class _Sending:
    payload: bytes


@dataclass(frozen=True, slots=True)
class _Piece:
    text: str


@dataclass(frozen=True, slots=True)
class _Done(Generic[T]):
    value: T


@dataclass(frozen=True, slots=True)
class _Failed:
    error: BaseException


Work = Callable[[BeforeSending], collections.abc.Generator[str, None, T]]
"""Begins to write; calls its argument with what it is about to send, and sends it when that returns."""


class _Left(BaseException):
    """Raised in the writing thread when nobody waits for its answer any more; no vendor may catch it."""


def in_turns(
    work: Work[T],
    name: str,
    patience: Patience,
    *,
    before_sending: BeforeSending,
    hang_up: Callable[[], None],
) -> collections.abc.Generator[str, None, T]:
    """Yields the pieces that `work` writes in another thread, an empty one after each `TURN` of silence.

    `before_sending` is called in this thread. `hang_up` is called at the end, and has to wake a thread that reads.

    Raises:
        ModelUnavailable: the model `name` took longer than it may; or what `work` raises.
    """
    writer = _Writer[T](work)
    clock = _Clock(name, patience)
    writer.start()
    try:
        while True:
            match writer.next_within(min(TURN, clock.left())):
                case None:
                    clock.check()
                    if clock.sent:
                        yield ""
                case _Sending(payload):
                    before_sending(payload)
                    clock.send()
                    writer.go_on()
                case _Piece(text):
                    clock.advance()
                    yield text
                case _Done(value):
                    return value
                case _Failed(error):
                    raise error
    finally:
        hang_up()
        writer.leave()


class _Writer(Generic[T]):
    """The thread that writes, and what it says to its reader."""

    def __init__(self, work: Work[T]):
        self._work = work
        self._said: SimpleQueue[_Sending | _Piece | _Done[T] | _Failed] = SimpleQueue()
        self._may_go_on: SimpleQueue[bool] = SimpleQueue()
        self._left = threading.Event()
        self._thread = threading.Thread(target=self._run, name="model", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def next_within(self, seconds: float) -> _Sending | _Piece | _Done[T] | _Failed | None:
        """What it says next, or None when it says nothing for so long."""
        try:
            return self._said.get(timeout=max(seconds, 0.0))
        except Empty:
            return None

    def go_on(self) -> None:
        """Lets it send what it announced."""
        self._may_go_on.put(True)

    def leave(self) -> None:
        """Tells it that nobody listens, and waits for a moment until it has ended."""
        self._left.set()
        self._may_go_on.put(False)
        self._thread.join(GOODBYE)

    def _run(self) -> None:
        try:
            self._said.put(_Done(self._write()))
        except BaseException as error:  # noqa: BLE001 - raised again where it is read.
            self._said.put(_Failed(error))

    def _write(self) -> T:
        pieces = self._work(self._announce)
        try:
            while not self._left.is_set():
                self._said.put(_Piece(next(pieces)))
        except StopIteration as end:
            value: T = end.value
            return value
        finally:
            pieces.close()
        raise _Left

    def _announce(self, payload: bytes) -> None:
        self._said.put(_Sending(payload))
        if not self._may_go_on.get():
            raise _Left


class _Clock:
    """How long a model may still be silent."""

    def __init__(self, name: str, patience: Patience):
        self._name = name
        self._patience = patience
        self._end = time.monotonic() + patience.total
        self._next = self._end
        self._complaint = ""
        self.sent = False

    def send(self) -> None:
        seconds = self._patience.first_token
        self._wait(seconds, f"did not begin to answer within {seconds:g} s")
        self.sent = True

    def advance(self) -> None:
        seconds = self._patience.idle
        self._wait(seconds, f"fell silent for {seconds:g} s in the middle of its answer")

    def left(self) -> float:
        return min(self._next, self._end) - time.monotonic()

    def check(self) -> None:
        """Raises ModelUnavailable, in the words of the waiting that took too long."""
        if self.left() > 0:
            return
        late = f"had not finished after {self._patience.total:g} s"
        complaint = self._complaint if self._next < self._end else late
        raise ModelUnavailable(f"{self._name} {complaint}.")

    def _wait(self, seconds: float, complaint: str) -> None:
        self._next, self._complaint = time.monotonic() + seconds, complaint

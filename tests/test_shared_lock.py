"""The lock of the index in this process: reads side by side, each write alone."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from threading import Barrier, Thread

import pytest

from kb.index.shared_lock import SharedLock

PATIENCE = 10  # seconds, before a test gives up


def test_two_read_at_the_same_time() -> None:
    lock, both, met = SharedLock(), Barrier(2, timeout=PATIENCE), list[bool]()

    def read() -> None:
        with lock.reading():
            both.wait()
            met.append(True)

    _run(read, read)

    assert met == [True, True]


def test_a_write_waits_for_those_who_read_and_goes_before_those_who_come_after() -> None:
    lock, seen = SharedLock(), list[str]()
    writer = Thread(target=_note, args=(lock.writing, seen, "write"), daemon=True)
    late = Thread(target=_note, args=(lock.reading, seen, "read"), daemon=True)

    with lock.reading():
        writer.start()
        writer.join(0.1)
        late.start()
        late.join(0.1)
        assert seen == []
    writer.join(PATIENCE)
    late.join(PATIENCE)

    assert seen == ["write", "read"]


def test_nobody_reads_while_somebody_writes() -> None:
    lock, seen = SharedLock(), list[str]()
    reader = Thread(target=_note, args=(lock.reading, seen, "read"), daemon=True)

    with lock.writing():
        reader.start()
        reader.join(0.1)
        assert seen == []
    reader.join(PATIENCE)

    assert seen == ["read"]


def test_what_fails_inside_gives_the_lock_back() -> None:
    lock, seen = SharedLock(), list[str]()
    for held in (lock.reading, lock.writing):
        with pytest.raises(ValueError, match="inside"), held():
            raise ValueError("inside")

    _run(lambda: _note(lock.writing, seen, "write"))

    assert seen == ["write"]


def _note(held: Callable[[], AbstractContextManager[None]], seen: list[str], what: str) -> None:
    with held():
        seen.append(what)


def _run(*targets: Callable[[], None]) -> None:
    threads = [Thread(target=target, daemon=True) for target in targets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)

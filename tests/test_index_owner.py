import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Client
from pathlib import Path
from threading import Thread, Timer
from uuid import uuid4

import pytest
from pytest_django import Settings

from kb.errors import IndexUnavailable
from kb.index import open_index
from kb.index.edge import EdgeIndex
from kb.index.owned import OwnedIndex, connected
from kb.index.owner import EdgeFolder
from kb.index.protocol import VectorIndex
from kb.index.server import ServerIndex
from tests.contracts.vector_index import VectorIndexContract, make_point, nearest

KEY = b"the key of this test"
OWNER = """
import sys
from pathlib import Path
from kb.index.owner import serve
serve(Path(sys.argv[1]), socket=Path(sys.argv[2]), key=sys.argv[3].encode(), ready=lambda: print("ready", flush=True))
"""


class Owner:
    """An owner in a process of its own, over a folder of its own."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "index"
        self.socket = home / "index.sock"
        self.process = self.start()

    def start(self) -> subprocess.Popen[str]:
        self.process = self.launch()
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "ready\n"
        return self.process

    def launch(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", OWNER, str(self.folder), str(self.socket), KEY.decode()],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        self.process.communicate(timeout=60)
        return self.process.returncode

    @contextmanager
    def halted(self) -> Iterator[None]:
        """Its process does nothing meanwhile."""
        self.process.send_signal(signal.SIGSTOP)
        # The signal is only on its way until all threads have stopped.
        os.waitpid(self.process.pid, os.WUNTRACED)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)
            # Its main thread has to be awake: a signal that comes before is given to another one, and ends nothing.
            connected(self.socket, KEY, patience=30).close()

    def index(self, name: str = "chunks", **options: float) -> OwnedIndex:
        return OwnedIndex(name, socket=self.socket, key=KEY, **options)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder whose path is short enough for a Unix socket."""
    with tempfile.TemporaryDirectory(prefix="sr-") as folder:
        yield Path(folder)


@pytest.fixture
def owner(home: Path) -> Iterator[Owner]:
    owner = Owner(home)
    yield owner
    owner.stop()


@pytest.fixture(scope="module")
def shared_owner() -> Iterator[Owner]:
    with tempfile.TemporaryDirectory(prefix="sr-") as folder:
        owner = Owner(Path(folder))
        yield owner
        owner.stop()


class TestThroughTheOwner(VectorIndexContract):
    @pytest.fixture
    def reopen(self, shared_owner: Owner) -> Callable[[], VectorIndex]:
        name = f"chunks-{uuid4()}"
        return lambda: shared_owner.index(name)


# Several clients


def test_two_clients_write_and_search_at_once(owner: Owner) -> None:
    def write(first: int) -> None:
        index = owner.index()
        for ordinal in range(first, first + 100, 10):
            index.upsert([make_point(ordinal + step) for step in range(10)])
            assert nearest(index, limit=5)
        index.close()

    writers = [Thread(target=write, args=(first,)) for first in (0, 100)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert owner.index().count() == 200


def test_threads_may_share_one_client(owner: Owner) -> None:
    index = owner.index()
    index.upsert([make_point(ordinal) for ordinal in range(30)])
    counts: list[int] = []
    threads = [Thread(target=lambda: counts.append(len(nearest(index)))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [30] * 8
    index.close()


def test_indexes_of_one_owner_do_not_mix(owner: Owner) -> None:
    one, other = owner.index("one"), owner.index("other")
    one.upsert([make_point()])
    assert (one.count(), other.count()) == (1, 0)


def test_a_client_that_dies_in_the_middle_of_a_call_harms_nobody(owner: Owner) -> None:
    silent = Client(str(owner.socket))
    greeted = connected(owner.socket, KEY, patience=1)
    greeted.send_bytes(b"not a call")
    greeted.close()
    index = owner.index()
    index.upsert([make_point()])
    assert index.count() == 1
    silent.close()


def test_a_client_with_another_key_is_turned_away(owner: Owner) -> None:
    index = OwnedIndex("chunks", socket=owner.socket, key=b"guessed")
    with pytest.raises(IndexUnavailable, match="started with another key"):
        index.count()


def test_an_error_of_the_engine_reaches_the_client(owner: Owner) -> None:
    index = owner.index()
    index.upsert([make_point()])
    with pytest.raises(IndexUnavailable, match="expected dim: 4, got 2"):
        index.upsert([make_point(1, dense=(1.0, 0.0))])
    assert index.count() == 1


# Ends and beginnings


def test_nothing_acknowledged_is_lost_when_the_owner_is_killed(owner: Owner) -> None:
    index = owner.index()
    for ordinal in range(0, 200, 20):
        index.upsert([make_point(ordinal + step) for step in range(20)])
    owner.stop(signal.SIGKILL)
    owner.start()
    assert index.count() == 200
    assert len(nearest(index, limit=500)) == 200


def test_a_client_waits_for_an_owner_that_is_started_anew(owner: Owner) -> None:
    index = owner.index()
    index.upsert([make_point()])
    owner.stop(signal.SIGKILL)
    later = Timer(0.5, owner.start)
    later.start()
    assert index.count() == 1
    later.join()


def test_the_owner_writes_all_out_and_ends_well_when_told_to(owner: Owner) -> None:
    owner.index().upsert([make_point()])
    assert owner.stop() == 0
    assert not owner.socket.exists()
    index = EdgeIndex(owner.folder / "chunks")
    assert index.count() == 1
    index.close()
    owner.start()


def test_a_second_owner_is_refused(owner: Owner) -> None:
    second = owner.launch()
    _, errors = second.communicate(timeout=60)
    assert second.returncode == 1
    assert f"is in use by another command (pid {owner.process.pid})" in errors
    assert owner.index().count() == 0


def test_a_command_is_refused_while_another_one_has_the_folder(home: Path) -> None:
    with (
        EdgeFolder(home),
        pytest.raises(IndexUnavailable, match=rf"another command \(pid {os.getpid()}\)\. Wait until it ends"),
    ):
        EdgeFolder(home)
    EdgeFolder(home).close()


def test_the_socket_of_a_dead_owner_is_replaced(owner: Owner) -> None:
    owner.stop(signal.SIGKILL)
    assert owner.socket.exists()
    owner.start()
    assert owner.index().count() == 0


def test_only_this_account_may_reach_the_socket(owner: Owner) -> None:
    assert oct(owner.socket.stat().st_mode & 0o777) == "0o600"


def test_without_an_owner_the_index_is_unavailable(home: Path) -> None:
    index = OwnedIndex("chunks", socket=home / "index.sock", key=KEY, patience=0.1)
    with pytest.raises(IndexUnavailable, match=r"No index owner answers at .*index\.sock"):
        index.count()


def test_an_owner_that_hangs_is_unavailable(owner: Owner) -> None:
    index = owner.index(timeout=0.2)
    index.count()
    with owner.halted(), pytest.raises(IndexUnavailable, match=r"did not answer within 0\.2 seconds"):
        index.count()


# Which engine keeps the index here


@pytest.fixture
def installation(home: Path, settings: Settings) -> Path:
    settings.VAR, settings.RUN, settings.QDRANT_URL = home, home / "run", ""
    return home


def launch_command(home: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "manage.py", "own_index"],
        env={**os.environ, "STRONGROOM_VAR": str(home)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_a_command_owns_the_index_when_nothing_runs(installation: Path) -> None:
    index = open_index("chunks")
    index.upsert([make_point()])
    assert isinstance(index, EdgeIndex)
    assert open_index("chunks").count() == 1
    index.close()


def test_a_command_uses_the_owner_that_runs(installation: Path) -> None:
    process = launch_command(installation)
    assert process.stdout is not None
    assert (
        process.stdout.readline() == f"The vector index answers at {installation / 'run' / 'index.sock'}.\n"
    )
    index = open_index("chunks")
    index.upsert([make_point()])
    assert isinstance(index, OwnedIndex)
    assert index.count() == 1
    process.terminate()
    assert process.communicate(timeout=60) == ("", "")


def test_the_owner_loads_no_model_library() -> None:
    code = "import sys, kb.management.commands.own_index; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert {"torch", "transformers", "litellm", "qdrant_client"}.isdisjoint(loaded)
    assert "qdrant_edge" in loaded


def test_the_owner_is_refused_while_a_command_has_the_index(installation: Path) -> None:
    open_index("chunks")
    _, errors = launch_command(installation).communicate(timeout=60)
    assert errors.startswith("CommandError: The index in ")
    assert f"is in use by another command (pid {os.getpid()})" in errors


def test_a_long_running_process_never_takes_the_owners_place(installation: Path) -> None:
    assert isinstance(open_index("chunks", may_own=False), OwnedIndex)


def test_a_server_is_used_where_one_is_set(installation: Path, settings: Settings) -> None:
    settings.QDRANT_URL, settings.QDRANT_API_KEY = "http://127.0.0.1:9", ""
    assert isinstance(open_index("chunks"), ServerIndex)

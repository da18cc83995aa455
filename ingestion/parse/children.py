"""Children that read files, forked by a server that has the engines loaded; each process has one server of its own."""

import atexit
import json
import os
import select
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

from ingestion.parse.child import Job
from ingestion.parse.confine import ROOT

GRACE = 30
"""Seconds beyond a file's own in which the server has to answer: it may have to import the engines first."""
GLANCE = 0.5
"""Seconds between two calls of `glance`."""
STOPPING = 5
"""Seconds that a server may take to end."""

THREADS = (
    "OMP_NUM_THREADS",
    "OMP_THREAD_LIMIT",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "TOKIO_WORKER_THREADS",
    "MALLOC_ARENA_MAX",
)
"""One each: every thread and arena takes address space from the memory limit."""


PASSED_ON = ("TESSDATA_PREFIX",)
"""Where text recognition finds its languages."""


class ServerGone(Exception):
    """The server died, or did not answer in time."""


class Server:
    """A running fork server. It ends when this end of the socket closes, so with this process, however that ends."""

    def __init__(self) -> None:
        self._control, theirs = socket.socketpair()
        self._replies = self._control.makefile("rb")
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, and a number
                [sys.executable, "-s", "-P", "-m", "ingestion.parse.forkserver", str(theirs.fileno())],
                cwd="/",
                env=environment(Path("/")),
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def run(self, job: Job, glance: Callable[[], None]) -> int | None:
        """The exit code of a child that did the job, negative for a signal; None when its seconds were over.

        Raises:
            ServerGone: there is no server any more.
        """
        try:
            self._control.sendall(job.pack())
            self._wait(job.limits.seconds + GRACE, glance)
            reply = self._replies.readline()
        except OSError as error:
            raise ServerGone("The fork server does not answer.") from error
        if not reply:
            raise ServerGone("The fork server ended.")
        code: int | None = json.loads(reply)
        return code

    def _wait(self, seconds: float, glance: Callable[[], None]) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            if select.select([self._control], [], [], GLANCE)[0]:
                return
            glance()
        raise TimeoutError

    def stop(self) -> None:
        """Ends it, and the child that it may have."""
        self.let_go()
        try:
            self._process.wait(STOPPING)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def let_go(self) -> None:
        self._replies.close()
        self._control.close()


_lock = threading.Lock()
_server: Server | None = None


def run(job: Job, glance: Callable[[], None]) -> int | None:
    """Like `Server.run`, by the server of this process, which is started when there is none.

    `glance` is called twice a second; what it raises ends the child.

    Raises:
        ServerGone: it died while the child was at work.
    """
    global _server
    with _lock:
        if _server is None or not _server.is_alive:
            stop()
            _server = Server()
        try:
            return _server.run(job, glance)
        except BaseException:
            # The child must not go on when nobody waits for it.
            stop()
            raise


def stop() -> None:
    global _server
    if _server is not None:
        _server.stop()
        _server = None


def environment(folder: Path) -> dict[str, str]:
    """Made from nothing: what is not here, keys and addresses above all, cannot leak. `folder` is the process's own."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        **dict.fromkeys(THREADS, "1"),
    }


def _forget() -> None:
    """In a process that was forked off: the server is its parent's, and must see when that one ends."""
    global _server, _lock
    _lock = threading.Lock()
    if _server is not None:
        _server.let_go()
        _server = None


os.register_at_fork(after_in_child=_forget)
atexit.register(stop)

"""A real Strongroom: `manage.py up` as a process of its own, with its own data folder, spoken to from outside."""

import os
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, suppress
from functools import cached_property
from pathlib import Path
from typing import Any
from uuid import UUID

import httpx
import psutil
import pytest
from django.conf import settings

from inference.backends.bm25 import Bm25
from kb import supervisor
from kb.environment import run_folder, secret
from kb.index import index_name
from kb.index.owned import OwnedIndex
from kb.sample import PASSWORD
from tests.isolation import lend_models

ROOT = Path(__file__).parent.parent
READY = "The library is ready."
READY_WITHIN = 900  # seconds, for the whole sample library on two slow cores
SETTLED_WITHIN = 240  # seconds, for one small document, with the models to load and a minute to be sent again
STOPPED_WITHIN = 60  # seconds
SOONER = {
    "STRONGROOM_UPLOAD_LIMIT_MB": "2",
    "STRONGROOM_LEASE": "15",
    "STRONGROOM_RECONCILE_EVERY": "10",
}
"""Limits and patience, in seconds, that a test reaches sooner."""
WORDS = {
    "broker": "valkey-server",
    "index": "own_index",
    "beat": "kb.celery beat",
    "worker": "kb.celery worker",
    "portal": "uvicorn",
}
"""What the command line of each supervised program holds."""


def eventually(true: Callable[[], object], *, within: float = 30, every: float = 0.1) -> bool:
    """Whether it becomes true in so many seconds."""
    deadline = time.monotonic() + within
    while not true():
        if time.monotonic() > deadline:
            return False
        time.sleep(every)
    return True


class Site:
    """One data folder and the Strongroom that runs on it. `variables` are of the environment."""

    password = PASSWORD

    def __init__(self, folder: Path, *options: str, **variables: str) -> None:
        self.folder = folder
        lend_models(settings.VAR, folder)
        self.run = run_folder(folder)
        self._options = options
        self._environment = os.environ | {"STRONGROOM_VAR": str(folder), "PYTHONUNBUFFERED": "1"} | variables
        self._clients: dict[str, httpx.Client] = {}

    @cached_property
    def port(self) -> int:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            return int(probe.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    # --- Starting and stopping ------------------------------------------------------------------------

    def prepare(self) -> None:
        """Makes the tables, the demo people and their empty collections."""
        for command in (["migrate", "-v0"], ["sample", "--people-only"]):
            # Checks load every page and operation; the start makes them.
            done = self.manage(*command, "--skip-checks")
            assert done.returncode == 0, done.stderr

    def start(self, **variables: str) -> None:
        """Returns when all that had been uploaded is ready. `variables` hold for this start alone."""
        with (self.folder / "up.log").open("w") as log:
            command = [sys.executable, "manage.py", "up", "--port", str(self.port), *self._options]
            self._up = subprocess.Popen(
                command, cwd=ROOT, env=self._environment | variables, stdout=log, stderr=log
            )
        started = eventually(lambda: self._up.poll() is not None or READY in self.said(), within=READY_WITHIN)
        assert started and self._up.poll() is None, f"It did not start.\n{self.logs()}"
        assert f"ready at {self.url}" in self.said()

    def stop(self) -> None:
        """As Ctrl-C does."""
        self._hang_up()
        self._up.send_signal(signal.SIGTERM)
        assert self._up.wait(STOPPED_WITHIN) == 0
        assert self.said().endswith("\nStopping…\nStopped. The next start goes on from here.\n")
        assert supervisor.left_behind(self.run) == []

    def kill(self) -> None:
        """As when the power goes: everything dies at once, and nothing is told."""
        self._hang_up()
        self._up.kill()
        for process in supervisor.left_behind(self.run):
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._up.wait()

    def _hang_up(self) -> None:
        while self._clients:
            self._clients.popitem()[1].close()

    def said(self) -> str:
        """What `up` has printed."""
        return (self.folder / "up.log").read_text()

    def logs(self) -> str:
        """The end of every log, to be shown when a test fails."""
        files = [self.folder / "up.log", *sorted(self.folder.glob("log/*.log"))]
        return "\n".join(f"--- {file.name}\n{file.read_text()[-3_000:]}" for file in files)

    def processes(self, program: str) -> list[psutil.Process]:
        """Those of one supervised program, parents before their children."""
        found = []
        for process in supervisor.left_behind(self.run):
            with suppress(psutil.NoSuchProcess):
                if WORDS[program] in " ".join(process.cmdline()):
                    found.append(process)
        return sorted(found, key=lambda process: process.create_time())

    def readers(self, document: str) -> list[psutil.Process]:
        """The process that holds the document's lease, if there is one and it lives."""
        sql = "SELECT lease_holder FROM kb_version WHERE document_id = ? AND lease_holder <> ''"
        found = []
        for [holder] in self.select(sql, UUID(document).hex):
            with suppress(psutil.NoSuchProcess):
                found.append(psutil.Process(int(holder.split()[1])))
        return found

    # --- Using it --------------------------------------------------------------------------------------

    def manage(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(command, cwd=ROOT, env=self._environment, capture_output=True, text=True)

    def as_(self, username: str) -> httpx.Client:
        """REST v1 as that person."""
        if username not in self._clients:
            made = self.manage("key", username, "--name", "tests", "--skip-checks")
            assert made.returncode == 0, made.stderr
            headers = {"Authorization": f"Bearer {made.stdout.strip()}"}
            self._clients[username] = httpx.Client(
                base_url=f"{self.url}/api/v1", headers=headers, timeout=120
            )
        return self._clients[username]

    def ask(self, username: str, question: str) -> httpx.Response:
        return self.as_(username).post("/ask", json={"question": question})

    def send(
        self, name: str, content: bytes, *, collection: str = "Handbook", **fields: str
    ) -> httpx.Response:
        """Uploads as dana, who may add to every collection."""
        return self.as_("dana").post(
            "/documents", files={"file": (name, content)}, data={"collection": collection, **fields}
        )

    def upload(self, name: str, content: bytes, **fields: str) -> str:
        """The id of the new document."""
        response = self.send(name, content, **fields)
        assert response.status_code == 201, response.text
        return str(response.json()["id"])

    def status(self, document: str) -> dict[str, Any]:
        response = self.as_("dana").get(f"/documents/{document}/status")
        assert response.status_code == 200, response.text
        return dict(response.json())

    def settled(self, document: str) -> dict[str, Any]:
        """Its status once it is ready or has failed."""
        done = eventually(lambda: self.stage(document) in ("ready", "failed"), within=SETTLED_WITHIN)
        assert done, f"It stays {self.stage(document)}.\n{self.logs()}"
        return self.status(document)

    # --- Looking inside --------------------------------------------------------------------------------

    def select(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._sql(sql, values)

    def change(self, sql: str, *values: object) -> None:
        """By hand, past the application."""
        self._sql(sql, values)

    def _sql(self, sql: str, values: Sequence[object]) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "strongroom.sqlite3", timeout=30)) as database, database:
            return database.execute(sql, values).fetchall()

    def stage(self, document: str) -> str:
        [[stage]] = self.select("SELECT stage FROM kb_version WHERE document_id = ?", UUID(document).hex)
        return str(stage)

    def chunks(self, document: str) -> int:
        """How many rows of SQL its versions have."""
        sql = "SELECT count(*) FROM kb_chunk JOIN kb_version v ON v.id = version_id WHERE v.document_id = ?"
        return int(self.select(sql, UUID(document).hex)[0][0])

    def points(self) -> dict[str, int]:
        """How many points of the index each version has, by its id in hex."""
        [[embedder]] = self.select("SELECT DISTINCT embedder FROM kb_version WHERE embedder <> ''")
        key = secret("index_key", self.folder / "secrets").encode()
        name = index_name(embedder, Bm25().fingerprint)
        index = OwnedIndex(name, socket=self.run / "index.sock", key=key)
        with closing(index):
            return {version.hex: points for version, points in index.versions()}


@pytest.fixture(scope="session")
def site() -> Iterator[Site]:
    """The sample library as a newcomer gets it. Tests may add to it, and leave what is there as it is."""
    with_sample = Site(Path(tempfile.mkdtemp(prefix="strongroom-site-")))
    yield from _running(with_sample)


@pytest.fixture(scope="session")
def empty_site() -> Iterator[Site]:
    """The demo people and their empty collections, for tests that break things."""
    folder = Path(tempfile.mkdtemp(prefix="strongroom-faults-"))
    empty = Site(folder, "--no-sample", **SOONER)
    empty.prepare()
    yield from _running(empty)


def _running(site: Site) -> Iterator[Site]:
    try:
        site.start()
        yield site
        site.stop()
    finally:
        site.kill()
        shutil.rmtree(site.folder)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Shows what tests have measured and recorded."""
    for report in terminalreporter.getreports("passed"):
        for name, value in report.user_properties:
            terminalreporter.write_line(f"{name}: {value}")

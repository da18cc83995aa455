"""The server profile: a real PostgreSQL and a real Valkey on loopback, and the same code in front of them."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kb.shared_cache import SharedCache
from tests.services import postgresql, valkey
from tests.stack import ROOT, Site, eventually

pytestmark = [pytest.mark.services, pytest.mark.models]

SUITES = ("access", "concurrency", "delete", "ledger", "lease", "upload")
"""Those whose subject is the database."""
NOTICE = b"Renting the rowing boat needs eleven days of notice. The key hangs at the reception."
QUESTION = "How many days of notice does the rowing boat need?"


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with postgresql() as url:
        yield url


@pytest.fixture(scope="module")
def server_site(database: str) -> Iterator[Site]:
    """Portal and worker as processes of their own, which share nothing but PostgreSQL, Valkey and the files."""
    with valkey() as broker, tempfile.TemporaryDirectory(prefix="strongroom-server-") as folder:
        site = Site(Path(folder), "--no-sample", DATABASE_URL=database, REDIS_URL=broker)
        site.prepare()
        site.start()
        yield site
        site.stop()


def test_the_suites_about_the_database_hold_on_postgresql(database: str) -> None:
    suites = [f"tests/test_{suite}.py" for suite in SUITES]
    environment = os.environ | {"STRONGROOM_TEST_DATABASE_URL": database}
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *suites]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


def test_a_document_is_read_by_the_worker_and_answers_a_question(server_site: Site, database: str) -> None:
    document = server_site.upload("boat.txt", NOTICE, sensitivity="INTERNAL")
    assert eventually(lambda: server_site.status(document)["stage"] == "ready", within=240)
    reply = server_site.ask("bob", QUESTION).json()
    assert "eleven days" in reply["answer"]
    assert [citation["document"] for citation in reply["citations"]] == [document]
    with psycopg.connect(database) as connection:
        stages = connection.execute("SELECT stage, attempts FROM kb_version").fetchall()
    assert stages == [("ready", 1)]
    assert not (server_site.folder / "strongroom.sqlite3").exists()


def test_neither_broker_nor_database_is_started_beside_the_servers(server_site: Site) -> None:
    assert server_site.processes("broker") == []
    assert len(server_site.processes("worker")) >= 2


def test_a_stranger_finds_nothing_there_either(server_site: Site) -> None:
    assert server_site.as_("charlie").get("/documents").json() == {"items": [], "next": None}
    assert server_site.ask("charlie", QUESTION).json()["citations"] == []


def test_what_one_process_counts_the_others_know() -> None:
    with valkey() as url:
        one, other = SharedCache(url, {}), SharedCache(url, {})
        one.add("failures", 0)
        one.incr("failures")
        assert other.incr("failures") == 2


def test_the_ledger_holds_there_and_a_changed_row_is_found(server_site: Site, database: str) -> None:
    server_site.ask("bob", QUESTION)
    assert server_site.manage("ledger", "--verify").returncode == 0
    with psycopg.connect(database) as connection:
        with pytest.raises(psycopg.errors.RaiseException, match="append-only"), connection.transaction():
            connection.execute("UPDATE kb_modelcall SET sent_bytes = 0 WHERE sequence = 1")
        connection.execute("ALTER TABLE kb_modelcall DISABLE TRIGGER USER")
        connection.execute("UPDATE kb_modelcall SET sent_bytes = 0 WHERE sequence = 1")
    told = server_site.manage("ledger", "--verify")
    assert (told.returncode, "Row 1 was changed" in told.stderr) == (1, True)

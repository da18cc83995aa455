"""docs/api.md: what a developer copies from it works, word for word."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from celery import current_app
from django.conf import settings
from pytest_django.live_server_helper import LiveServer

from ingestion import pipeline
from ingestion.parse import registry
from ingestion.parse.elements import Parsed
from kb.models import Collection, Person
from tests.builders import indexed, make_document, make_key

pytest_plugins = ["tests.fakes"]
pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The server of the tests speaks WSGI, where a stream comes all at once.
    pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators"),
]

PAGE = settings.BASE_DIR / "docs" / "api.md"
CLIENT = settings.BASE_DIR / "kb" / "client"
WITHIN = 120
"""Seconds."""


def examples(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", PAGE.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def surroundings(
    live_server: LiveServer, fakes: None, dana: Person, shelf: Collection, monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """What the page asks for: an address and a key. What is brought in is read at once, in this process."""
    indexed(
        make_document(shelf, owner=dana, title="Leave", chunks=["Employees have 28 days of annual leave."])
    )

    def parse(path: Path, *, media_type: str, **_: object) -> Parsed:
        return registry.attempt(path, media_type)

    monkeypatch.setattr(pipeline, "parse", parse)
    current_app.conf.task_always_eager = True
    return os.environ | {"STRONGROOM": live_server.url, "KEY": make_key(dana), "PYTHONPATH": str(CLIENT)}


@pytest.mark.skipif(
    shutil.which("curl") is None, reason="curl is not installed (Debian: apt-get install curl)"
)
def test_the_examples_for_curl_run_as_they_are_written(surroundings: dict[str, str], tmp_path: Path) -> None:
    script = "\necho; echo ----\n".join(["set -euo pipefail", *examples("sh")])
    done = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env=surroundings, timeout=WITHIN, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    _, asked, streamed, brought, found, listed, changed, failed = done.stdout.split("\n----\n")
    assert "28 days" in asked
    assert [line for line in streamed.splitlines() if line.startswith("event: finished")]
    assert '"stage": "ready"' in brought
    assert "28 days" in found
    assert '"leave.txt"' in listed or '"leave"' in listed
    assert '"hr"' in changed
    assert "nothing here" in failed


def test_the_example_for_python_runs_as_it_is_written(surroundings: dict[str, str], tmp_path: Path) -> None:
    [example] = examples("python")
    done = subprocess.run(
        [sys.executable, "-c", example],
        cwd=tmp_path,
        env=surroundings,
        timeout=WITHIN,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("ready\n")
    assert "28 days" in done.stdout

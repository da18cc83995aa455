"""Parsing where a hostile file hurts only itself: a child process with limits, no network and no secrets."""

import json
import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from ingestion.parse import wire
from ingestion.parse.child import OUT_OF_MEMORY, OUT_OF_OUTPUT, RESULT
from ingestion.parse.confine import Limits
from ingestion.parse.elements import Parsed
from ingestion.parse.sniff import MEDIA_TYPES
from kb.errors import ParserStopped, Unreadable

__all__ = ["Limits", "parse"]

logger = logging.getLogger("strongroom.parse")

ROOT = Path(__file__).resolve().parent.parent.parent
ERRORS = "errors.txt"
LOGGED = 2_000
"""Characters of a crashed child's last words."""
GLANCE = 0.5
"""Seconds between two looks at whether the result is still wanted."""

OUT_OF_MEMORY_WORDS = re.compile(
    "memory allocation|bad_alloc|MemoryError|failed to map segment|cannot allocate", re.I
)

MEGABYTE = 1024 * 1024
THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "TOKIO_WORKER_THREADS",
    "MALLOC_ARENA_MAX",
)
"""One each: every thread and arena takes address space from the memory limit."""


def _unwatched() -> None:
    """Where nobody takes the work away."""


def parse(
    path: Path,
    *,
    name: str,
    media_type: str,
    limits: Limits,
    parser: str = "",
    watch: Callable[[], None] = _unwatched,
) -> Parsed:
    """The document at `path`, which its owner calls `name`. Waits for a child process.

    `parser` is a dotted path of the registry; without one, its usual ones are tried in turn. `watch` is called twice
    a second: what it raises ends the child.

    Raises:
        Unreadable: the file is broken, encrypted or empty.
        ParserStopped: a limit was reached, or the child died.
    """
    with tempfile.TemporaryDirectory(prefix="strongroom-parse-") as made:
        folder = Path(made)
        shutil.copyfile(path, folder / f"document.{MEDIA_TYPES[media_type].extensions[0]}")
        code = _run(folder, [media_type, parser], limits, name, watch)
        if code != 0:
            words = (folder / ERRORS).read_text(errors="replace")[-LOGGED:]
            logger.warning("The parser of %s died with %s: %s", media_type, code, words)
            raise ParserStopped(_reason(code, words, name, limits))
        return _result(folder / RESULT, name, limits)


def _run(folder: Path, task: Sequence[str], limits: Limits, name: str, watch: Callable[[], None]) -> int:
    arguments = [str(limits.seconds), str(limits.memory), str(limits.output), *task]
    with (folder / ERRORS).open("wb") as errors:
        child = subprocess.Popen(  # noqa: S603 - our own module; the file's name is not an argument
            [sys.executable, "-s", "-P", "-m", "ingestion.parse.child", *arguments],
            cwd=folder,
            env=_environment(folder),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=errors,
            start_new_session=True,
        )
        try:
            return _wait(child, limits.seconds, watch)
        except subprocess.TimeoutExpired as error:
            raise ParserStopped(_too_slow(name, limits)) from error
        finally:
            _kill(child)


def _wait(child: "subprocess.Popen[bytes]", seconds: float, watch: Callable[[], None]) -> int:
    """The child's exit code, once it is there."""
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > GLANCE:
        with suppress(subprocess.TimeoutExpired):
            return child.wait(GLANCE)
        watch()
    return child.wait(max(0, left))


def _kill(child: "subprocess.Popen[bytes]") -> None:
    """The whole process group, so that nothing which the child started is left."""
    with suppress(ProcessLookupError):  # All of it may have ended.
        os.killpg(child.pid, signal.SIGKILL)
    child.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Made from nothing: what is not here, keys and addresses above all, cannot leak."""
    return {
        "PATH": os.defpath,
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(ROOT),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        **dict.fromkeys(THREADS, "1"),
    }


def _result(path: Path, name: str, limits: Limits) -> Parsed:
    data = _bytes(path, name, limits)
    try:
        if reason := _refusal(data):
            raise Unreadable(f"“{name}”: {reason}")
        return wire.unpack(data)
    except wire.Malformed as error:
        raise ParserStopped(
            f"The parser of “{name}” sent a result that makes no sense. Do not trust this file."
        ) from error


def _bytes(path: Path, name: str, limits: Limits) -> bytes:
    """The result, unless the child has put a link or too much in its place."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb") as file:
            data = file.read(limits.output + 1)
    except OSError as error:
        raise ParserStopped(
            f"The parser of “{name}” left no result. Try again, or save the file anew."
        ) from error
    if len(data) > limits.output:
        raise ParserStopped(_too_much(name, limits))
    return data


def _refusal(data: bytes) -> str:
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise wire.Malformed("The parser sent something that is not JSON.") from error
    return str(raw["unreadable"]) if isinstance(raw, dict) and "unreadable" in raw else ""


def _reason(code: int, words: str, name: str, limits: Limits) -> str:
    if code == -signal.SIGXCPU:
        return _too_slow(name, limits)
    if code == OUT_OF_OUTPUT:
        return _too_much(name, limits)
    # Native libraries abort when they get no memory; SIGKILL comes from the system when it has none left.
    if code in {OUT_OF_MEMORY, -signal.SIGKILL} or OUT_OF_MEMORY_WORDS.search(words):
        return (
            f"Reading “{name}” needed more than the {limits.memory // MEGABYTE} MB of memory that one file may use. "
            "Split it, or ask the administrator to raise STRONGROOM_PARSE_MEMORY_MB."
        )
    return f"The parser died while reading “{name}”. Save the file anew in the program that made it and upload that."


def _too_slow(name: str, limits: Limits) -> str:
    return (
        f"Reading “{name}” took longer than the {limits.seconds} seconds that one file may take. "
        "Split it, or ask the administrator to raise STRONGROOM_PARSE_SECONDS."
    )


def _too_much(name: str, limits: Limits) -> str:
    return f"“{name}” holds more than {limits.output // MEGABYTE} MB of text, the most that one file may. Split it."

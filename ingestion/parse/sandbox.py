"""Parsing where a hostile file hurts only itself: a child process with limits, no network and no secrets."""

import logging
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingestion.parse import progress, wire
from ingestion.parse.child import ANSWER, OUT_OF_MEMORY, OUT_OF_OUTPUT, REFUSED
from ingestion.parse.confine import Limits
from ingestion.parse.elements import Parsed
from ingestion.parse.reading import ENGLISH, OnProgress, Recognition, unheard
from ingestion.parse.sniff import MEDIA_TYPES
from kb.errors import ParserStopped, Unreadable

__all__ = ["Limits", "Task", "parse", "run"]

logger = logging.getLogger("strongroom.parse")

ROOT = Path(__file__).resolve().parent.parent.parent
ERRORS = "errors.txt"
LOGGED = 2_000
"""Characters of a child's last words."""
GLANCE = 0.5
"""Seconds between two looks at how far the child is."""

OUT_OF_MEMORY_WORDS = re.compile(
    "memory allocation|bad_alloc|MemoryError|failed to map segment|cannot allocate", re.I
)

MEGABYTE = 1024 * 1024
THREADS = (
    "OMP_NUM_THREADS",
    "OMP_THREAD_LIMIT",
    "OPENBLAS_NUM_THREADS",
    "RAYON_NUM_THREADS",
    "TOKIO_WORKER_THREADS",
    "MALLOC_ARENA_MAX",
)
"""One each: every thread and arena takes address space from the memory limit."""


RECOGNISING = 0.8
"""Share of the seconds that may go by before text recognition ends, so that what it has read is not lost."""
PASSED_ON = ("TESSDATA_PREFIX",)
"""Where text recognition finds its languages."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a child does with a file that its owner calls `name`; the arguments are those of `parse.child`."""

    name: str
    extension: str
    arguments: tuple[str, ...]


def parse(
    path: Path,
    *,
    name: str,
    media_type: str,
    limits: Limits,
    recognition: Recognition = ENGLISH,
    on_progress: OnProgress = unheard,
) -> Parsed:
    """The document at `path`, which its owner calls `name`. Waits for a child process.

    Raises:
        Unreadable: the file is broken, encrypted or empty.
        ParserStopped: a limit was reached, or the child died.
    """
    recognising = int(RECOGNISING * limits.seconds)
    arguments = (media_type, recognition.languages, str(recognition.most_pages), str(recognising))
    task = Task(name, MEDIA_TYPES[media_type].extensions[0], ("parse", *arguments))
    answer = run(path, task, limits, on_progress)
    try:
        return wire.unpack(answer)
    except wire.Malformed as error:
        raise ParserStopped(
            f"The parser of “{name}” sent a result that makes no sense. Do not trust this file."
        ) from error


def run(path: Path, task: Task, limits: Limits, on_progress: OnProgress = unheard) -> bytes:
    """What a child process answers that has a copy of the file. Nothing of it may be trusted.

    Raises:
        Unreadable: the child says why the file cannot be used.
        ParserStopped: a limit was reached, or the child died.
    """
    with tempfile.TemporaryDirectory(prefix="strongroom-parse-") as made:
        folder = Path(made)
        shutil.copyfile(path, folder / f"document.{task.extension}")
        code = _run(folder, task, limits, on_progress)
        if code not in {0, REFUSED}:
            words = (folder / ERRORS).read_text(errors="replace")[-LOGGED:]
            logger.warning("The parser died with %s at %s: %s", code, task.arguments, words)
            raise ParserStopped(_reason(code, words, task.name, limits))
        answer = _bytes(folder / ANSWER, task.name, limits)
        if code == REFUSED:
            raise Unreadable(f"“{task.name}”: {answer[:LOGGED].decode(errors='replace')}")
        return answer


def _run(folder: Path, task: Task, limits: Limits, on_progress: OnProgress) -> int:
    arguments = [str(limits.seconds), str(limits.memory), str(limits.output), *task.arguments]
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
            return _wait(child, folder, limits.seconds, on_progress)
        except subprocess.TimeoutExpired as error:
            raise ParserStopped(_too_slow(task.name, limits)) from error
        finally:
            _kill(child)


def _wait(child: "subprocess.Popen[bytes]", folder: Path, seconds: float, on_progress: OnProgress) -> int:
    """The child's exit code, once it is there."""
    until, told = time.monotonic() + seconds, None
    while (left := until - time.monotonic()) > GLANCE:
        with suppress(subprocess.TimeoutExpired):
            return child.wait(GLANCE)
        if (now := progress.read(folder)) and now != told:
            on_progress(*now)
            told = now
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
        **{name: os.environ[name] for name in PASSED_ON if name in os.environ},
        **dict.fromkeys(THREADS, "1"),
    }


def _bytes(path: Path, name: str, limits: Limits) -> bytes:
    """The answer, unless the child has put a link, a pipe or too much in its place."""
    try:
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
            data = file.read(limits.output + 1)
    except OSError as error:
        raise ParserStopped(
            f"The parser of “{name}” left no result. Try again, or save the file anew."
        ) from error
    if len(data) > limits.output:
        raise ParserStopped(_too_much(name, limits))
    return data


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

"""Parsing where a hostile file hurts only itself: a child process with limits, no network and no secrets."""

import logging
import os
import re
import shutil
import signal
import tempfile
from dataclasses import dataclass
from pathlib import Path

from ingestion.parse import children, progress, wire
from ingestion.parse.child import ANSWER, ERRORS, OUT_OF_MEMORY, OUT_OF_OUTPUT, REFUSED, Job
from ingestion.parse.children import ServerGone, environment
from ingestion.parse.confine import Limits
from ingestion.parse.elements import Parsed
from ingestion.parse.reading import ANYHOW, PATIENT, Wanted, Watch
from ingestion.parse.sniff import MEDIA_TYPES
from kb.errors import ParserAway, ParserStopped, Unreadable

__all__ = ["Limits", "Task", "environment", "parse", "run"]

logger = logging.getLogger("strongroom.parse")

MOST_WORDS = 1_000_000
"""Bytes that a child wrote to its error output."""
LOGGED = 2_000
"""Characters of a child's last words."""

OUT_OF_MEMORY_WORDS = re.compile(
    "memory allocation|bad_alloc|MemoryError|failed to map segment|cannot allocate", re.I
)

MEGABYTE = 1024 * 1024

RECOGNISING = 0.8
"""Share of the seconds that may go by before text recognition ends, so that what it has read is not lost."""


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
    wanted: Wanted = ANYHOW,
    watch: Watch = PATIENT,
) -> Parsed:
    """The document at `path`, which its owner calls `name`. Waits for a child process.

    Raises:
        Unreadable: the file is broken, encrypted or empty.
        ParserStopped: a limit was reached, or the child died.
        ParserAway: nothing could be started, or its answer was lost.
    """
    recognition, recognising = wanted.recognition, int(RECOGNISING * limits.seconds)
    by = (wanted.parser, recognition.languages, str(recognition.most_pages), str(recognising))
    task = Task(name, MEDIA_TYPES[media_type].extensions[0], ("parse", media_type, *by))
    answer = run(path, task, limits, watch)
    try:
        return wire.unpack(answer)
    except wire.Malformed as error:
        raise ParserStopped(
            f"The parser of “{name}” sent a result that makes no sense. Do not trust this file."
        ) from error


def run(path: Path, task: Task, limits: Limits, watch: Watch = PATIENT) -> bytes:
    """What a child process answers that has a copy of the file. Nothing of it may be trusted.

    Raises:
        Unreadable: the child says why the file cannot be used.
        ParserStopped: a limit was reached, or the child died.
        ParserAway: nothing could be started, or its answer was lost.
    """
    with tempfile.TemporaryDirectory(prefix="strongroom-parse-") as made:
        folder = Path(made)
        shutil.copyfile(path, folder / f"document.{task.extension}")
        code = _run(folder, task, limits, watch)
        if code not in {0, REFUSED}:
            words = _last_words(folder / ERRORS)
            logger.warning("The parser died with %s at %s: %s", code, task.arguments, words)
            raise ParserStopped(_reason(code, words, task.name, limits))
        answer = _bytes(folder / ANSWER, task.name, limits)
        if code == REFUSED:
            raise Unreadable(f"“{task.name}”: {answer[:LOGGED].decode(errors='replace')}")
        return answer


def _run(folder: Path, task: Task, limits: Limits, watch: Watch) -> int | None:
    told = None

    def glance() -> None:
        nonlocal told
        watch.check()
        if (now := progress.read(folder)) and now != told:
            watch.progress(*now)
            told = now

    try:
        return children.run(Job(str(folder), task.arguments, limits), glance)
    except ServerGone as error:
        raise ParserAway(f"What reads files stopped while it read “{task.name}”. Try again.") from error


def _bytes(path: Path, name: str, limits: Limits) -> bytes:
    try:
        data = _left(path, limits.output + 1)
    except OSError as error:
        raise ParserAway(
            f"The parser of “{name}” left no result. Try again, or save the file anew."
        ) from error
    if len(data) > limits.output:
        raise ParserStopped(_too_much(name, limits))
    return data


def _last_words(path: Path) -> str:
    try:
        return _left(path, MOST_WORDS)[-LOGGED:].decode(errors="replace")
    except OSError:
        return ""


def _left(path: Path, most: int) -> bytes:
    """What the child has left there, unless it is a link, a pipe or nothing.

    Raises:
        OSError: it is.
    """
    with os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK), "rb") as file:
        return file.read(most)


def _reason(code: int | None, words: str, name: str, limits: Limits) -> str:
    if code is None or code == -signal.SIGXCPU:
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

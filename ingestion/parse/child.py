"""The child process that looks at one file, in a folder of its own with the file in it, where it leaves its answer.

Tasks: `parse MEDIA_TYPE PARSER LANGUAGES PAGES SECONDS` answers with the document, and reads so many scanned pages for
so long; `draw PAGE WIDTH` answers with a picture of a PDF's page.
"""

import json
import os
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from ingestion.parse.bounds import Bounds
from ingestion.parse.confine import Limits, confine

ANSWER = "answer"
ERRORS = "errors.txt"
OUT_OF_MEMORY = 3
OUT_OF_OUTPUT = 4
REFUSED = 5
"""Exit codes; after the last one the answer is a sentence that says why. Every other one but 0 is a crash."""


@dataclass(frozen=True, slots=True)
class Job:
    """The folder with the file, and a task with its arguments."""

    folder: str
    task: tuple[str, ...]
    limits: Limits

    def pack(self) -> bytes:
        """One line."""
        return json.dumps(asdict(self)).encode() + b"\n"

    @classmethod
    def unpack(cls, line: bytes) -> "Job":
        raw: dict[str, Any] = json.loads(line)
        bounds = Bounds(**raw["limits"].pop("bounds"))
        limits = Limits(**raw["limits"], bounds=bounds)
        return cls(raw["folder"], tuple(raw["task"]), limits)


def run(job: Job, parent: int) -> int:
    """Its exit code. `parent` is the process that it dies with; nothing of the file is read before the limits hold."""
    os.chdir(job.folder)
    os.environ["HOME"] = os.environ["TMPDIR"] = job.folder
    confine(job.limits, parent)
    try:
        code, answer = _answer(job)
    except MemoryError:
        return OUT_OF_MEMORY
    try:
        Path(ANSWER).write_bytes(answer)
    except OSError:
        return OUT_OF_OUTPUT
    return code


def _answer(job: Job) -> tuple[int, bytes]:
    from kb.errors import Unreadable

    task, *arguments = job.task
    try:
        return 0, _parse(job.limits.bounds, *arguments) if task == "parse" else _draw(*arguments)
    except Unreadable as error:
        return REFUSED, str(error).encode()


def _parse(bounds: Bounds, media_type: str, parser: str, languages: str, pages: str, seconds: str) -> bytes:
    from ingestion.parse import progress, registry, wire
    from ingestion.parse.reading import READING, Reading, Recognition
    from ingestion.parse.sniff import MEDIA_TYPES

    recognition = Recognition(languages, int(pages))
    READING.set(Reading(recognition, progress.write, time.monotonic() + int(seconds)))
    file = Path(f"document.{MEDIA_TYPES[media_type].extensions[0]}")
    return wire.pack(registry.read(file, media_type, bounds, chosen=parser))


def _draw(page: str, width: str) -> bytes:
    from ingestion.parse.pages import draw

    return draw(Path("document.pdf"), int(page), int(width))

"""The child process that looks at one file: `python -m ingestion.parse.child SECONDS MEMORY OUTPUT TASK ARGUMENT…`.

It stands in a folder of its own with the file in it, and leaves its answer there. Tasks: `parse MEDIA_TYPE LANGUAGES
PAGES SECONDS` answers with the document, and reads so many scanned pages for so long; `draw PAGE WIDTH` answers with
a picture of a PDF's page.
"""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

from ingestion.parse.confine import Limits, confine

ANSWER = "answer"
OUT_OF_MEMORY = 3
OUT_OF_OUTPUT = 4
REFUSED = 5
"""Exit codes; after the last one the answer is a sentence that says why. Every other one but 0 is a crash."""


def main(seconds: str, memory: str, output: str, task: str, *arguments: str) -> int:
    confine(Limits(int(seconds), int(memory), int(output)))
    try:
        code, answer = _answer(task, *arguments)
    except MemoryError:
        return OUT_OF_MEMORY
    try:
        Path(ANSWER).write_bytes(answer)
    except OSError:
        return OUT_OF_OUTPUT
    return code


def _answer(task: str, *arguments: str) -> tuple[int, bytes]:
    # Only now: what these import must not run before the limits hold.
    from kb.errors import Unreadable

    tasks: dict[str, Callable[..., bytes]] = {"parse": _parse, "draw": _draw}
    try:
        return 0, tasks[task](*arguments)
    except Unreadable as error:
        return REFUSED, str(error).encode()


def _parse(media_type: str, languages: str, pages: str, seconds: str) -> bytes:
    from ingestion.parse import progress, registry, wire
    from ingestion.parse.reading import READING, Reading, Recognition
    from ingestion.parse.sniff import MEDIA_TYPES

    recognition = Recognition(languages, int(pages))
    READING.set(Reading(recognition, progress.write, time.monotonic() + int(seconds)))
    file = Path(f"document.{MEDIA_TYPES[media_type].extensions[0]}")
    return wire.pack(registry.read(file, media_type))


def _draw(page: str, width: str) -> bytes:
    from ingestion.parse.pages import draw

    return draw(Path("document.pdf"), int(page), int(width))


if __name__ == "__main__":
    # Not sys.exit: xberg's threads may outlive the interpreter for a moment, and then abort the process.
    os._exit(main(*sys.argv[1:]))

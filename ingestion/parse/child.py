"""The child process that reads one file: `python -m ingestion.parse.child SECONDS MEMORY OUTPUT MEDIA_TYPE PARSER`.

It stands in a folder of its own with the file in it, and leaves `result.json` there.
"""

import json
import os
import sys
from pathlib import Path

from ingestion.parse.confine import Limits, confine

RESULT = "result.json"
OUT_OF_MEMORY = 3
OUT_OF_OUTPUT = 4
"""Exit codes; every other one but 0 is a crash."""


def main(seconds: str, memory: str, output: str, media_type: str, parser: str) -> int:
    confine(Limits(int(seconds), int(memory), int(output)))
    try:
        data = _read(media_type, parser)
    except MemoryError:
        return OUT_OF_MEMORY
    try:
        Path(RESULT).write_bytes(data)
    except OSError:
        return OUT_OF_OUTPUT
    return 0


def _read(media_type: str, parser: str) -> bytes:
    # Only now: what these import must not run before the limits hold.
    from ingestion.parse import registry, wire
    from ingestion.parse.sniff import MEDIA_TYPES
    from kb.errors import Unreadable

    file = Path(f"document.{MEDIA_TYPES[media_type].extensions[0]}")
    try:
        return wire.pack(registry.read(file, media_type, parser))
    except Unreadable as error:
        return json.dumps({"unreadable": str(error)}).encode()


if __name__ == "__main__":
    # Not sys.exit: xberg's threads may outlive the interpreter for a moment, and then abort the process.
    os._exit(main(*sys.argv[1:]))

"""The child process that opens one container: `python -m … KIND SECONDS MEMORY BOUNDS`, the bounds as JSON.

It stands in a folder of its own with the container in it, and leaves there what that holds, in `files/` under numbers,
and `result.json`, which says what each was called. No name from inside becomes a name on disk.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ingestion.parse.confine import Limits, confine
from ingestion.sources.containers.entries import Bounds, Budget, Entry, LeftOut, OutOfBounds, inside, shown
from ingestion.sources.containers.mails import eml_entries, mbox_entries, msg_entries
from ingestion.sources.containers.tars import tar_entries
from ingestion.sources.containers.zips import zip_entries

CONTAINER, FILES, RESULT = Path("container"), Path("files"), Path("result.json")
RESULT_SIZE = 64 * 1024 * 1024  # bytes
OUT_OF_MEMORY = 3
READERS: Mapping[str, Callable[[Path], Iterator[Entry]]] = {
    "zip": zip_entries,
    "tar": tar_entries,
    "mbox": mbox_entries,
    "eml": eml_entries,
    "msg": msg_entries,
}


def main(kind: str, seconds: str, memory: str, bounds: str) -> int:
    wanted = Bounds(**json.loads(bounds))
    confine(Limits(int(seconds), int(memory), max(wanted.file_size, RESULT_SIZE)))
    try:
        RESULT.write_text(json.dumps(unpacked(kind, wanted)))
    except MemoryError:
        return OUT_OF_MEMORY
    return 0


def unpacked(kind: str, bounds: Bounds) -> dict[str, Any]:
    """`taken` and `left_out`: [number, path] and [path, reason] each; or `refused`, why all of it is."""
    budget, taken, left_out = Budget(bounds, CONTAINER.stat().st_size), [], []
    try:
        for number, entry in enumerate(READERS[kind](CONTAINER)):
            budget.begin()
            try:
                taken.append((number, _take(entry, FILES / str(number), budget)))
            except LeftOut as reason:
                left_out.append((shown(entry.path), str(reason)))
    except OutOfBounds as error:
        return {"refused": str(error)}
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - the readers raise anything on a damaged file
        if not taken and not left_out:
            return {"refused": "It is damaged. Make it anew and send it again."}
        left_out.append(("…", "is damaged from here on"))
    return {"taken": taken, "left_out": left_out}


def _take(entry: Entry, target: Path, budget: Budget) -> str:
    """The path inside, once the entry's bytes are in `target`."""
    if entry.refusal:
        raise LeftOut(entry.refusal)
    path = inside(entry.path)
    try:
        budget.copy(entry, target)
    except (LeftOut, OutOfBounds, MemoryError):
        raise
    except NotImplementedError as error:
        raise LeftOut("is packed in a way that cannot be read") from error
    except Exception as error:
        raise LeftOut("is damaged") from error
    return path


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))

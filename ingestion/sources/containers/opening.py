"""Opening a container where a hostile one hurts only itself: in a child process with limits, no network, no secrets."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from stat import S_ISREG
from typing import BinaryIO

from ingestion.parse.sandbox import Limits, environment
from ingestion.sources.containers.child import CONTAINER, FILES, RESULT
from ingestion.sources.containers.entries import Bounds
from kb.errors import ParserStopped, Rejected
from kb.models import Container


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file that came out of a container: where it lies now, and its path inside."""

    file: Path
    path: str

    def open(self) -> BinaryIO:
        """
        Raises:
            OSError: it is a link, or no ordinary file.
        """
        handle = os.open(self.file, os.O_RDONLY | os.O_NOFOLLOW)
        if not S_ISREG(os.fstat(handle).st_mode):
            os.close(handle)
            raise OSError(f"{self.file} is no ordinary file")
        return os.fdopen(handle, "rb")


@dataclass(frozen=True, slots=True)
class Omitted:
    """What did not become a document, and why, in a sentence."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class Contents:
    taken: tuple[Unpacked, ...]
    left_out: tuple[Omitted, ...]


def unpack_into(folder: Path, source: Path, kind: Container.Kind, bounds: Bounds, limits: Limits) -> Contents:
    """What the container at `source` holds, in `folder`, which must not exist. Waits for a child process.

    Raises:
        Rejected: it is damaged, or holds more than its bounds.
        ParserStopped: a limit of time or memory was reached, or the child died.
    """
    (folder / FILES).mkdir(parents=True)
    shutil.copyfile(source, folder / CONTAINER)
    code = _run(folder, kind, bounds, limits)
    if code != 0:
        raise ParserStopped(
            "Opening it needed too much memory, or the program that opens it died. Split it, or make it anew."
        )
    return _contents(folder)


def _run(folder: Path, kind: Container.Kind, bounds: Bounds, limits: Limits) -> int:
    arguments = [kind.value, str(limits.seconds), str(limits.memory), json.dumps(asdict(bounds))]
    child = subprocess.Popen(  # noqa: S603 - our own module; no name from outside is an argument
        [sys.executable, "-s", "-P", "-m", "ingestion.sources.containers.child", *arguments],
        cwd=folder,
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        return child.wait(limits.seconds)
    except subprocess.TimeoutExpired as error:
        raise ParserStopped(
            f"Opening it took longer than the {limits.seconds} seconds that one file may take. Split it."
        ) from error
    finally:
        with suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def _contents(folder: Path) -> Contents:
    """What the child says, checked field by field."""
    try:
        with Unpacked(folder / RESULT, "").open() as file:
            said = json.load(file)
        if reason := said.get("refused"):
            raise Rejected(str(reason))
        return Contents(
            tuple(Unpacked(folder / FILES / str(int(number)), str(path)) for number, path in said["taken"]),
            tuple(Omitted(str(path), f"It {reason}.") for path, reason in said["left_out"]),
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ParserStopped("Opening it left no result that makes sense. Make it anew.") from error

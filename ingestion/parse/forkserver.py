"""The process that children are forked from: `python -m ingestion.parse.forkserver DESCRIPTOR`.

Importing the engines for a web page costs two seconds, and reading one some milliseconds. This process imports them,
for each format when the first file of it comes, and never opens a file itself. What it forks closes itself in before
it does. Its environment is made from nothing, so that there is no secret to inherit; and it runs no engine, because a
thread that an engine starts would be missing in every child.

Orders come over a socket, one at a time, as lines; the reply is the child's exit code, or null when its seconds were
over. When the other end closes, the child is killed and this process ends.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path

from ingestion.parse import child, preload, registry, wire  # noqa: F401 - loaded here, so that no child has to
from ingestion.parse.child import ERRORS, Job


def main(descriptor: str) -> None:
    with socket.socket(fileno=int(descriptor)) as control, control.makefile("rb") as orders:
        for order in orders:
            job = Job.unpack(order)
            preload.load(job.task)
            # What is here already is the same for all children; it need not be looked at, which would copy it.
            gc.freeze()
            code = _fork(job, control)
            control.sendall(json.dumps(code).encode() + b"\n")


def _fork(job: Job, control: socket.socket) -> int | None:
    parent = os.getpid()
    alive, held = os.pipe()
    pid = os.fork()
    if pid == 0:
        _become(job, held, parent)
    os.close(held)
    watched: list[int | socket.socket] = [alive, control]
    try:
        ended, _, _ = select.select(watched, [], [], job.limits.seconds)
    finally:
        os.close(alive)
        code = _end(pid)
    if control in ended:
        sys.exit()  # Nobody waits for the result any more.
    return code if ended else None


def _become(job: Job, held: int, parent: int) -> None:
    """Makes the forked process the child. The pipe that it holds is closed when it is gone, however it went."""
    code = 1
    try:
        os.setsid()
        errors = os.open(Path(job.folder, ERRORS), os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(errors, sys.stderr.fileno())
        os.closerange(sys.stderr.fileno() + 1, held)
        os.closerange(held + 1, os.sysconf("SC_OPEN_MAX"))
        code = child.run(job, parent)
    except Exception:  # noqa: BLE001 - its last words, whatever it dies of
        sys.excepthook(*sys.exc_info())
    finally:
        # Not sys.exit: xberg's threads may outlive the interpreter for a moment, and then abort the process.
        os._exit(code)


def _end(pid: int) -> int:
    """Kills what is left of the child and all that it started; its exit code, negative for a signal."""
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


if __name__ == "__main__":
    main(*sys.argv[1:])

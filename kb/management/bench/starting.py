"""What the portal's process takes: time until it answers, and memory."""

import http.client
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus

from kb.errors import Unavailable
from kb.management.bench.report import Memory, Start
from kb.management.scratch import running

PATIENCE = 90  # seconds
HOST = "127.0.0.1"

PORTAL = """
import django; django.setup()
from django.test import Client; Client().get("/sign-in/", headers={"host": "localhost"})
"""
EMBEDDER = """
from inference import registry; registry.embedder().embed_query("a question")
"""
SLM = """
registry.scorer().score("The label of this document is", [" public", " secret"])
"""
RESIDENT = """
import psutil; print(psutil.Process().memory_info().rss)
"""


def measure_memory() -> Memory:
    """Each in a fresh process, so that nothing of one counts for the next."""
    return Memory(
        idle=_resident(PORTAL),
        with_embedder=_resident(PORTAL + EMBEDDER),
        with_slm=_resident(PORTAL + EMBEDDER + SLM),
    )


def measure_start() -> Start:
    port = free_port()
    begun = time.perf_counter()
    with portal(port):
        wait_for(port, "/healthz")
        healthz = time.perf_counter() - begun
        wait_for(port, "/sign-in/")
        return Start(round(healthz, 2), round(time.perf_counter() - begun, 2))


def _resident(script: str) -> float:
    """Megabytes at the end of the script."""
    done = subprocess.run(  # noqa: S603 - a constant of ours
        [sys.executable, "-c", script + RESIDENT], stdout=subprocess.PIPE, text=True, check=True
    )
    return round(int(done.stdout.split()[-1]) / 1e6, 1)


@contextmanager
def portal(port: int) -> Iterator[None]:
    """One process of the portal, that begins to listen there."""
    listening = ("--host", HOST, "--port", str(port), "--lifespan", "off", "--log-level", "error")
    with running("-m", "uvicorn", "kb.asgi:application", *listening):
        yield


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
    return port


def wait_for(port: int, address: str) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _answers(port, address):
        if time.monotonic() > deadline:
            raise Unavailable(f"{address} of the portal did not answer within {PATIENCE} seconds.")
        time.sleep(0.02)


def _answers(port: int, address: str) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", address)
        return connection.getresponse().status == HTTPStatus.OK
    except OSError:
        return False
    finally:
        connection.close()

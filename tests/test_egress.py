"""A guarded process reaches its own machine and the hosts that settings name, and nothing else."""

import socket
import subprocess
import sys
from threading import Thread
from typing import Any

import pytest

from kb.egress import EgressRefused, declared_hosts

OUTSIDE = "192.0.2.1"
"""Of the range that is for documentation (RFC 5737): nobody answers there."""


def guarded(hosts: str, attempt: str) -> str:
    """What a process of its own says of the attempt: the hook cannot be taken out of this one."""
    program = f"import socket\nfrom kb.egress import guard\nguard({hosts})\n{attempt}\nprint('let through')"
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=60, check=False
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    "attempt",
    [
        f"socket.create_connection(('{OUTSIDE}', 443), timeout=1)",
        f"socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('{OUTSIDE}', 53))",
        "socket.socket(socket.AF_INET6).connect(('2001:db8::1', 443))",
        "socket.getaddrinfo('attacker.example', 443)",
        "socket.gethostbyname_ex; socket.getaddrinfo(b'attacker.example', 443)",
        "import httpx; httpx.get('http://attacker.example/')",
        "import asyncio; asyncio.run(asyncio.open_connection('attacker.example', 443))",
    ],
)
def test_no_way_leads_to_a_host_that_is_not_named(attempt: str) -> None:
    assert "was refused: no setting names this host" in guarded("{'api.example'}", attempt)


def _take_two(server: socket.socket) -> None:
    for _ in range(2):
        server.accept()[0].close()


def test_its_own_machine_and_named_hosts_can_be_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        attempts = (
            f"socket.create_connection(('127.0.0.1', {port})).close()",
            f"socket.create_connection(('localhost', {port})).close()",
            "left, right = socket.socketpair(); left.close(); right.close()",
        )
        answering = Thread(target=_take_two, args=[server])
        answering.start()
        assert [guarded("()", attempt) for attempt in attempts] == ["let through"] * 3
        answering.join()
    named = guarded(f"{{'{OUTSIDE}'}}", f"socket.socket().connect_ex; socket.getaddrinfo('{OUTSIDE}', 443)")
    assert named == "let through"


def test_the_tests_themselves_are_guarded() -> None:
    with pytest.raises(EgressRefused, match=OUTSIDE):
        socket.create_connection((OUTSIDE, 443), timeout=1)


def test_the_declared_hosts_are_those_of_addresses_and_models() -> None:
    models: dict[str, dict[str, Any]] = {
        "llm": {"OPTIONS": {"base_url": "https://LLM.example:8443/v1"}},
        "slm": {"OPTIONS": {"base_url": None}},
        "extractive": {},
    }
    urls = ["", "postgres://u:p@db.example:5432/kb", "redis+socket:///run/broker.sock"]
    assert declared_hosts(urls, models, ["idp.example"]) == {"llm.example", "db.example", "idp.example"}

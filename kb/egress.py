"""An egress guard: a process with it connects to its own machine and to the hosts that settings name, and nowhere else.

It is an audit hook (PEP 578), which no later code can take out again. It sees what goes through Python's sockets,
look-ups of names too. A library that opens sockets in native code is not seen: a firewall remains the last word.
"""

import socket
import sys
from collections.abc import Collection, Iterable, Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

LOOK_UP = "socket.getaddrinfo"
CONNECTIONS = frozenset({"socket.connect", "socket.sendto", "socket.sendmsg"})
OF_THIS_MACHINE = frozenset({"", "localhost", "ip6-localhost", socket.gethostname().casefold()})


class EgressRefused(PermissionError):
    """A connection to a host that no setting names; nothing was sent."""


def declared_hosts(
    urls: Iterable[str], models: Mapping[str, Mapping[str, Any]], further: Iterable[str]
) -> frozenset[str]:
    """The hosts of these addresses and of all models' `base_url`, and further ones by name."""
    addresses = [*urls, *(str(model.get("OPTIONS", {}).get("base_url") or "") for model in models.values())]
    hosts = (urlsplit(address).hostname for address in addresses)
    return frozenset(host.casefold() for host in (*hosts, *further) if host)


def guard(hosts: Collection[str]) -> None:
    """From now on this process reaches only these hosts, and its own machine."""
    sys.addaudithook(_Guard(frozenset(hosts)))


class _Guard:
    def __init__(self, hosts: frozenset[str]):
        self._hosts = hosts
        self._addresses: frozenset[str] = frozenset()

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event == LOOK_UP:
            self._check(arguments[0])
        elif event in CONNECTIONS:
            connection, address = arguments[0], arguments[1]
            if address is not None and connection.family in (socket.AF_INET, socket.AF_INET6):
                self._check(address[0])

    def _check(self, host: str | bytes | None) -> None:
        name = (host.decode(errors="replace") if isinstance(host, bytes) else host or "").casefold()
        if name in OF_THIS_MACHINE or name in self._hosts or self._is_known_address(name):
            return
        raise EgressRefused(
            f"A connection to {name} was refused: no setting names this host. "
            "Name it in STRONGROOM_EGRESS_HOSTS if it is meant."
        )

    def _is_known_address(self, name: str) -> bool:
        try:
            address = ip_address(name.partition("%")[0])
        except ValueError:
            return False
        if address.is_loopback or address.is_unspecified:
            return True
        if str(address) not in self._addresses:
            # A provider's addresses change: they are looked up again before one is refused.
            self._addresses = frozenset(_addresses_of(self._hosts))
        return str(address) in self._addresses


def _addresses_of(hosts: Iterable[str]) -> Iterable[str]:
    for host in hosts:
        try:
            found = socket.getaddrinfo(host, None)
        except OSError:  # It has no address now.
            continue
        yield from (str(address[0]) for *_, address in found)

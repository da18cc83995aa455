"""Where a webhook may lead: to public addresses, and to private hosts that the administrator has named.

The check looks names up and gives the very IP address that is connected to afterwards, so that a name cannot
lead somewhere else in between (DNS rebinding).
"""

import socket
from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from kb.egress import EgressRefused
from kb.errors import Rejected
from kb.models.webhooks import ADDRESS_LENGTH

IP = IPv4Address | IPv6Address

NEVER = tuple(
    ip_network(each)
    for each in (
        "169.254.0.0/16",  # Link-local, with the metadata of most clouds.
        "fe80::/10",
        "fd00:ec2::/32",  # Metadata of AWS over IPv6.
        "100.100.100.200/32",  # Of Alibaba Cloud.
        "168.63.129.16/32",  # Of Azure.
        "0.0.0.0/8",
        "::/128",
    )
)
"""Nobody's receiver is here, whatever a setting says."""

TUNNELS = tuple(ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32"))
"""NAT64, 6to4 and Teredo (RFC 6052, 8215, 3056, 4380): public addresses that stand for another one."""
NOT_PUBLIC = tuple(ip_network(each) for each in ("192.0.0.0/24", "fec0::/10"))
"""That Python 3.11's `is_global` counts as public (RFC 6890, 3879)."""


@dataclass(frozen=True, slots=True)
class Place:
    """A checked address: the URL as it was written, and the IP address that it leads to."""

    url: httpx.URL
    ip: IP


def place_of(address: str, private_hosts: Collection[str]) -> Place:
    """The place that an address leads to now. Looks its name up. `private_hosts` are names in lower case.

    Raises:
        Rejected: nothing may be sent there, or its name is unknown; which of both is not said.
    """
    url = _url_of(address)
    host = host_of(url)
    declared = host in private_hosts
    if url.scheme != "https" and not (declared and url.scheme == "http"):
        raise Rejected("A webhook's address begins with https://. Its receiver needs a certificate.")
    try:
        found = _look_up(host)
    except EgressRefused as error:
        raise Rejected(
            f"This machine may not connect to {host}. Ask the administrator to name it in STRONGROOM_EGRESS_HOSTS."
        ) from error
    # All of them: who answers with a public address beside a private one hopes for the other.
    if not found or not all(_may_be_reached(ip, declared=declared) for ip in found):
        raise Rejected(
            f"{host} has no public address. Correct the spelling, or ask the administrator to name "
            "the host in STRONGROOM_WEBHOOK_PRIVATE_HOSTS if it is one of the house."
        )
    return Place(url, found[0])


def host_of(url: httpx.URL) -> str:
    """In ASCII and lower case, without the brackets of IPv6."""
    return url.raw_host.decode("ascii").casefold()


def _url_of(address: str) -> httpx.URL:
    try:
        url = httpx.URL(address.strip())
    except httpx.InvalidURL as error:
        raise Rejected("This is no web address. Write it like https://example.com/strongroom.") from error
    if not url.host or len(address) > ADDRESS_LENGTH:
        raise Rejected(
            f"This is no web address. Write it like https://example.com/strongroom, in {ADDRESS_LENGTH} characters."
        )
    if url.userinfo or url.fragment:
        raise Rejected("Leave user name, password and “#” out of the address. Messages are signed instead.")
    return url


def _look_up(host: str) -> list[IP]:
    literal = _literal(host)
    if literal is not None:
        return [literal]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (socket.gaierror, UnicodeError):
        return []
    return [ip_address(str(address[0]).partition("%")[0]) for *_, address in found]


def _literal(host: str) -> IP | None:
    """An IP address in any notation that a resolver would take for one: 2130706433, 0x7f.1 and 0177.0.0.1 too."""
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(host))
    except (OSError, UnicodeError):
        return None


def _may_be_reached(ip: IP, *, declared: bool) -> bool:
    if isinstance(ip, IPv6Address) and ip.ipv4_mapped:
        ip = ip.ipv4_mapped
    if ip.is_multicast or any(ip in network for network in NEVER):
        return False
    return declared or (ip.is_global and not any(ip in network for network in (*TUNNELS, *NOT_PUBLIC)))

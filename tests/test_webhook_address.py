"""Where webhooks may lead: nowhere inside, in whatever form it is written."""

import socket
from ipaddress import ip_address
from typing import Any

import pytest

from kb.errors import Rejected
from kb.webhooks.address import place_of

PUBLIC = "93.184.216.34"
FORBIDDEN = [
    "https://127.0.0.1/",
    "https://127.1/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0177.0.0.1/",
    "https://[::1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:a00:1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[fe80::1]/",
    "https://[fd00:ec2::254]/",
    "https://0.0.0.0/",
    "https://10.1.2.3/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://168.63.129.16/",
    "https://224.0.0.1/",
    "https://localhost/",
    f"http://{PUBLIC}/",
    f"https://user:word@{PUBLIC}/",
    f"https://{PUBLIC}/#part",
    "ftp://example.com/",
    "https:///nowhere",
    "not an address",
    "",
]


@pytest.mark.parametrize("address", FORBIDDEN)
def test_nothing_is_sent_there(address: str) -> None:
    with pytest.raises(Rejected):
        place_of(address, frozenset())


def test_a_public_address_is_fine() -> None:
    place = place_of(f"https://{PUBLIC}:8443/hook", frozenset())
    assert (place.ip, place.url.port) == (ip_address(PUBLIC), 8443)


@pytest.mark.parametrize("answers", [["10.0.0.5"], [PUBLIC, "127.0.0.1"], ["169.254.169.254"], []])
def test_a_name_that_leads_inside_is_refused(answers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    resolve_to(monkeypatch, answers)
    with pytest.raises(Rejected, match="has no public address"):
        place_of("https://hooks.example/", frozenset())


@pytest.mark.parametrize(("answer", "fine"), [("10.0.0.5", True), ("169.254.169.254", False)])
def test_a_host_of_the_house_may_be_named_but_metadata_never(
    answer: str, fine: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve_to(monkeypatch, [answer])
    if fine:
        assert place_of("http://Hooks.intern/", frozenset({"hooks.intern"})).ip == ip_address(answer)
    else:
        with pytest.raises(Rejected):
            place_of("http://hooks.intern/", frozenset({"hooks.intern"}))


def resolve_to(monkeypatch: pytest.MonkeyPatch, *answers: list[str]) -> None:
    """Look-ups of names get these answers in turn, the last one for ever; addresses need none."""
    left, real = list(answers), socket.getaddrinfo

    def look_up(host: str, port: Any, *args: Any, **kwargs: Any) -> Any:
        if str(host)[0].isdigit():
            return real(host, port, *args, **kwargs)
        found = left.pop(0) if len(left) > 1 else left[0]
        if not found:
            raise socket.gaierror
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 0)) for ip in found]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)

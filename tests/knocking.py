"""Knocking at addresses as somebody, and learning no more than he does."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.account.internal.flows.login import record_authentication
from django.db import transaction
from django.http import HttpRequest, HttpResponseBase
from django.test import Client
from django.test.client import MULTIPART_CONTENT

from kb.models import Person
from kb.rights import Verb
from tests.addresses import Address
from tests.visiting import BACKEND

ELSEWHERE = "192.0.2.1"
"""An address that nobody has (RFC 5737), so that no visitor is a program on this machine."""
FORM = "application/x-www-form-urlencoded"
TUS = {"Tus-Resumable": "1.0.0"}
SENDING = ("transfer", "transfers", "announceFile", "getFileOffset", "sendPart", "dropFile")
HEADERS: Mapping[str, Mapping[str, str]] = dict.fromkeys(SENDING, TUS)
"""Without which a page says nothing to anybody."""
MODELS = "/v1/models/"


@dataclass(frozen=True)
class Door:
    """A method at an address, what is sent along, and what that is to do. `query` is sent in the address."""

    name: str
    method: str
    address: Address
    verb: Verb
    body: Any = None
    media_type: str = FORM
    query: Any = None

    def __str__(self) -> str:
        return f"{self.method} /{self.address.path} ({self.name})"


class Visitor:
    """Somebody who has just signed in, or a key. Nothing of what he does stays done."""

    def __init__(self, person: Person | None = None, *, key: str = "") -> None:
        headers = {"Host": "testserver"} | ({"Authorization": f"Bearer {key}"} if key else {})
        self._client = Client(REMOTE_ADDR=ELSEWHERE, raise_request_exception=False, headers=headers)
        if person:
            self._client.force_login(person, backend=BACKEND)
            request = HttpRequest()
            request.session = self._client.session
            record_authentication(request, person, method="password", reauthenticated=True)
            request.session.save()
        self._cookies = self._client.cookies.copy()

    def knock(self, door: Door, path: str) -> HttpResponseBase:
        with transaction.atomic():
            response = self._send(door, path)
            transaction.set_rollback(True)
        self._client.cookies = self._cookies.copy()
        return response

    def _send(self, door: Door, path: str) -> HttpResponseBase:
        headers = HEADERS.get(door.name, {})
        send = getattr(self._client, door.method.lower())
        if door.method in ("GET", "HEAD"):
            return send(path, door.query, headers=headers)
        if door.media_type.startswith("multipart/"):
            return send(path, door.body, MULTIPART_CONTENT, headers=headers)
        body = "" if door.body is None else door.body
        return send(path, body, door.media_type, headers=headers, query_params=door.query)


def told(response: HttpResponseBase, path: str) -> tuple[int, bytes]:
    """All that somebody learns, wherever he knocked and whatever model he named."""
    named = path.removeprefix(MODELS).encode()
    return response.status_code, response.content.replace(path.encode(), b"/").replace(named, b"")


def refuses(response: HttpResponseBase) -> bool:
    """Whether it turns him away, or breaks."""
    return response.status_code in (401, 403, 404, 405) or response.status_code >= 500


def lacks_scope(response: HttpResponseBase) -> bool:
    """Whether a key is told that it is not for this. What answers HEAD says no more than its status."""
    if response.status_code != 403 or not response.content:
        return response.status_code == 403
    body = response.json()
    return (body.get("code") or body["error"]["code"]) in ("scope", "insufficient_permissions")

"""A real OpenID provider on loopback that remembers what it was asked, and forges its tokens when told to."""

import json
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import flask
import httpx
import jwt
from werkzeug.serving import make_server

with warnings.catch_warnings():
    # Of a library that it imports.
    warnings.simplefilter("ignore")
    import oidc_provider_mock

TOKEN = "/oauth2/token"


@dataclass
class Provider:
    """`forged` are claims that the ID tokens carry in place of the true ones."""

    app: flask.Flask
    issuer: str = ""
    forged: dict[str, Any] = field(default_factory=dict)
    token_requests: list[dict[str, str]] = field(default_factory=list)

    def knows(self, subject: str, **claims: Any) -> None:
        httpx.put(f"{self.issuer}/users/{subject}", json=claims).raise_for_status()

    def lets_in(self, subject: str, address: str) -> str:
        """Where the browser is sent once this person has agreed on the provider's page."""
        return httpx.post(address, data={"sub": subject}).headers["location"]

    def watch(self) -> None:
        if flask.request.path == TOKEN:
            self.token_requests.append(flask.request.form.to_dict())

    def forge(self, response: flask.Response) -> flask.Response:
        if flask.request.path == TOKEN and self.forged:
            body = json.loads(response.get_data())
            claims = jwt.decode(body["id_token"], options={"verify_signature": False})
            body["id_token"] = jwt.encode(claims | self.forged, "0" * 32, algorithm="HS256")
            response.set_data(json.dumps(body))
        return response


@contextmanager
def provider_on_loopback() -> Iterator[Provider]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        provider = Provider(oidc_provider_mock.app())
    provider.app.before_request(provider.watch)
    provider.app.after_request(provider.forge)
    server = make_server("localhost", 0, provider.app, threaded=True)
    provider.issuer = f"http://localhost:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()

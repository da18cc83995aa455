"""The way out over HTTP: a request leaves only to the declared host, and only after its bytes were written down."""

import httpx

from inference.protocols import BeforeSending
from kb.errors import ModelUnavailable


class Announced(httpx.BaseTransport):
    """Forwards through `client`, which keeps connections, proxies and certificates, and must not follow redirects.

    Raises:
        ModelUnavailable: the request is for another host than `destination`.
    """

    def __init__(self, client: httpx.Client, destination: str, before_sending: BeforeSending):
        self._client = client
        self._destination = destination
        self._before_sending = before_sending

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        host = request.url.netloc.decode()
        if host != self._destination:
            raise ModelUnavailable(
                f"A request for {host} was stopped, because the model is declared to be at {self._destination}. "
                "Set STRONGROOM_LLM_BASE_URL."
            )
        self._before_sending(request.read())
        return self._client.send(request, stream=True)


class Unannounced(httpx.BaseTransport):
    """Stops every request: what a library would send through a client of its own would not be written down."""

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        raise ModelUnavailable(
            f"A request for {request.url.host} was stopped, because the ledger would not have had it. "
            "Name the model through an OpenAI-compatible address (openai/…, with STRONGROOM_LLM_BASE_URL)."
        )

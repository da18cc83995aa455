"""The middleware that watches each request: its id, for log lines and for whoever asked, and how long it takes."""

import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Self
from uuid import uuid4

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from kb.logs import begin_request
from kb.metrics.requests import note

HEADER = "X-Request-ID"
GOOD = re.compile(r"[\w.\-]{1,64}", re.ASCII)
"""Ids of a proxy in front that are taken over. Any other could forge log lines."""

Answer = Callable[[HttpRequest], HttpResponseBase]


def watched(get_response: Answer) -> Answer:
    def answer(request: HttpRequest) -> HttpResponseBase:
        watch = Watch.begin(request)
        return watch.end(get_response(request))

    return answer


@dataclass(frozen=True, slots=True)
class Watch:
    request: HttpRequest
    request_id: str
    began: float

    @classmethod
    def begin(cls, request: HttpRequest) -> Self:
        """Log lines carry the request's id from here on."""
        named = request.headers.get(HEADER, "")
        request_id = named if GOOD.fullmatch(named) else uuid4().hex
        begin_request(request_id)
        return cls(request, request_id, time.perf_counter())

    def end(self, response: HttpResponseBase) -> HttpResponseBase:
        """The response with the id on it, once its time is noted."""
        match = self.request.resolver_match
        note(match.view_name if match else "none", response.status_code, time.perf_counter() - self.began)
        response[HEADER] = self.request_id
        return response

"""Many answers streamed at once by one process of the portal, and how long its pages take meanwhile."""

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import cycle, islice

import numpy as np
from django.urls import reverse

from kb.management.bench.report import Streaming
from kb.management.bench.signed_in import cookie_of
from kb.management.bench.starting import HOST, PATIENCE, free_port, portal, wait_for
from kb.models import Person
from kb.models.keys import Terms
from kb.people.keys import issue
from kb.rights import Scope
from kb.sample.golden import GoldenQuestion, golden_questions

STREAMS = 50
EVERY = 0.25
"""Seconds before somebody goes to the next two pages."""
TERMS = Terms("bench", frozenset({Scope.ASK}), days=1)


@dataclass(frozen=True, slots=True)
class _Stream:
    """Seconds until the first event, and whether the last one was the whole answer."""

    first: float
    whole: bool


def measure_streams() -> Streaming:
    """The questions of the sample by as many clients at once; meanwhile somebody goes from page to page."""
    questions = list(islice(cycle(golden_questions()), STREAMS))
    people = {
        each.username: each for each in Person.objects.filter(username__in={q.ask_as for q in questions})
    }
    keys = {name: issue(person, TERMS, by=person).text for name, person in people.items()}
    cookie = cookie_of(people[questions[0].ask_as])
    port, visits = free_port(), list[float]()
    with portal(port), ThreadPoolExecutor(STREAMS) as askers:
        wait_for(port, "/healthz")
        _stream(port, keys, questions[0])  # The first question loads the models.
        streams = [askers.submit(_stream, port, keys, question) for question in questions]
        while wait(streams, timeout=EVERY).not_done:
            visits += [_visit(port, cookie, page) for page in (reverse("ask"), "/healthz")]
    return _summed([stream.result() for stream in streams], visits)


def _stream(port: int, keys: Mapping[str, str], question: GoldenQuestion) -> _Stream:
    headers = {
        "Authorization": f"Bearer {keys[question.ask_as]}",
        "Content-Type": "application/json",
        "Accept": "text/event-stream",
    }
    begun, seen = time.perf_counter(), list[tuple[float, bytes]]()
    with closing(HTTPConnection(HOST, port, timeout=PATIENCE)) as connection:
        connection.request("POST", "/api/v1/ask", json.dumps({"question": question.question}), headers)
        for line in connection.getresponse():
            if line.startswith(b"event: "):
                seen.append((time.perf_counter() - begun, line.strip()))
    return _Stream(seen[0][0], seen[-1][1] == b"event: finished") if seen else _Stream(PATIENCE, whole=False)


def _visit(port: int, cookie: str, page: str) -> float:
    """Seconds until all of the page is there."""
    begun = time.perf_counter()
    with closing(HTTPConnection(HOST, port, timeout=PATIENCE)) as connection:
        connection.request("GET", page, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
    if response.status != HTTPStatus.OK:
        raise RuntimeError(f"{page} answered {response.status} while answers were streamed.")
    return time.perf_counter() - begun


def _summed(streams: Sequence[_Stream], waited: Sequence[float]) -> Streaming:
    first = [stream.first for stream in streams]
    return Streaming(
        streams=len(streams),
        whole=sum(stream.whole for stream in streams),
        first_event_p50=round(float(np.percentile(first, 50)), 2),
        first_event_p95=round(float(np.percentile(first, 95)), 2),
        pages=len(waited),
        page_p50_ms=round(float(np.percentile(waited, 50)) * 1000, 1),
        page_p95_ms=round(float(np.percentile(waited, 95)) * 1000, 1),
    )

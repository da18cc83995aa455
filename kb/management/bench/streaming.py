"""Many answers streamed at once by one process of the portal, and how long its pages take meanwhile."""

import json
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from http.client import HTTPConnection
from itertools import cycle, islice
from threading import Event

import numpy as np
from django.urls import reverse

from kb.management.bench.importing import cookie_of
from kb.management.bench.report import Streaming
from kb.management.bench.starting import HOST, PATIENCE, free_port, portal, wait_for
from kb.models import Person
from kb.models.keys import Terms
from kb.people.keys import issue
from kb.rights import Scope
from kb.sample.golden import GoldenQuestion, golden_questions

STREAMS = 50
EVERY = 0.25
"""Seconds between two requests of one visitor."""
TERMS = Terms("bench", frozenset({Scope.ASK}), days=1)


@dataclass(frozen=True, slots=True)
class _Stream:
    """Seconds until the first event, and whether the last one was the whole answer."""

    first: float
    whole: bool


def measure_streams() -> Streaming:
    """The questions of the sample by as many clients at once; visitors ask for pages meanwhile."""
    questions = list(islice(cycle(golden_questions()), STREAMS))
    people = {
        each.username: each for each in Person.objects.filter(username__in={q.ask_as for q in questions})
    }
    keys = {name: issue(person, TERMS, by=person).text for name, person in people.items()}
    cookie = cookie_of(people[questions[0].ask_as])
    port, over = free_port(), Event()
    with portal(port), ThreadPoolExecutor(STREAMS + 2) as threads:
        wait_for(port, "/healthz")
        _stream(port, keys, questions[0])  # The first question loads the models.
        pages = [threads.submit(_visits, port, cookie, page, over) for page in (reverse("ask"), "/healthz")]
        try:
            streams = list(threads.map(partial(_stream, port, keys), questions))
        finally:
            over.set()
        waited = [seconds for page in pages for seconds in page.result()]
    return _summed(streams, waited)


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


def _visits(port: int, cookie: str, page: str, over: Event) -> list[float]:
    """Seconds of each request, from when it was due: whoever comes while another one waits would wait too."""
    waited, due = list[float](), time.perf_counter()
    while not over.wait(max(0.0, due - time.perf_counter())):
        with closing(HTTPConnection(HOST, port, timeout=PATIENCE)) as connection:
            connection.request("GET", page, headers={"Cookie": cookie})
            response = connection.getresponse()
            response.read()
        if response.status != HTTPStatus.OK:
            raise RuntimeError(f"{page} answered {response.status} while answers were streamed.")
        waited.append(time.perf_counter() - due)
        due += EVERY
    return waited


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

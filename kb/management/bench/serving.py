"""What a search over the API takes besides the search."""

import asyncio
import time
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

import numpy as np
from asgiref.sync import async_to_sync, sync_to_async

from inference.narrowing import Wish, narrowing_of
from inference.retrieve import retrieve
from kb.handler import OneThread
from kb.management.bench.report import Serving
from kb.models import Person
from kb.models.keys import Terms
from kb.people.keys import issue
from kb.rights import Scope
from kb.sample.golden import GoldenQuestion, golden_questions

ROUNDS = 4
LIMIT = 10
PATIENCE = 30  # seconds
TERMS = Terms("bench", frozenset({Scope.READ}), days=1)


def measure_serving() -> Serving:
    """The questions of the sample, each by the functions and then by the API with a key, in this process over ASGI."""
    questions, people = golden_questions() * ROUNDS, {each.username: each for each in Person.objects.all()}
    keys = {name: issue(person, TERMS, by=person).text for name, person in people.items()}
    extra = async_to_sync(_differences)(questions, people, keys)
    return Serving(
        requests=len(extra),
        p50_ms=round(float(np.percentile(extra, 50)) * 1000, 1),
        p95_ms=round(float(np.percentile(extra, 95)) * 1000, 1),
    )


async def _differences(
    questions: Sequence[GoldenQuestion], people: Mapping[str, Person], keys: Mapping[str, str]
) -> list[float]:
    """Seconds, of each."""
    portal = OneThread()
    await _over_the_api(portal, questions[0], keys[questions[0].ask_as])  # The first request loads the API.
    extra = []
    for question in questions:
        by_itself = await sync_to_async(_by_itself)(question, people[question.ask_as])
        extra.append(await _over_the_api(portal, question, keys[question.ask_as]) - by_itself)
    return extra


def _by_itself(question: GoldenQuestion, person: Person) -> float:
    begun = time.perf_counter()
    retrieve(question.question, person, narrowing=narrowing_of(Wish(), person), limit=LIMIT)
    return time.perf_counter() - begun


async def _over_the_api(portal: OneThread, question: GoldenQuestion, key: str) -> float:
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/api/v1/search",
        "query_string": urlencode({"q": question.question, "limit": LIMIT}).encode(),
        "headers": [(b"host", b"localhost"), (b"authorization", f"Bearer {key}".encode())],
    }
    replies, asked, begun = list[Mapping[str, Any]](), False, time.perf_counter()
    seconds = 0.0

    async def receive() -> dict[str, str]:
        nonlocal asked
        if asked:
            await asyncio.sleep(PATIENCE)  # The client stays.
        asked = True
        return {"type": "http.request"}

    async def send(message: Mapping[str, Any]) -> None:
        nonlocal seconds
        replies.append(message)
        seconds = time.perf_counter() - begun

    await portal(scope, receive, send)
    if replies[0]["status"] != HTTPStatus.OK:
        raise RuntimeError(f"The search answered {replies[0]['status']}: {replies[-1]['body'].decode()}")
    return seconds

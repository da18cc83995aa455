"""What a search over the API takes besides the search."""

import time
from http import HTTPStatus

import numpy as np
from asgiref.sync import async_to_sync
from django.test import AsyncClient, override_settings

from inference.retrieve import retrieve
from kb.management.bench.report import Serving
from kb.models import AccessToken, Person
from kb.sample.golden import GoldenQuestion, golden_questions

ROUNDS = 4
LIMIT = 10


@override_settings(ALLOWED_HOSTS=["testserver"])  # What the client in this process calls itself.
def measure_serving() -> Serving:
    """The questions of the sample, each by the function and then by the API with a key, in this process over ASGI."""
    questions, people = golden_questions(), {person.username: person for person in Person.objects.all()}
    keys = {name: AccessToken.issue(person, name="bench") for name, person in people.items()}
    _over_the_api(questions[0], keys[questions[0].ask_as])  # The first request loads the API.
    extra = [
        _over_the_api(question, keys[question.ask_as]) - _by_itself(question, people[question.ask_as])
        for _ in range(ROUNDS)
        for question in questions
    ]
    return Serving(
        requests=len(extra),
        p50_ms=round(float(np.percentile(extra, 50)) * 1000, 1),
        p95_ms=round(float(np.percentile(extra, 95)) * 1000, 1),
    )


def _by_itself(question: GoldenQuestion, person: Person) -> float:
    begun = time.perf_counter()
    retrieve(question.question, person, limit=LIMIT)
    return time.perf_counter() - begun


def _over_the_api(question: GoldenQuestion, key: str) -> float:
    headers = {"Authorization": f"Bearer {key}"}
    query = {"q": question.question, "limit": str(LIMIT)}
    begun = time.perf_counter()
    response = async_to_sync(AsyncClient().get)("/api/v1/search", query, headers=headers)
    seconds = time.perf_counter() - begun
    if response.status_code != HTTPStatus.OK:
        raise RuntimeError(f"The search answered {response.status_code}: {response.content.decode()}")
    return seconds

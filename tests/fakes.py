"""Whole flows without weights, for test modules that say `pytest_plugins = ["tests.fakes"]`."""

from collections.abc import Iterator

import pytest
from celery import current_app

from inference import registry
from inference.retrieve import chunk_index
from kb.errors import ModelUnavailable


class Away:
    """An embedder or a reranker whose weights are gone."""

    def __init__(self, **options: object) -> None:
        raise ModelUnavailable("The weights are gone.")

    score = embed_passages = None


FAKE_MODELS = {
    "embedder": ("inference.backends.fake.HashEmbedder", {"dimension": 384}),
    "slm": ("inference.backends.fake.Scripted", {}),
}


@pytest.fixture
def fakes(settings) -> Iterator[None]:
    """Models without weights, and an index that is empty before and after."""
    fake = {
        name: {"BACKEND": backend, "LOCATION": "on-premises", "OPTIONS": options}
        for name, (backend, options) in FAKE_MODELS.items()
    }
    settings.MODELS = {**settings.MODELS, **fake}
    registry.forget()
    chunk_index.cache_clear()
    yield
    chunk_index().clear()
    chunk_index.cache_clear()
    registry.forget()
    current_app.conf.task_always_eager = False

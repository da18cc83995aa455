"""A model that fails again and again is left alone for a while, so that nobody waits for it.

Of each model Django's cache knows how often it failed in a row, and until when it rests. After its rest one call
tries it: if that fails too, it rests once more. One cache for all processes makes them learn from each other.
"""

from collections.abc import Generator, Iterable
from datetime import datetime, timedelta

from django.core.cache import cache
from django.utils import timezone

from inference import registry
from kb.errors import ModelUnavailable, PromptRefused

FAILURES = 3
"""In a row, within `WINDOW`, after which a model rests."""
WINDOW = timedelta(minutes=5)
REST = timedelta(minutes=2)
TRIAL = timedelta(minutes=1)
"""For which the one call that tries a model again keeps others from doing so."""


def rests_until(model: str) -> datetime | None:
    """Until when the model, by its name in MODELS, is not called; None when it may be. One look into the cache."""
    until: datetime | None = cache.get(_key("rests", model))
    return until if until and until > timezone.now() else None


def watched(model: str, pieces: Iterable[str]) -> Generator[str, None, None]:
    """The pieces of a call of the model, with a note of how it ended. One that is closed says nothing about it.

    Raises:
        ModelUnavailable: what the call raises; or another call tries the model after its rest at this moment.
    """
    _begin(model)
    try:
        yield from pieces
    except PromptRefused:
        raise
    except ModelUnavailable:
        _failed(model)
        raise
    cache.delete_many([_key(what, model) for what in ("failures", "rests", "trial")])


def _begin(model: str) -> None:
    has_rested = cache.get(_key("rests", model)) is not None
    if has_rested and not cache.add(_key("trial", model), 1, TRIAL.total_seconds()):
        raise ModelUnavailable(
            f"{registry.model_name(model)} failed a moment ago and is just being tried again."
        )


def _failed(model: str) -> None:
    cache.add(_key("failures", model), 0, WINDOW.total_seconds())
    had_rested = cache.get(_key("rests", model)) is not None
    if cache.incr(_key("failures", model)) >= FAILURES or had_rested:
        # Kept for longer than it rests: the first call after that is a trial.
        until = timezone.now() + REST
        cache.set(_key("rests", model), until, (REST + WINDOW).total_seconds())
        cache.delete(_key("trial", model))


def _key(what: str, model: str) -> str:
    return f"circuit:{what}:{model}"

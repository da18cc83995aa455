"""settings.MODELS → objects: each named model is made once in a process, by its dotted path."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import import_string

from inference.protocols import Embedder, Generator, LabelScorer, Location, Reranker, SparseEncoder

QUOTED = "extractive"
"""The model that needs no other: it quotes, and follows no instructions."""

_models: dict[str, object] = {}
_making = threading.RLock()
"""Reentrant, because a backend may ask for another model while it is made."""


def embedder() -> Embedder:
    return cast(Embedder, _model("embedder", "embed_passages"))


def embedder_from(folder: Path) -> Embedder:
    """The model in `folder` as it would run here, were it configured. It is made anew each time."""
    return cast(Embedder, _make("embedder", model=str(folder)))


def sparse_encoder() -> SparseEncoder:
    return cast(SparseEncoder, _model("sparse", "encode_passages"))


def reranker() -> Reranker:
    return cast(Reranker, _model("reranker", "score"))


def scorer(name: str = "slm") -> LabelScorer:
    return cast(LabelScorer, _model(name, "score"))


def slm() -> Generator:
    return generator("slm")


def generator(name: str) -> Generator:
    return cast(Generator, _model(name, "generate"))


def model_name(name: str) -> str:
    """What the model calls itself, as the ledger writes it down: “SmolLM2-135M-Instruct” for “slm”."""
    return cast(Generator | LabelScorer, _model(name, "name")).name


def destination(name: str) -> str:
    """The host that the model sends to, as the ledger writes it down (see `Generator.destination`)."""
    return cast(Generator | LabelScorer, _model(name, "destination")).destination


def location(name: str) -> Location:
    """Where the administrator says that the model runs. An unknown place is an error, never a guess."""
    place = _declared(name).get("LOCATION")
    try:
        return Location(cast(str, place))
    except ValueError as error:
        raise ImproperlyConfigured(
            f"MODELS[{name!r}] has the LOCATION {place!r}; it must be one of {', '.join(Location)}."
        ) from error


def is_configured(name: str) -> bool:
    return name in settings.MODELS


def is_outside(name: str) -> bool:
    """Whether the model is configured and runs in the cloud."""
    return is_configured(name) and location(name) == Location.CLOUD


def forget() -> None:
    """Drops every model, so that the next call makes it from the settings of then."""
    with _making:
        _models.clear()


def _declared(name: str) -> Mapping[str, Any]:
    try:
        declared: Mapping[str, Any] = settings.MODELS[name]
    except KeyError as error:
        names = ", ".join(sorted(settings.MODELS))
        raise ImproperlyConfigured(f"MODELS has no model named {name!r}; it has {names}.") from error
    return declared


def _model(name: str, verb: str) -> object:
    """The model, made if need be. Only the verb is looked for: to ask for its window may import a vendor."""
    model = _models.get(name) or _make_once(name)
    if not hasattr(model, verb):
        raise ImproperlyConfigured(
            f"MODELS[{name!r}] is a {type(model).__name__}, which has no “{verb}”: name another BACKEND."
        )
    return model


def _make_once(name: str) -> object:
    with _making:
        if name not in _models:
            _models[name] = _make(name)
        return _models[name]


def _make(name: str, **instead: object) -> object:
    """`instead` takes the place of options that are declared."""
    declared = _declared(name)
    try:
        backend = import_string(declared["BACKEND"])
        return backend(**declared.get("OPTIONS", {}) | instead)
    except (ImportError, KeyError, TypeError) as error:
        raise ImproperlyConfigured(f"MODELS[{name!r}] cannot be made: {error}.") from error

"""How text may leave, and the models that run: the settings and the table of routes, in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inference.circuit import rests_until
from kb.models import Collection, Leaving, RouteTable, Sensitivity

PURPOSES: Mapping[str, Promise] = {
    "embedder": _("turns documents and questions into vectors"),
    "sparse": _("finds words"),
    "reranker": _("puts what was found in order"),
    "slm": _("labels and summarises documents"),
    "extractive": _("answers in quotes"),
    "llm": _("writes answers"),
    "llm2": _("writes answers when the first one fails"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """How text of some labels leaves, everywhere (`collection` is None) or differently out of one collection."""

    collection: Collection | None
    leaving: Leaving
    labels: tuple[Sensitivity, ...]


@dataclass(frozen=True, slots=True)
class Running:
    """A model of the settings. `name` is what they call the weights or the provider's model, else its class.

    `rests_until` is set while it is not asked, because it failed again and again.
    """

    name: str
    purpose: Promise | str
    location: str
    address: str
    rests_until: datetime | None


def ways(table: RouteTable) -> list[Way]:
    """What holds everywhere, the freest first, and after it what holds otherwise out of single collections."""
    found = _grouped(None, {label: table.leaving(label) for label in Sensitivity})
    for collection in Collection.objects.filter(route_rules__isnull=False).distinct():
        here = {label: table.leaving(label, collection.pk) for label in Sensitivity}
        found += _grouped(
            collection, {label: way for label, way in here.items() if way != table.leaving(label)}
        )
    return found


def _grouped(collection: Collection | None, ways: Mapping[Sensitivity, Leaving]) -> list[Way]:
    return [
        Way(collection, way, tuple(label for label, its in ways.items() if its == way))
        for way in sorted(set(ways.values()), reverse=True)
    ]


def running_models() -> list[Running]:
    return [_running(key, declared) for key, declared in settings.MODELS.items()]


def _running(key: str, declared: Mapping[str, Any]) -> Running:
    options = cast(Mapping[str, Any], declared.get("OPTIONS", {}))
    return Running(
        name=str(options.get("model") or str(declared.get("BACKEND")).rpartition(".")[2]),
        purpose=PURPOSES.get(key, key),
        location=str(declared.get("LOCATION")),
        address=str(options.get("base_url") or ""),
        rests_until=rests_until(key),
    )

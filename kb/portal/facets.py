"""The library's facets: of the documents found, how many are in each collection, of each label, and have each tag.

The address is the state: a facet's choice is a link, and the link of a chosen one takes it back.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import Count, QuerySet
from django.http import QueryDict

from kb.index.protocol import Narrowing
from kb.models import Document, Sensitivity
from kb.portal import address as read

MOST = 20
"""Choices of a facet that are shown."""

Value = TypeVar("Value", int, str)


@dataclass(frozen=True, slots=True)
class Kind:
    """A facet: its parameter in the address and how that is read, and where a document's values and their names are."""

    parameter: str
    read: Callable[[QueryDict, str], int | str | None]
    value: str
    name: str


KINDS = (
    Kind("collection", read.number, "collection", "collection__name"),
    Kind("category", read.number, "category", "category__name"),
    Kind("sensitivity", read.number, "sensitivity", "sensitivity"),
    Kind("tag", read.tag, "tags__name", "tags__name"),
)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet. `query` is the address with it chosen, or without it when it is."""

    value: int | str
    name: str
    count: int
    chosen: bool
    query: str


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    choices: tuple[Choice, ...]


def chosen(address: QueryDict) -> dict[str, int | str]:
    """What the address narrows the library to, as conditions on documents; what makes no sense narrows nothing."""
    return {kind.value: value for kind in KINDS if (value := kind.read(address, kind.parameter)) is not None}


def narrowing(address: QueryDict) -> Narrowing:
    """The same for the index, which knows documents by their collection, category and tags."""
    return Narrowing(
        collections=_only(read.number(address, "collection")),
        categories=_only(read.number(address, "category")),
        tags=_only(read.tag(address, "tag")),
    )


def _only(value: Value | None) -> frozenset[Value] | None:
    return None if value is None else frozenset({value})


def facets(documents: QuerySet[Document], address: QueryDict) -> list[Facet]:
    """Counts for each facet, of the documents that the other facets leave."""
    return [Facet(kind.parameter, _choices(kind, documents, address)) for kind in KINDS]


def _choices(kind: Kind, documents: QuerySet[Document], address: QueryDict) -> tuple[Choice, ...]:
    narrowed = chosen(address)
    mine = narrowed.pop(kind.value, None)
    left = documents.filter(**narrowed).exclude(**{kind.value: None}).order_by(kind.name)
    rows = left.values_list(kind.value, kind.name).annotate(count=Count("pk"))
    choices = [
        Choice(
            value=value,
            name=str(Sensitivity(label).label if kind.value == "sensitivity" else label),
            count=count,
            chosen=value == mine,
            query=_query(address, kind.parameter, None if value == mine else value),
        )
        for value, label, count in rows
    ]
    return _most(choices)


def _most(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The chosen one and those of the most documents, in the same order."""
    best = sorted(choices, key=lambda choice: (not choice.chosen, -choice.count))[:MOST]
    return tuple(choice for choice in choices if choice in best)


def _query(address: QueryDict, name: str, value: int | str | None) -> str:
    changed = address.copy()
    changed.pop("page", None)
    changed.pop(name, None)
    if value is not None:
        changed[name] = str(value)
    return f"?{changed.urlencode()}"

"""The library's facets: how many of the documents found are in each collection, category and sensitivity.

The address is the state: a facet's choice is a link, and the link of a chosen one takes it back.
"""

from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.http import QueryDict

from kb.models import Document, Sensitivity
from kb.portal.address import number

NAME_OF = {"collection": "collection__name", "category": "category__name", "sensitivity": "sensitivity"}
"""Each facet's parameter in the address, and where its choices' names are."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet. `query` is the address with it chosen, or without it when it is."""

    value: int
    name: str
    count: int
    chosen: bool
    query: str


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    choices: tuple[Choice, ...]


def chosen(address: QueryDict) -> dict[str, int]:
    """What the address narrows the library to; what is no number narrows nothing."""
    return {name: value for name in NAME_OF if (value := number(address, name)) is not None}


def facets(documents: QuerySet[Document], address: QueryDict) -> list[Facet]:
    """Counts for each facet, of the documents that the other facets leave."""
    return [Facet(name, _choices(name, documents, address)) for name in NAME_OF]


def _choices(name: str, documents: QuerySet[Document], address: QueryDict) -> tuple[Choice, ...]:
    narrowed = chosen(address)
    mine = narrowed.pop(name, None)
    left = documents.filter(**narrowed).exclude(**{name: None}).order_by(NAME_OF[name])
    rows = left.values_list(name, NAME_OF[name]).annotate(count=Count("pk"))
    return tuple(
        Choice(
            value=value,
            name=str(Sensitivity(label).label if name == "sensitivity" else label),
            count=count,
            chosen=value == mine,
            query=_query(address, name, None if value == mine else value),
        )
        for value, label, count in rows
    )


def _query(address: QueryDict, name: str, value: int | None) -> str:
    changed = address.copy()
    changed.pop("page", None)
    changed.pop(name, None)
    if value is not None:
        changed[name] = str(value)
    return f"?{changed.urlencode()}"

"""Facets: how many of the documents found are in each collection, in each category, of each sensitivity, …

The address is the state: a facet's choice is a link, and the link of a chosen one takes it back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, QuerySet
from django.http import QueryDict
from django.utils.translation import get_language_info

from kb.index.protocol import Narrowing
from kb.models import Document, Sensitivity
from kb.portal.address import number, tag, word

Value = int | str

MOST = 20
"""Choices of a facet that are shown."""

PLACES = ("page", "n")
"""What the address says of where one is in a list; another list begins anew."""


def _language(code: str) -> str:
    try:
        return str(get_language_info(code)["name_translated"])
    except KeyError:
        return code


@dataclass(frozen=True, slots=True)
class Trait:
    """Something that documents can be narrowed by.

    `name` is its parameter in the address, which `read` reads; `column` holds its values and `names` what
    they are called, which `called` puts into words.
    """

    name: str
    column: str
    names: str
    read: Callable[[QueryDict, str], Value | None] = number
    called: Callable[[Any], str] = str


COLLECTION = Trait("collection", "collection", "collection__name")
CATEGORY = Trait("category", "category", "category__name")
SENSITIVITY = Trait(
    "sensitivity", "sensitivity", "sensitivity", called=lambda level: str(Sensitivity(level).label)
)
LANGUAGE = Trait(
    "language", "current_version__language", "current_version__language", read=word, called=_language
)

TAG = Trait("tag", "tags__name", "tags__name", read=tag)

LIBRARY = (COLLECTION, CATEGORY, SENSITIVITY, TAG)
SEARCH = (*LIBRARY, LANGUAGE)


@dataclass(frozen=True, slots=True)
class Choice:
    """One value of a facet. `query` is the address with it chosen, or without it when it is."""

    value: Value
    name: str
    count: int
    chosen: bool
    query: str


@dataclass(frozen=True, slots=True)
class Facet:
    name: str
    choices: tuple[Choice, ...]


def chosen(address: QueryDict, traits: Sequence[Trait] = LIBRARY) -> dict[Trait, Value]:
    """What the address narrows to; what cannot be read narrows nothing."""
    return {trait: value for trait in traits if (value := trait.read(address, trait.name)) is not None}


def narrowed(documents: QuerySet[Document], by: Mapping[Trait, Value]) -> QuerySet[Document]:
    return documents.filter(**{trait.column: value for trait, value in by.items()})


def narrowing(by: Mapping[Trait, Value]) -> Narrowing:
    """The same for the index, which knows all of them but the documents' sensitivity."""
    numbers = {trait: frozenset({int(by[trait])}) for trait in (COLLECTION, CATEGORY) if trait in by}
    words = {trait: frozenset({str(by[trait])}) for trait in (TAG, LANGUAGE) if trait in by}
    return Narrowing(
        collections=numbers.get(COLLECTION),
        categories=numbers.get(CATEGORY),
        tags=words.get(TAG),
        languages=words.get(LANGUAGE),
    )


def facets(
    documents: QuerySet[Document], address: QueryDict, traits: Sequence[Trait] = LIBRARY
) -> list[Facet]:
    """Counts for each trait, of the documents that what is chosen of the others leaves."""
    return [Facet(trait.name, _choices(trait, documents, address, traits)) for trait in traits]


def without(address: QueryDict, name: str) -> QueryDict:
    """The address with one filter less, from the start of the list."""
    changed = address.copy()
    for each in (name, *PLACES):
        changed.pop(each, None)
    return changed


def _choices(
    trait: Trait, documents: QuerySet[Document], address: QueryDict, traits: Sequence[Trait]
) -> tuple[Choice, ...]:
    others = chosen(address, traits)
    mine = others.pop(trait, None)
    left = narrowed(documents, others).order_by(trait.names)
    rows = left.values_list(trait.column, trait.names).annotate(count=Count("pk"))
    choices = [
        Choice(
            value=value,
            name=trait.called(named),
            count=count,
            chosen=value == mine,
            query=_query(address, trait.name, None if value == mine else value),
        )
        for value, named, count in rows
        if value  # A document may have none.
    ]
    return _most(choices)


def _most(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """The chosen one and those of the most documents, in the same order."""
    best = sorted(choices, key=lambda choice: (not choice.chosen, -choice.count))[:MOST]
    return tuple(choice for choice in choices if choice in best)


def _query(address: QueryDict, name: str, value: Value | None) -> str:
    changed = without(address, name)
    if value is not None:
        changed[name] = str(value)
    return f"?{changed.urlencode()}"

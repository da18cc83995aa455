"""What a point carries in either engine: two vectors, and fields to filter by. Never text.

And how an access filter reads in terms of those fields.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import cast
from uuid import UUID

import numpy as np
import numpy.typing as npt

from kb.index.protocol import Facts, Point, Scored
from kb.index.query import AccessFilter

LAYOUT = 3
"""Raise it when points carry other fields or other vectors: the index is then built anew."""

DENSE = "dense"
SPARSE = "sparse"
TENANT_FIELD = "collection"
"""A keyword, though its values are numbers: the server stores points by tenant for keywords only."""
KEYWORD_FIELDS = ("tags", "language")
INTEGER_FIELDS = ("sensitivity", "ordinal", "category", "added")
ID_FIELDS = ("document", "version")
ANSWER_FIELDS = ["version", "ordinal"]
"""All that a search reads back: which chunk it is."""

BATCH = 256
"""Points per write. The edge's write-ahead log takes 32 MiB an entry, a server's request the same."""

Payload = dict[str, int | str | list[str] | None]


@dataclass(frozen=True, slots=True)
class Span:
    """From `least` to `most`, both included. None is no bound."""

    least: int | None
    most: int | None


def payload(point: Point) -> Payload:
    return {
        **shelved(point.collection),
        "document": str(point.document),
        "version": str(point.version),
        "ordinal": point.ordinal,
        "sensitivity": point.sensitivity,
        **described(point.facts),
    }


def described(facts: Facts) -> Payload:
    """What is not known is written as null, which matches no condition, so that it replaces what was known before."""
    return {
        "category": facts.category,
        "tags": sorted(facts.tags),
        "language": facts.language,
        "added": facts.added.toordinal(),
    }


def shelved(collection: int) -> Payload:
    return {TENANT_FIELD: str(collection)}


def alternatives(access: AccessFilter) -> dict[str, list[int] | list[str]]:
    """Field → the values of which a point must have one. A field that may hold anything is left out."""
    one_of: dict[str, list[int] | list[str] | None] = {
        "collection": _texts(access.collections),
        "document": _texts(access.documents),
        "version": _texts(access.versions),
        "category": None if access.categories is None else sorted(access.categories),
        "tags": _texts(access.tags),
        "language": _texts(access.languages),
    }
    return {field: values for field, values in one_of.items() if values is not None}


def spans(access: AccessFilter) -> dict[str, Span]:
    """Field → where a point's value must lie."""
    sensitivity = Span(None, access.clearance)
    if access.since is None and access.until is None:
        return {"sensitivity": sensitivity}
    return {"sensitivity": sensitivity, "added": Span(_number(access.since), _number(access.until))}


def _texts(values: frozenset[int] | frozenset[str] | frozenset[UUID] | None) -> list[str] | None:
    return None if values is None else sorted(map(str, values))


def _number(day: date | None) -> int | None:
    return None if day is None else day.toordinal()


def scored(fields: Mapping[str, object], score: float) -> Scored:
    return Scored(version=UUID(str(fields["version"])), ordinal=int(str(fields["ordinal"])), score=score)


def unit_vector(vectors: object) -> npt.NDArray[np.float32]:
    """The dense one of the vectors that an engine gives by name. It has kept them at unit length."""
    named = cast(Mapping[str, Sequence[float]], vectors)
    return np.array(named[DENSE], dtype=np.float32)


def batches(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    for start in range(0, len(points), BATCH):
        yield points[start : start + BATCH]


def ordinals_by_sensitivity(sensitivities: Sequence[int]) -> dict[int, list[int]]:
    """One write for each label instead of one for each chunk; the strictest label comes first."""
    ordinals: defaultdict[int, list[int]] = defaultdict(list)
    for ordinal, sensitivity in enumerate(sensitivities):
        ordinals[sensitivity].append(ordinal)
    return dict(sorted(ordinals.items(), reverse=True))

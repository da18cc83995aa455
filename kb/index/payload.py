"""What a point carries in either engine: two vectors, and fields to filter by. Never text."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from kb.index.protocol import Point, Scored

DENSE = "dense"
SPARSE = "sparse"
INTEGER_FIELDS = ("collection", "sensitivity", "ordinal")
ID_FIELDS = ("document", "version")
ANSWER_FIELDS = ["version", "ordinal"]
"""All that a search reads back: which chunk it is."""

BATCH = 256
"""Points per write. The edge's write-ahead log takes 32 MiB an entry, a server's request the same."""


def payload(point: Point) -> dict[str, int | str]:
    return {
        "collection": point.collection,
        "document": str(point.document),
        "version": str(point.version),
        "ordinal": point.ordinal,
        "sensitivity": point.sensitivity,
    }


def scored(fields: Mapping[str, object], score: float) -> Scored:
    return Scored(version=UUID(str(fields["version"])), ordinal=int(str(fields["ordinal"])), score=score)


def batches(points: Sequence[Point]) -> Iterator[Sequence[Point]]:
    for start in range(0, len(points), BATCH):
        yield points[start : start + BATCH]


def ordinals_by_sensitivity(sensitivities: Sequence[int]) -> dict[int, list[int]]:
    """One write for each label instead of one for each chunk; the strictest label comes first."""
    ordinals: defaultdict[int, list[int]] = defaultdict(list)
    for ordinal, sensitivity in enumerate(sensitivities):
        ordinals[sensitivity].append(ordinal)
    return dict(sorted(ordinals.items(), reverse=True))

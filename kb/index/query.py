"""What a search may return, as a value that each engine translates; and how several rankings become one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from kb.index.protocol import Narrowing, Scope, Scored

FUSION_DEPTH = 100
"""Hits of each leg that take part in fusion. The sum of z-scores over so many was never worse than the better leg on
six labelled sets; reciprocal rank fusion, DBSF and min-max each were on one (docs/quality.md)."""

UNFOUND_IN_CONSTANT_LEG = -1.0
"""Where all scores are equal they say nothing of each other, but being found still counts for something."""

Key = tuple[UUID, int]
"""Which chunk it is: version and ordinal."""


@dataclass(frozen=True, slots=True)
class AccessFilter:
    """What a search may return. No field has a default, so that none can be left out.

    Beside collections and clearance, None means any; an empty set means nothing at all.
    """

    collections: frozenset[int]
    clearance: int
    documents: frozenset[UUID] | None
    versions: frozenset[UUID] | None
    categories: frozenset[int] | None
    tags: frozenset[str] | None
    languages: frozenset[str] | None
    since: date | None
    until: date | None

    @property
    def matches_nothing(self) -> bool:
        """True where the engine need not be asked; one of them reads an empty condition as “everything”."""
        return frozenset() in (
            self.collections,
            self.documents,
            self.versions,
            self.categories,
            self.tags,
            self.languages,
        )


def access_filter(scope: Scope, narrowing: Narrowing) -> AccessFilter:
    """The only way to a filter: the scope always applies, and the narrowing can only make it smaller."""
    collections = scope.collections
    if narrowing.collections is not None:
        collections &= narrowing.collections
    return AccessFilter(
        collections=collections,
        clearance=scope.clearance,
        documents=narrowing.documents,
        versions=narrowing.versions,
        categories=narrowing.categories,
        tags=narrowing.tags,
        languages=narrowing.languages,
        since=narrowing.since,
        until=narrowing.until,
    )


def fuse(
    legs: Sequence[Sequence[Scored]],
    *,
    weights: Sequence[float],
    limit: int,
    depth: int = FUSION_DEPTH,
) -> list[Scored]:
    """One ranking out of several, by the weighted sum of z-scores over the top `depth` of each leg.

    A chunk that a leg did not find gets that leg's lowest z-score: had it been found, it would have come
    last. Scores of the result are above or below 0, higher is better; ties go by version, then ordinal.
    What stands deeper in a leg follows by its place there, so that asking for more never changes the top.
    """
    standings = [_z_scores(_top(leg, depth)) for leg in legs]
    found: set[Key] = set().union(*(standing for standing, _ in standings))
    fused = [
        Scored(
            version=key[0],
            ordinal=key[1],
            # fsum, because the order of the legs must not decide between two chunks.
            score=math.fsum(
                weight * standing.get(key, unfound)
                for weight, (standing, unfound) in zip(weights, standings, strict=True)
            ),
        )
        for key in found
    ]
    return [*_top(fused, limit), *_deeper(legs, depth, after=fused)][:limit]


def _deeper(legs: Sequence[Sequence[Scored]], depth: int, *, after: Sequence[Scored]) -> list[Scored]:
    """The chunks below `depth` that are not among `after`, by their best place in any leg; all score lower."""
    best: dict[Key, int] = {}
    for leg in legs:
        for place, hit in enumerate(_top(leg, len(leg))[depth:], depth + 1):
            key = (hit.version, hit.ordinal)
            best[key] = min(place, best.get(key, place))
    for hit in after:
        best.pop((hit.version, hit.ordinal), None)
    floor = min((hit.score for hit in after), default=0.0)
    return _top([Scored(*key, score=floor - place) for key, place in best.items()], len(best))


def _top(hits: Sequence[Scored], limit: int) -> list[Scored]:
    return sorted(hits, key=lambda hit: (-hit.score, hit.version, hit.ordinal))[:limit]


def _z_scores(leg: Sequence[Scored]) -> tuple[dict[Key, float], float]:
    """The z-score of each chunk in the leg, and the one for a chunk that is not in it."""
    scores = [hit.score for hit in leg]
    if not scores:
        return {}, 0.0
    mean = math.fsum(scores) / len(scores)
    deviation = math.sqrt(math.fsum((score - mean) ** 2 for score in scores) / len(scores))
    # Rounding gives equal scores a deviation, and scores that differ by almost nothing none.
    if deviation == 0 or min(scores) == max(scores):
        return {(hit.version, hit.ordinal): 0.0 for hit in leg}, UNFOUND_IN_CONSTANT_LEG
    standing = {(hit.version, hit.ordinal): (hit.score - mean) / deviation for hit in leg}
    return standing, min(standing.values())

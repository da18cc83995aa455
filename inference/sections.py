"""Hits → the same with what they stand in: whole sections before scattered chunks."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from django.db.models import Q

from inference.hits import Hit, hit_of
from inference.selection import with_neighbours
from kb.models import Chunk, Person, Sensitivity

SEVERAL = 2
"""Hits in one section, from which on all of it is shown."""
LONGEST = 24
"""Chunks of a section that is shown whole: longer ones are documents without headings."""

Section = tuple[UUID, str]
"""A version, and the header of its chunks: the document's title and the path of headings."""


def with_sections(best: Sequence[Hit], further: Sequence[Hit], person: Person) -> tuple[Hit, ...]:
    """The best hits, the rest of sections that hold several, the neighbours of the best, and further hits.

    They come in this order, by their value, and each once. None is stricter than the best ones already are, so that
    reading on never changes which model may answer. Two queries.
    """
    if not best:
        return ()
    strictest = Sensitivity.strictest([hit.sensitivity for hit in best])
    neighbours = with_neighbours(best, person)[len(best) :]
    rest = _rest_of_sections(best, further, person)
    by_value: dict[int, Hit] = {}
    for hit in (*best, *rest, *neighbours, *further):
        by_value.setdefault(hit.chunk, hit)
    return tuple(hit for hit in by_value.values() if hit.sensitivity <= strictest)


def _rest_of_sections(best: Sequence[Hit], further: Sequence[Hit], person: Person) -> Iterator[Hit]:
    """In the order of the best hit of each section, and as they stand in it."""
    held = Counter(_section(hit) for hit in (*best, *further))
    several: dict[Section, Hit] = {}
    for hit in best:
        if held[_section(hit)] >= SEVERAL:
            several.setdefault(_section(hit), hit)
    found = _visible(several, person)
    for section, hit in several.items():
        if len(found[section]) <= LONGEST:
            for chunk in found[section]:
                yield hit_of(chunk, score=hit.score, similarity=hit.similarity, matched=0.0)


def _section(hit: Hit) -> Section:
    return hit.version, hit.header


def _visible(sections: Collection[Section], person: Person) -> Mapping[Section, list[Chunk]]:
    found: defaultdict[Section, list[Chunk]] = defaultdict(list)
    if sections:
        among = Q(*(Q(version=version, header=header) for version, header in sections), _connector=Q.OR)
        chunks = Chunk.objects.visible_to(person).filter(among).order_by("version", "ordinal")
        for chunk in chunks.select_related("version__document"):
            found[chunk.version_id, chunk.header].append(chunk)
    return found

"""All collections, for who administers. Of what stands in them he is told what he may see."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Max, Sum

from kb.models import Collection, Document, Person
from kb.people.sharing import readers


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection; `holds`, `size` in bytes and `changed` are of those documents in it that the viewer may see."""

    collection: Collection
    readers: int
    holds: int
    size: int
    changed: datetime | None


def shelves(collections: Iterable[Collection], viewer: Person) -> Iterator[Shelf]:
    """In the same order. One query, and one a collection."""
    # Without an order of its own each row would be a group by itself.
    visible = Document.objects.visible_to(viewer).order_by().values("collection")
    sums = visible.annotate(
        holds=Count("pk"), size=Sum("current_version__size", default=0), changed=Max("updated_at")
    ).values_list("collection", "holds", "size", "changed")
    known: dict[int, tuple[int, int, datetime | None]] = {
        pk: (holds, size, changed) for pk, holds, size, changed in sums
    }
    for collection in collections:
        holds, size, changed = known.get(collection.pk, (0, 0, None))
        yield Shelf(collection, readers(collection).count(), holds, size, changed)

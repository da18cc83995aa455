"""What a person asks a search to be kept to: read from names, and written as SQL."""

import re
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from pydantic import TypeAdapter

from kb.errors import Rejected
from kb.index.protocol import Narrowing
from kb.models import Category, Collection, Document, Person, Tag
from kb.models.tags import as_tag

CODE = re.compile(r"[a-z]{2}")
"""ISO 639-1."""
_NARROWINGS = TypeAdapter(Narrowing)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a search is to be kept to, by the names that people use. Nothing means anything."""

    collections: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None


def narrowing_of(wish: Wish, person: Person) -> Narrowing:
    """A collection, category or tag is known where the person may see it; the rest is like what does not exist.

    Raises:
        Rejected: a name is not known, a language is no code, or the days stand the wrong way round.
    """
    if wish.since and wish.until and wish.until < wish.since:
        raise Rejected(f"No day is both since {wish.since} and until {wish.until}. Exchange the two.")
    return Narrowing(
        collections=_collections(wish.collections, person),
        categories=_categories(wish.categories, person),
        tags=_tags(wish.tags, person),
        languages=_languages(wish.languages),
        since=wish.since,
        until=wish.until,
    )


def kept_to(narrowing: Narrowing) -> Q:
    """The same over chunks: SQL knows at once what the index may learn a moment later."""
    document = "version__document"
    wanted = {
        f"{document}__collection__in": narrowing.collections,
        f"{document}__in": narrowing.documents,
        "version__in": narrowing.versions,
        f"{document}__category__in": narrowing.categories,
        "version__language__in": narrowing.languages,
        "version__created_at__gte": _at(narrowing.since, time.min),
        "version__created_at__lte": _at(narrowing.until, time.max),
    }
    kept = Q(**{field: value for field, value in wanted.items() if value is not None})
    if narrowing.tags is None:
        return kept
    tagged = Tag.objects.filter(name__in=narrowing.tags)
    return kept & Q(version__document__in=tagged.values("document"))


def noted(narrowing: Narrowing) -> dict[str, Any]:
    """As a question's row keeps it: JSON, without what narrows nothing."""
    kept: dict[str, Any] = _NARROWINGS.dump_python(narrowing, mode="json", exclude_none=True)
    return kept


def read(kept: dict[str, Any]) -> Narrowing:
    """What `noted` gave."""
    return _NARROWINGS.validate_python(kept)


def _collections(names: Sequence[str], person: Person) -> frozenset[int] | None:
    return _ids("collection", names, Collection.objects.readable_by(person)) if names else None


def _categories(names: Sequence[str], person: Person) -> frozenset[int] | None:
    if not names:
        return None
    visible = Document.objects.visible_to(person)
    return _ids("category", names, Category.objects.filter(document__in=visible).distinct())


def _ids(kind: str, names: Sequence[str], rows: QuerySet[Any]) -> frozenset[int]:
    found = dict(rows.filter(name__in=names).values_list("name", "pk"))
    _check(kind, names, found)
    return frozenset(found.values())


def _tags(names: Sequence[str], person: Person) -> frozenset[str] | None:
    if not names:
        return None
    tags = [as_tag(name) for name in names]
    visible = Document.objects.visible_to(person)
    found = Tag.objects.filter(document__in=visible, name__in=tags).values_list("name", flat=True)
    _check("tag", tags, set(found))
    return frozenset(tags)


def _check(kind: str, names: Sequence[str], known: Container[str]) -> None:
    for name in names:
        if name not in known:
            raise Rejected(f"There is no {kind} “{name}”, or none that you may see.")


def _languages(codes: Iterable[str]) -> frozenset[str] | None:
    for code in codes:
        if not CODE.fullmatch(code.lower()):
            raise Rejected(f"“{code}” is no language. Write its two letters of ISO 639-1, such as en or de.")
    return frozenset(code.lower() for code in codes) or None


def _at(day: date | None, moment: time) -> datetime | None:
    return None if day is None else datetime.combine(day, moment, tzinfo=UTC)

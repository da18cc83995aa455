"""What a list of documents can be kept to."""

from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from django.db.models import OuterRef, QuerySet, Subquery
from ninja import Schema
from pydantic import Field

from kb.api.fields import Day, Label, Moment, Text
from kb.models import Document, Version
from kb.models.library import Stage
from kb.models.tags import as_tag


class Filters(Schema):
    """A document has to fit all that are given."""

    collection: Annotated[Text | None, Field(description="A collection's name.")] = None
    category: Annotated[Text | None, Field(description="A category's name.")] = None
    tag: Annotated[Text | None, Field(description="One of its tags.")] = None
    owner: Annotated[Text | None, Field(description="The owner's username.")] = None
    sensitivity: Label | None = None
    language: Annotated[Text | None, Field(description="ISO 639-1, of the newest version.")] = None
    stage: Annotated[Stage | None, Field(description="Of the newest version.")] = None
    needs_review: Annotated[bool | None, Field(description="Whether its label waits for a person.")] = None
    q: Annotated[Text | None, Field(description="Words in the title.", max_length=300)] = None
    since: Annotated[Day | None, Field(description="Brought in on this day (UTC) or later.")] = None
    until: Annotated[Day | None, Field(description="Brought in on this day (UTC) or earlier.")] = None
    updated_since: Annotated[Moment | None, Field(description="Changed at this time or later.")] = None

    @property
    def empty(self) -> bool:
        return not self.model_dump(include=set(Filters.model_fields), exclude_none=True)


def matching(documents: QuerySet[Document], filters: Filters) -> QuerySet[Document]:
    wanted: dict[str, Any] = {
        "collection__name": filters.collection,
        "category__name": filters.category,
        "tags__name": filters.tag and as_tag(filters.tag),
        "owner__username": filters.owner,
        "sensitivity": filters.sensitivity,
        "newest_language": filters.language,
        "newest_stage": filters.stage,
        "needs_review": filters.needs_review,
        "title__icontains": filters.q,
        "created_at__gte": _at(filters.since, time.min),
        "created_at__lte": _at(filters.until, time.max),
        "updated_at__gte": filters.updated_since,
    }
    newest = Version.objects.filter(document=OuterRef("pk")).order_by("-created_at")
    staged = documents.annotate(
        newest_stage=Subquery(newest.values("stage")[:1]),
        newest_language=Subquery(newest.values("language")[:1]),
    )
    return staged.filter(**{name: value for name, value in wanted.items() if value is not None})


def _at(day: date | None, moment: time) -> datetime | None:
    return datetime.combine(day, moment, UTC) if day else None

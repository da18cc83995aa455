"""Tags on many documents at once, for administrators."""

from dataclasses import astuple, dataclass
from datetime import datetime
from typing import Annotated, Self

from django.db.models import Min
from ninja import Query, Router
from pydantic import Field

from ingestion.retag import Retagging, counted, remove_tag, rename_tag, take_back
from kb.api import undoing
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Line, Text, refuse_unknown
from kb.api.listing import Listed
from kb.api.paging import Window, part_of
from kb.models import Document, Person, Tag
from kb.models.tags import LONGEST_TAG

router = Router(tags=["Tags and categories"], auth=ADMINISTRATORS)

SALT = "tags-undo"

TagName = Annotated[Text, Field(max_length=LONGEST_TAG, examples=["travel"])]


class TagFilters(Window):
    q: Annotated[Line, Field(description="A part of the name.", max_length=LONGEST_TAG)] = ""


class Renaming(Body):
    tag: TagName
    new: Annotated[Text, Field(max_length=2 * LONGEST_TAG, examples=["journeys"])]


class Removal(Body):
    tag: TagName


class TagUndo(Body):
    undo: Annotated[
        str, Field(description="From the reply to a renaming or removal of yours.", max_length=2_000)
    ]


@dataclass(frozen=True, slots=True)
class TagSheet:
    """Of the documents that you may see, and of how many of those you may change the tags."""

    tag: Annotated[str, Field(examples=["travel"])]
    documents: Annotated[int, Field(examples=[5])]
    changeable: Annotated[int, Field(examples=[3])]


@dataclass(frozen=True, slots=True)
class PutBack:
    documents: Annotated[int, Field(description="On how many the tag is back.", examples=[3])]


@dataclass(frozen=True, slots=True)
class Retagged:
    """`undo` takes it back, and is null where nothing was changed."""

    documents: Annotated[int, Field(description="On how many it was changed.", examples=[3])]
    undo: str | None

    @classmethod
    def of(cls, done: Retagging, person: Person) -> Self:
        return cls(done.documents, _sealed(done, person) if done.documents else None)


@router.get(
    "/tags",
    response={200: Listed[TagSheet], **error_replies(404, 422)},
    operation_id="listTags",
    summary="List tags",
)
def list_tags(request: Request, filters: Query[TagFilters]) -> Listed[TagSheet]:
    """Those on what you may see, in the order of the alphabet."""
    refuse_unknown(request, TagFilters)
    visible = Tag.objects.filter(document__in=Document.objects.visible_to(request.auth))
    named = visible.filter(name__contains=filters.q.lower()).order_by().values("name")
    one_each = Tag.objects.filter(pk__in=named.annotate(first=Min("pk")).values("first"))
    part = part_of(one_each, filters, by="name")
    rows = counted(request.auth).filter(name__in=[tag.name for tag in part.rows])
    items = [TagSheet(row["name"], row["holds"], row["mine"]) for row in rows]
    return Listed(items=items, next=part.next)


@router.post(
    "/tags/rename",
    response={200: Retagged, **error_replies(404, 422)},
    operation_id="renameTag",
    summary="Rename a tag, or merge it into another",
)
def rename(request: Request, renaming: Renaming) -> Retagged:
    """On all documents that you may change. To a name that is there already: both become one."""
    return Retagged.of(rename_tag(renaming.tag, renaming.new, request.auth), request.auth)


@router.post(
    "/tags/remove",
    response={200: Retagged, **error_replies(404, 422)},
    operation_id="removeTag",
    summary="Take a tag off",
)
def remove(request: Request, removal: Removal) -> Retagged:
    """Off all documents that you may change."""
    return Retagged.of(remove_tag(removal.tag, request.auth), request.auth)


@router.post(
    "/tags/undo",
    response={200: PutBack, **error_replies(404, 422)},
    operation_id="undoTags",
    summary="Take a renaming or removal of a tag back",
)
def undo(request: Request, last: TagUndo) -> PutBack:
    """What was merged is parted again. A document that was tagged otherwise since stays as it is."""
    return PutBack(take_back(_opened(last.undo, request.auth), request.auth))


def _sealed(done: Retagging, person: Person) -> str:
    old, new, at, documents = astuple(done)
    return undoing.sealed([old, new, at.isoformat(), documents], person, salt=SALT)


def _opened(undo: str, person: Person) -> Retagging:
    old, new, at, documents = undoing.opened(undo, person, salt=SALT)
    return Retagging(old, new, datetime.fromisoformat(at), documents)

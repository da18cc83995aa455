"""One's own searches: the last ones, and those with a name. Nobody else gets to know."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Line, Text, refuse_unknown
from kb.api.listing import Listed, listed, whole
from kb.api.paging import Window, part_of
from kb.errors import Rejected
from kb.models import Search
from kb.models.searches import LONGEST_NAME, LONGEST_SEARCH
from kb.people.names import on_one_line

router = Router(tags=["Search"])


class NewSearch(Body):
    query: Annotated[
        Text,
        Field(
            max_length=2_000,
            description="As the address of the search page has it after “?”.",
            examples=["q=days+of+leave&tag=2026"],
        ),
    ]
    name: Annotated[Line, Field(max_length=LONGEST_NAME, description="Left out, its words.")] = ""


@dataclass(frozen=True, slots=True)
class SearchSheet:
    id: UUID
    name: Annotated[str, Field(description="Empty for one that was not saved.", examples=["Leave"])]
    words: Annotated[str, Field(examples=["days of leave"])]
    query: Annotated[str, Field(examples=["q=days+of+leave&tag=2026"])]
    made_at: datetime


@router.get(
    "/searches",
    response={200: Listed[SearchSheet], **error_replies(422)},
    operation_id="listSavedSearches",
    summary="List your saved searches",
)
def list_saved(request: Request, window: Query[Window]) -> Listed[SearchSheet]:
    """In the order of their names."""
    refuse_unknown(request, Window)
    return listed(part_of(Search.objects.visible_to(request.auth).saved(), window, by="name"), _sheet)


@router.post(
    "/searches",
    response={201: SearchSheet, **error_replies(422)},
    operation_id="saveSearch",
    summary="Save a search",
)
def save_search(request: Request, new: NewSearch) -> Status[SearchSheet]:
    """In place of the one that had its name."""
    words = _words(new.query)
    name = on_one_line(new.name) or words[:LONGEST_NAME]
    return Status(201, _sheet(Search.keep(request.auth, name=name, words=words, query=new.query)))


@router.delete(
    "/searches/{uuid:search_id}",
    response={204: None, **error_replies(404)},
    operation_id="deleteSearch",
    summary="Delete a saved search",
)
def delete_search(request: Request, search_id: UUID) -> Status[None]:
    get_object_or_404(Search.objects.visible_to(request.auth).saved(), pk=search_id).delete()
    return Status(204, None)


@router.get(
    "/searches/recent",
    response={200: Listed[SearchSheet], **error_replies()},
    operation_id="listRecentSearches",
    summary="List your last searches",
)
def list_recent(request: Request) -> Listed[SearchSheet]:
    """The latest first; the portal remembers ten. `next` is always null."""
    return whole(_sheet(search) for search in Search.objects.visible_to(request.auth).recent())


@router.delete(
    "/searches/recent",
    response={204: None, **error_replies()},
    operation_id="forgetSearches",
    summary="Forget your last searches",
)
def forget_searches(request: Request) -> Status[None]:
    Search.objects.visible_to(request.auth).recent().delete()
    return Status(204, None)


def _words(query: str) -> str:
    """
    Raises:
        Rejected: there are none in it.
    """
    try:
        words = on_one_line(QueryDict(query).get("q", "").replace("\0", " "))[:LONGEST_SEARCH].rstrip()
    except ValueError as error:
        raise Rejected("The query cannot be read. Send what follows “?” in an address.") from error
    if not words:
        raise Rejected("The query has no words. Send them as “q”.")
    return words


def _sheet(search: Search) -> SearchSheet:
    return SearchSheet(search.pk, search.name, search.words, search.query, search.made_at)

"""One's conversations: listed, searched, read, renamed, exported, shared and deleted; and what colleagues share."""

from functools import partial
from typing import Annotated
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field

from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Line, Text, refuse_unknown
from kb.api.listing import Listed, listed
from kb.api.paging import Window, part_of
from kb.api.reading_sheets import (
    ConversationRow,
    ConversationSheet,
    ShareSheet,
    conversation_row,
    conversation_sheet,
)
from kb.models import Conversation, Share
from kb.models.answers import TITLE_LENGTH
from kb.models.searches import LONGEST_SEARCH
from kb.reading.markdown import as_markdown

router = Router(tags=["Conversations"])
MARKDOWN = {"content": {"text/markdown": {"schema": {"type": "string"}, "example": "# Days of leave\n"}}}


class Threads(Window):
    q: Annotated[
        Line,
        Field(description="Words in the title, the questions or the answers.", max_length=LONGEST_SEARCH),
    ] = ""


class NewTitle(Body):
    title: Annotated[Text, Field(max_length=TITLE_LENGTH, examples=["Days of leave"])]


class NewShare(Body):
    username: Annotated[Text, Field(max_length=150, description="The colleague's.", examples=["bob"])]


@router.get(
    "/conversations",
    response={200: Listed[ConversationRow], **error_replies(422)},
    operation_id="listConversations",
    summary="List your conversations",
)
def list_conversations(request: Request, window: Query[Threads]) -> Listed[ConversationRow]:
    """The latest first. An answer that you may no longer read is not searched."""
    refuse_unknown(request, Threads)
    mine = Conversation.objects.visible_to(request.auth).mentioning(window.q, request.auth)
    found = mine.select_related("person").prefetch_related("shares__person")
    return listed(part_of(found, window, by="-updated_at"), partial(conversation_row, viewer=request.auth))


@router.get(
    "/conversations/shared",
    response={200: Listed[ConversationRow], **error_replies(422)},
    operation_id="listSharedConversations",
    summary="List what colleagues share with you",
)
def list_shared(request: Request, window: Query[Window]) -> Listed[ConversationRow]:
    """The latest first."""
    refuse_unknown(request, Window)
    found = Conversation.objects.shared_with(request.auth).select_related("person")
    return listed(part_of(found, window, by="-updated_at"), partial(conversation_row, viewer=request.auth))


@router.get(
    "/conversations/{uuid:conversation_id}",
    response={200: ConversationSheet, **error_replies(404)},
    operation_id="getConversation",
    summary="Read a conversation",
)
def get_conversation(request: Request, conversation_id: UUID) -> ConversationSheet:
    """Your own, or one that is shared with you. Of what you may not see its answers tell nothing."""
    readable = Conversation.objects.readable_by(request.auth).select_related("person")
    return conversation_sheet(get_object_or_404(readable, pk=conversation_id), request.auth)


@router.patch(
    "/conversations/{uuid:conversation_id}",
    response={200: ConversationRow, **error_replies(404, 422)},
    operation_id="renameConversation",
    summary="Rename a conversation",
)
def rename_conversation(request: Request, conversation_id: UUID, new: NewTitle) -> ConversationRow:
    thread = _own(request, conversation_id)
    thread.rename(new.title)
    return conversation_row(thread, request.auth)


@router.get(
    "/conversations/{uuid:conversation_id}/export",
    response={**error_replies(404)},
    operation_id="exportConversation",
    summary="Export a conversation as Markdown",
    openapi_extra={"responses": {200: {"description": "OK", **MARKDOWN}}},
)
def export_conversation(request: Request, conversation_id: UUID) -> HttpResponse:
    """What you may read of it now."""
    text = as_markdown(_own(request, conversation_id), request.auth)
    return HttpResponse(text, content_type="text/markdown; charset=utf-8")


@router.post(
    "/conversations/{uuid:conversation_id}/shares",
    response={201: ShareSheet, **error_replies(404, 422)},
    operation_id="shareConversation",
    summary="Let a colleague read a conversation",
)
def share_conversation(request: Request, conversation_id: UUID, new: NewShare) -> Status[ShareSheet]:
    """He reads in it what he may read anyway. Doing it again changes nothing."""
    return Status(201, ShareSheet.of(Share.give(_own(request, conversation_id), new.username)))


@router.delete(
    "/conversations/{uuid:conversation_id}/shares/{int:share_id}",
    response={204: None, **error_replies(404)},
    operation_id="unshareConversation",
    summary="End a share",
)
def unshare_conversation(request: Request, conversation_id: UUID, share_id: int) -> Status[None]:
    """The colleague gets nothing from the next request on."""
    get_object_or_404(_own(request, conversation_id).shares, pk=share_id).withdraw()
    return Status(204, None)


@router.delete(
    "/conversations/{uuid:conversation_id}",
    response={204: None, **error_replies(404)},
    operation_id="deleteConversation",
    summary="Delete a conversation",
)
def delete_conversation(request: Request, conversation_id: UUID) -> Status[None]:
    _own(request, conversation_id).withdraw()
    return Status(204, None)


def _own(request: Request, conversation_id: UUID) -> Conversation:
    mine = Conversation.objects.visible_to(request.auth).select_related("person")
    return get_object_or_404(mine, pk=conversation_id)

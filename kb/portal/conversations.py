"""A person's conversations: listed, searched, renamed, exported, and what colleagues share with him."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from kb.errors import Rejected
from kb.models import Conversation, Share
from kb.models.searches import LONGEST_SEARCH
from kb.portal.readings import readings
from kb.reading.markdown import as_markdown
from kb.visitor import PersonRequest

PER_PAGE = 25
LONGEST_USERNAME = 150
"""Characters; Django keeps no longer ones."""
RENAMED = "renamed_conversation"
"""Where the session keeps the name that a conversation had, until the next page has offered to undo it."""


@login_required
@require_GET
def conversations(request: PersonRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    mine = Conversation.objects.visible_to(request.user)
    found = mine.mentioning(words, request.user).prefetch_related("shares")
    context = {
        "words": words,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "shared": Conversation.objects.shared_with(request.user).select_related("person"),
    }
    return render(request, "portal/conversations.html", context)


@login_required
@require_POST
def conversation_rename(request: PersonRequest, pk: UUID) -> HttpResponse:
    thread = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    former, error = thread.title, ""
    try:
        thread.rename(request.POST.get("title", ""))
    except Rejected as refused:
        error = str(refused)
    former = "" if former == thread.title else former
    if request.htmx:
        return render(
            request, "portal/_title.html", {"conversation": thread, "former": former, "error": error}
        )
    if error:
        messages.error(request, error)
    request.session[RENAMED] = {"conversation": str(thread.pk), "title": former}
    return redirect(thread)


def former_title(request: PersonRequest, thread: Conversation) -> str:
    """The name that the conversation had until the request before, to offer it again; empty where it had no other."""
    renamed = request.session.pop(RENAMED, {})
    return str(renamed["title"]) if renamed.get("conversation") == str(thread.pk) else ""


@login_required
@require_GET
def conversation_export(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Markdown of what the person may read of it now."""
    thread = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    text = as_markdown(thread, request.user)
    name = slugify(thread.title) or "conversation"
    headers = {"Content-Disposition": f'attachment; filename="{name}.md"'}
    return HttpResponse(text, content_type="text/markdown; charset=utf-8", headers=headers)


@login_required
@require_POST
def conversation_share(request: PersonRequest, pk: UUID) -> HttpResponse:
    thread = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    try:
        Share.give(thread, request.POST.get("username", "").replace("\0", "").strip()[:LONGEST_USERNAME])
    except Rejected as error:
        return _shares(request, thread, str(error))
    return _shares(request, thread)


@login_required
@require_POST
def conversation_unshare(request: PersonRequest, pk: UUID, share: int) -> HttpResponse:
    thread = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    get_object_or_404(thread.shares, pk=share).withdraw()
    return _shares(request, thread)


@login_required
@require_POST
def conversation_delete(request: PersonRequest, pk: UUID) -> HttpResponse:
    thread = get_object_or_404(Conversation.objects.visible_to(request.user), pk=pk)
    thread.withdraw()
    messages.success(request, _("The conversation was deleted."))
    return redirect("ask")


@login_required
@require_GET
def shared_conversation(request: PersonRequest, pk: UUID) -> HttpResponse:
    """What a colleague lets the person read: his questions, and those answers that the person may read himself."""
    thread = get_object_or_404(Conversation.objects.shared_with(request.user).select_related("person"), pk=pk)
    context = {"conversation": thread, "readings": readings(thread, request.user)}
    return render(request, "portal/shared_conversation.html", context)


def _shares(request: PersonRequest, thread: Conversation, error: str = "") -> HttpResponse:
    """The part of the page that says who reads along; without script the page again."""
    if request.htmx:
        context = {"conversation": thread, "open": True, "share_error": error}
        return render(request, "portal/_shares.html", context)
    if error:
        messages.error(request, error)
    return redirect(f"{thread.get_absolute_url()}#shares")

"""Tags: which there are on what the viewer may see; renaming, merging and taking them off, and taking that back."""

from dataclasses import asdict
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ingestion.retag import Retagging, counted, remove_tag, rename_tag, take_back
from kb.console.access import administrators_only
from kb.console.forms import TagForm
from kb.errors import StrongroomError
from kb.visitor import PersonRequest

PER_PAGE = 100
UNDO = "tags-undo"
"""Where a session keeps what it did last."""


@administrators_only
@require_GET
def tags(request: PersonRequest) -> HttpResponse:
    """Each with how many documents have it, and how many of those the viewer may change.

    `tag` and `new` of the address are a renaming that was refused, to be mended.
    """
    words = request.GET.get("q", "").strip().lower()
    found = counted(request.user, words)
    context = {
        "words": words,
        "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "last": request.session.get(UNDO),
    }
    return render(request, "console/tags.html", context)


@administrators_only
@require_POST
def tag_rename(request: PersonRequest) -> HttpResponse:
    """To a name that is there already: both become one."""
    form = TagForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["new"]:
        messages.error(request, _("Write the new name of the tag."))
        return redirect(_back(request))
    try:
        done = rename_tag(form.cleaned_data["tag"], form.cleaned_data["new"], request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect(_back(request, **form.cleaned_data))
    told = ngettext(
        "“%(old)s” became “%(new)s” on %(documents)d document.",
        "“%(old)s” became “%(new)s” on %(documents)d documents.",
        done.documents,
    )
    return _done(request, done, told)


@administrators_only
@require_POST
def tag_delete(request: PersonRequest) -> HttpResponse:
    form = TagForm(request.POST)
    if not form.is_valid():
        return redirect(_back(request))
    done = remove_tag(form.cleaned_data["tag"], request.user)
    told = ngettext(
        "“%(old)s” was taken off %(documents)d document.",
        "“%(old)s” was taken off %(documents)d documents.",
        done.documents,
    )
    return _done(request, done, told)


@administrators_only
@require_POST
def tags_undo(request: PersonRequest) -> HttpResponse:
    """Takes back what this session did last."""
    last = request.session.pop(UNDO, None)
    if last is None:
        messages.error(request, _("There is nothing to take back."))
        return redirect(_back(request))
    done = Retagging(**last | {"at": datetime.fromisoformat(last["at"])})
    documents = take_back(done, request.user)
    told = ngettext(
        "“%(old)s” is back on %(documents)d document.",
        "“%(old)s” is back on %(documents)d documents.",
        documents,
    )
    messages.success(request, told % {"old": done.old, "documents": documents})
    return redirect(_back(request))


def _done(request: PersonRequest, done: Retagging, told: str) -> HttpResponse:
    if done.documents:
        request.session[UNDO] = asdict(done) | {"at": done.at.isoformat()}
    messages.success(request, told % asdict(done))
    return redirect(_back(request))


def _back(request: PersonRequest, **refused: str) -> str:
    """The same part of the list, with what was written if it was refused."""
    kept = {name: request.GET[name] for name in ("q", "page") if name in request.GET} | refused
    return f"{reverse('tags')}?{urlencode(kept)}" if kept else reverse("tags")

"""Tags: which there are on what the viewer may see, and renaming, merging and taking them off."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from ingestion.retag import counted, remove_tag, rename_tag
from kb.console.access import administrators_only
from kb.console.forms import TagForm
from kb.errors import StrongroomError
from kb.visitor import PersonRequest

PER_PAGE = 100


@administrators_only
@require_GET
def tags(request: PersonRequest) -> HttpResponse:
    """Each with how many documents have it, and how many of those the viewer may change."""
    words = request.GET.get("q", "").strip().lower()
    found = counted(request.user, words)
    context = {"words": words, "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page"))}
    return render(request, "console/tags.html", context)


@administrators_only
@require_POST
def tag_rename(request: PersonRequest) -> HttpResponse:
    """To a name that is there already: both become one."""
    form = TagForm(request.POST)
    if not form.is_valid() or not form.cleaned_data["new"]:
        messages.error(request, _("Write the new name of the tag."))
        return redirect("tags")
    try:
        changed = rename_tag(form.cleaned_data["tag"], form.cleaned_data["new"], request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect("tags")
    told = ngettext(
        "“%(tag)s” became “%(new)s” on %(count)d document.",
        "“%(tag)s” became “%(new)s” on %(count)d documents.",
        changed,
    )
    messages.success(request, told % {**form.cleaned_data, "count": changed})
    return redirect("tags")


@administrators_only
@require_POST
def tag_delete(request: PersonRequest) -> HttpResponse:
    form = TagForm(request.POST)
    if form.is_valid():
        changed = remove_tag(form.cleaned_data["tag"], request.user)
        told = ngettext(
            "“%(tag)s” was taken off %(count)d document.",
            "“%(tag)s” was taken off %(count)d documents.",
            changed,
        )
        messages.success(request, told % {"tag": form.cleaned_data["tag"], "count": changed})
    return redirect("tags")

"""What editors send in from the page of a document's chunks."""

from uuid import UUID

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from ingestion.mend import make
from ingestion.mend.aim import Aim
from kb.errors import StrongroomError
from kb.models import Chunk, Document
from kb.openable import openable
from kb.portal.cards import Attempt
from kb.portal.chunks import chunk_address, chunks_page
from kb.portal.places import Place
from kb.visitor import PersonRequest

LONGEST = 20_000
"""Characters of a text that is taken in at all; how much a chunk may hold is decided by its tokens."""
DONE: dict[str, Promise] = {
    "edit": gettext_lazy("The passage was changed."),
    "split": gettext_lazy("The passage was split."),
    "merge": gettext_lazy("The two passages are one now."),
    "exclude": gettext_lazy("The passage is left out of the search."),
    "include": gettext_lazy("The passage can be found again."),
    "embed": gettext_lazy("The passage is being embedded again."),
}


class MendForm(forms.Form):
    """One change. `revision` is what the page showed; `at` is where to split, in characters."""

    do = forms.ChoiceField(choices=[(name, name) for name in DONE])
    revision = forms.CharField(max_length=16)
    text = forms.CharField(required=False, strip=False, max_length=LONGEST)
    headings = forms.CharField(required=False, max_length=LONGEST)
    at = forms.IntegerField(required=False, min_value=0, max_value=LONGEST)

    def make(self, aim: Aim) -> None:
        """Raises what `ingestion.mend.make` raises."""
        said = self.cleaned_data
        match said["do"]:
            case "edit":
                make.edit(aim, text=said["text"], headings=said["headings"].splitlines())
            case "split":
                make.split(aim, at=said["at"] or 0)
            case "merge":
                make.merge(aim)
            case "exclude":
                make.exclude(aim)
            case "include":
                make.include(aim)
            case "embed":
                make.embed_again(aim)


@login_required
@require_POST
def chunk_mend(request: PersonRequest, pk: UUID, chunk: int) -> HttpResponse:
    """Makes one change, and goes back to the chunk. What could not be saved stays in its field."""
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    form = MendForm(request.POST)
    if not form.is_valid():
        messages.error(
            request, _("Nothing was changed. Choose what to do, and write at most 20,000 characters.")
        )
        return redirect(reverse("chunks", args=[pk]))
    try:
        form.make(Aim(request.user, chunk, form.cleaned_data["revision"]))
    except StrongroomError as error:
        return _refused(request, found, chunk, form, str(error))
    messages.success(request, str(DONE[form.cleaned_data["do"]]))
    return redirect(_address(request, found, chunk))


@login_required
@require_POST
def chunks_undo(request: PersonRequest, pk: UUID) -> HttpResponse:
    """Takes the last change back, whoever made it."""
    found = get_object_or_404(Document.objects.editable_by(request.user), pk=pk)
    try:
        undone = make.undo(found, request.user)
    except StrongroomError as error:
        messages.error(request, str(error))
        return redirect(reverse("chunks", args=[pk]))
    messages.success(request, _("The last change was taken back."))
    return redirect(chunk_address(pk, undone.ordinal))


def _refused(request: PersonRequest, document: Document, pk: int, form: MendForm, error: str) -> HttpResponse:
    """An edit is shown again beside the chunk as it is now; all else was only a click."""
    chunk = _chunk(request, document, pk)
    if form.cleaned_data["do"] != "edit" or chunk is None:
        messages.error(request, error)
        return redirect(_address(request, document, pk))
    attempt = Attempt(pk, form.cleaned_data["text"], form.cleaned_data["headings"], error)
    place = Place(chunk, f"chunk={chunk.ordinal}")
    return chunks_page(request, openable(request.user).get(pk=document.pk), place, attempt)


def _address(request: PersonRequest, document: Document, pk: int) -> str:
    chunk = _chunk(request, document, pk)
    return chunk_address(document.pk, chunk.ordinal) if chunk else reverse("chunks", args=[document.pk])


def _chunk(request: PersonRequest, document: Document, pk: int) -> Chunk | None:
    chunks = Chunk.objects.mendable_by(request.user).filter(version__document=document, pk=pk)
    return chunks.select_related("version__document").first()

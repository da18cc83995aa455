"""All collections, and adding one. Of what stands in them an administrator is told what he may see."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kb.console.access import administrators_only
from kb.console.shelf_forms import ShelfForm
from kb.models import Collection
from kb.people.sharing import add
from kb.people.shelves import shelves as shelves_of
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def shelves(request: PersonRequest) -> HttpResponse:
    """POST adds a collection."""
    form = ShelfForm(data=request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = add(form.cleaned_data["name"], form.cleaned_data["description"], request.user)
        messages.success(
            request, _("“%(name)s” was added. Only you read and edit it yet.") % {"name": added.name}
        )
        return redirect("shelf", added.pk)
    return render(
        request,
        "console/shelves.html",
        {"shelves": list(shelves_of(Collection.objects.all(), request.user)), "form": form},
    )

"""All collections, and adding one. Of what stands in them an administrator is told what he may see."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.contrib import messages
from django.db.models import Count, Max, Sum
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from kb.console.access import administrators_only
from kb.console.shelf_forms import ShelfForm
from kb.models import Collection, Document, Person
from kb.people.sharing import add, readers
from kb.visitor import PersonRequest


@dataclass(frozen=True, slots=True)
class Shelf:
    """A collection; `holds`, `size` in bytes and `changed` are of those documents in it that the viewer may see."""

    collection: Collection
    readers: int
    holds: int
    size: int
    changed: datetime | None


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
    return render(request, "console/shelves.html", {"shelves": list(_shelves(request.user)), "form": form})


def _shelves(person: Person) -> Iterator[Shelf]:
    """Two queries, and one a collection."""
    # Without an order of its own each row would be a group by itself.
    visible = Document.objects.visible_to(person).order_by().values("collection")
    sums = visible.annotate(
        holds=Count("pk"), size=Sum("current_version__size", default=0), changed=Max("updated_at")
    ).values_list("collection", "holds", "size", "changed")
    known: dict[int, tuple[int, int, datetime | None]] = {
        pk: (holds, size, changed) for pk, holds, size, changed in sums
    }
    for collection in Collection.objects.all():
        holds, size, changed = known.get(collection.pk, (0, 0, None))
        yield Shelf(collection, readers(collection).count(), holds, size, changed)

"""The taxonomy: the categories that documents are classified into, and what each is compared with."""

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from kb.console.access import administrators_only
from kb.console.forms import CategoryForm
from kb.models import Category, Document, Person
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def categories(request: PersonRequest) -> HttpResponse:
    """All categories; POST adds one."""
    form = CategoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = form.save()
        messages.success(request, _("“%(name)s” was added.") % {"name": added.name})
        # Else the browser would keep the form's “#add”, and the message would be out of view.
        return redirect(f"{reverse('categories')}#content")
    return render(request, "console/categories.html", {"categories": _counted(request.user), "form": form})


@administrators_only
@require_http_methods(["GET", "POST"])
def category(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(_counted(request.user), pk=pk)
    name = found.name  # The form writes into `found` what it then may refuse.
    form = CategoryForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("“%(name)s” was saved.") % {"name": found.name})
        return redirect("categories")
    return render(request, "console/category.html", {"category": found, "name": name, "form": form})


@administrators_only
@require_POST
def category_delete(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Category, pk=pk)
    # Points keep its number, which is never given again, so that nothing can be narrowed to it; SQL knows it no more.
    found.delete()
    messages.success(request, _("“%(name)s” was deleted.") % {"name": found.name})
    return redirect("categories")


def _counted(person: Person) -> QuerySet[Category]:
    """Each with `holds`: how many documents that this person may see have it. Administering gives no right to read."""
    visible = Q(document__in=Document.objects.visible_to(person))
    return Category.objects.annotate(holds=Count("document", filter=visible))

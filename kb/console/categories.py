"""The taxonomy: the categories that documents are classified into, and what each is compared with."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from ingestion.taxonomy import (
    add_category,
    add_document_example,
    add_text_example,
    categories_held,
    change_category,
    dissolve,
)
from kb.console.access import administrators_only
from kb.console.forms import CategoryForm, DissolveForm, ExampleForm
from kb.errors import Rejected
from kb.models import Category, CategoryExample, Document, Person
from kb.visitor import PersonRequest


@administrators_only
@require_http_methods(["GET", "POST"])
def categories(request: PersonRequest) -> HttpResponse:
    """All categories; POST adds one."""
    form = CategoryForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        added = add_category(**form.cleaned_data)
        messages.success(request, _("“%(name)s” was added.") % {"name": added.name})
        # Else the browser would keep the form's “#add”, and the message would be out of view.
        return redirect(f"{reverse('categories')}#content")
    return render(
        request, "console/categories.html", {"categories": categories_held(request.user), "form": form}
    )


@administrators_only
@require_http_methods(["GET", "POST"])
def category(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(categories_held(request.user), pk=pk)
    name = found.name  # The form writes into `found` what it then may refuse.
    form = CategoryForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        change_category(found, **form.cleaned_data)
        messages.success(request, _("“%(name)s” was saved.") % {"name": found.name})
        return redirect("categories")
    return _shown(request, found, name, form=form)


@administrators_only
@require_POST
def category_delete(request: PersonRequest, pk: int) -> HttpResponse:
    """Its documents get the category that was chosen, or none."""
    found = get_object_or_404(Category, pk=pk)
    form = DissolveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose one of the categories."))
        return redirect("category", pk)
    try:
        dissolve(found, form.cleaned_data["into"], request.user)
    except Rejected as error:
        messages.error(request, str(error))
        return redirect("category", pk)
    messages.success(request, _("“%(name)s” was deleted.") % {"name": found.name})
    return redirect("categories")


@administrators_only
@require_POST
def example_add(request: PersonRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(categories_held(request.user), pk=pk)
    form = ExampleForm(request.POST)
    if form.is_valid():
        try:
            _add_example(found, form, request.user)
        except Rejected as error:
            form.add_error("example", str(error))
        else:
            return redirect(f"{reverse('category', args=[pk])}#examples")
    return _shown(request, found, found.name, example=form)


@administrators_only
@require_POST
def example_delete(request: PersonRequest, pk: int, example: int) -> HttpResponse:
    get_object_or_404(CategoryExample, pk=example, category=pk).delete()
    return redirect(f"{reverse('category', args=[pk])}#examples")


def _add_example(found: Category, form: ExampleForm, person: Person) -> None:
    if form.document:
        add_document_example(found, form.document, person)
    else:
        add_text_example(found, form.cleaned_data["example"])


def _shown(
    request: PersonRequest,
    found: Category,
    name: str,
    *,
    form: CategoryForm | None = None,
    example: ExampleForm | None = None,
) -> HttpResponse:
    """The page. A form that is given has what was written, and what is wrong with it."""
    context = {
        "category": found,
        "name": name,
        "form": form or CategoryForm(instance=found),
        "example": example or ExampleForm(),
        "examples": found.examples.select_related("document"),
        "visible": set(
            Document.objects.visible_to(request.user)
            .filter(pk__in=found.examples.values("document"))
            .values_list("pk", flat=True)
        ),
        "others": Category.objects.exclude(pk=found.pk),
    }
    refused = any(each is not None and each.errors for each in (form, example))
    return render(request, "console/category.html", context, status=422 if refused else 200)

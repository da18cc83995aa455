"""The categories that documents are classified into, and what each is compared with, for administrators."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Self
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status
from pydantic import Field, model_validator

from ingestion.taxonomy import (
    add_category,
    add_document_example,
    add_text_example,
    categories_held,
    change_category,
    dissolve,
)
from kb.api.administering import ADMINISTRATORS
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Body, Id, Text, refuse_unknown
from kb.api.listing import Listed, listed
from kb.api.paging import Window, part_of
from kb.errors import Rejected
from kb.models import Category, CategoryExample, Document, Person
from kb.models.collections import EXAMPLE_LENGTH

router = Router(tags=["Tags and categories"], auth=ADMINISTRATORS)

Name = Annotated[Text, Field(max_length=60, examples=["Policy"])]
Description = Annotated[
    Text,
    Field(max_length=400, description="Documents are compared with it.", examples=["Rules of the house."]),
]


class NewCategory(Body):
    name: Name
    description: Description


class CategoryChange(Body):
    """What is left out stays as it is."""

    name: Name | None = None
    description: Description | None = None


class NewExample(Body):
    """One of both."""

    text: Annotated[Text | None, Field(max_length=EXAMPLE_LENGTH)] = None
    document: Annotated[UUID | None, Field(description="One that is ready and that you may see.")] = None

    @model_validator(mode="after")
    def one_of_both(self) -> Self:
        if (self.text is None) == (self.document is None):
            raise ValueError("Send “text” or “document”, and not both.")
        return self


class Dissolving(Body):
    into: Annotated[Id | None, Field(description="The category that its documents get; else none.")] = None


@dataclass(frozen=True, slots=True)
class CategoryRow:
    id: Annotated[int, Field(examples=[2])]
    name: Annotated[str, Field(examples=["Policy"])]
    description: Annotated[str, Field(examples=["Rules of the house."])]
    documents: Annotated[int, Field(description="Those that you may see.", examples=[7])]

    @classmethod
    def of(cls, category: Category) -> Self:
        """Of one that `categories_held` gave."""
        return cls(category.pk, category.name, category.description, category.holds)  # type: ignore[attr-defined]


@dataclass(frozen=True, slots=True)
class Example:
    """A text, or a document: `document` and `title` are null for one that you may not see."""

    id: Annotated[int, Field(examples=[11])]
    text: str
    document: UUID | None
    title: str | None


@dataclass(frozen=True, slots=True)
class CategorySheet:
    category: CategoryRow
    examples: Sequence[Example]


@router.get(
    "/categories",
    response={200: Listed[CategoryRow], **error_replies(404, 422)},
    operation_id="listCategories",
    summary="List categories",
)
def list_categories(request: Request, window: Query[Window]) -> Listed[CategoryRow]:
    """In the order of their names."""
    refuse_unknown(request, Window)
    return listed(part_of(categories_held(request.auth), window, by="name"), CategoryRow.of)


@router.get(
    "/categories/{int:category_id}",
    response={200: CategorySheet, **error_replies(404)},
    operation_id="getCategory",
    summary="Look at a category and its examples",
)
def get_category(request: Request, category_id: int) -> CategorySheet:
    return _sheet(category_id, request.auth)


@router.post(
    "/categories",
    response={201: CategorySheet, **error_replies(404, 422)},
    operation_id="createCategory",
    summary="Add a category",
)
def create_category(request: Request, new: NewCategory) -> Status[CategorySheet]:
    return Status(201, _sheet(add_category(new.name, new.description).pk, request.auth))


@router.patch(
    "/categories/{int:category_id}",
    response={200: CategorySheet, **error_replies(404, 422)},
    operation_id="changeCategory",
    summary="Rename or describe a category",
)
def change(request: Request, category_id: int, change: CategoryChange) -> CategorySheet:
    found = get_object_or_404(Category, pk=category_id)
    change_category(found, change.name or found.name, change.description or found.description)
    return _sheet(category_id, request.auth)


@router.post(
    "/categories/{int:category_id}/dissolve",
    response={204: None, **error_replies(404, 422)},
    operation_id="dissolveCategory",
    summary="Delete a category, or merge it into another",
)
def dissolve_category(request: Request, category_id: int, dissolving: Dissolving) -> Status[None]:
    """Its documents, and its examples with them, go to the other one; or they have none."""
    found = get_object_or_404(Category, pk=category_id)
    into = None
    if dissolving.into is not None:
        into = Category.objects.filter(pk=dissolving.into).first()
        if into is None:
            raise Rejected("There is no category “into”. GET /categories lists them.")
    dissolve(found, into, request.auth)
    return Status(204, None)


@router.post(
    "/categories/{int:category_id}/examples",
    response={201: CategorySheet, **error_replies(404, 422)},
    operation_id="addExample",
    summary="Add an example to a category",
)
def add_example(request: Request, category_id: int, new: NewExample) -> Status[CategorySheet]:
    found = get_object_or_404(Category, pk=category_id)
    if new.document is not None:
        add_document_example(found, new.document, request.auth)
    elif new.text is not None:
        add_text_example(found, new.text)
    return Status(201, _sheet(category_id, request.auth))


@router.delete(
    "/categories/{int:category_id}/examples/{int:example_id}",
    response={204: None, **error_replies(404)},
    operation_id="deleteExample",
    summary="Take an example away",
)
def delete_example(request: Request, category_id: int, example_id: int) -> Status[None]:
    get_object_or_404(CategoryExample, pk=example_id, category=category_id).delete()
    return Status(204, None)


def _sheet(category_id: int, person: Person) -> CategorySheet:
    found = get_object_or_404(categories_held(person), pk=category_id)
    named = Document.objects.visible_to(person).filter(pk__in=found.examples.values("document"))
    titles = dict(named.values_list("pk", "title"))
    examples = [
        Example(
            id=each.pk,
            text=each.text,
            document=each.document_id if each.document_id in titles else None,
            title=titles.get(each.document_id) if each.document_id else None,
        )
        for each in found.examples.all()
    ]
    return CategorySheet(CategoryRow.of(found), examples)

"""The taxonomy page: who edits it, what it refuses, and what its numbers never tell."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from kb.models import Category, Collection, Document, Person, Sensitivity
from tests.builders import make_collection, make_document
from tests.visiting import page_of, signed_in, text_of

TOOLS = {"name": "Tools", "description": "Hammers, saws and drills."}
ROUTES = [
    ("get", "categories"),
    ("post", "categories"),
    ("get", "category"),
    ("post", "category"),
    ("post", "category-delete"),
]


@pytest.fixture
def garden(db: None) -> Category:
    return Category.objects.create(name="Gärten", description="Flowers, trees and lawns.")


def visit(client: Client, route: tuple[str, str], category: Category):
    method, name = route
    return getattr(client, method)(address_of(name, category), TOOLS)


def address_of(name: str, category: Category) -> str:
    return reverse(name, args=[] if name == "categories" else [category.pk])


def file_under(category: Category, document: Document) -> Document:
    document.category = category
    document.save()
    return document


def add(person: Person, **fields: str):
    return signed_in(person).post(reverse("categories"), {**TOOLS, **fields}, follow=True)


# --- Who may come in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES)
def test_to_all_but_administrators_it_does_not_exist(
    route: tuple[str, str], garden: Category, alice: Person, bob: Person, charlie: Person
) -> None:
    for client in map(signed_in, (alice, bob, charlie)):
        reply, nowhere = visit(client, route, garden), client.get(f"/{uuid4()}/")
        assert (reply.status_code, reply.content) == (404, nowhere.content)
    assert list(Category.objects.filter(name__in=["Gärten", "Tools"])) == [garden]


@pytest.mark.parametrize("route", ROUTES)
def test_strangers_are_asked_to_sign_in(route: tuple[str, str], garden: Category) -> None:
    reply = visit(Client(), route, garden)
    assert reply.status_code == 302
    assert reply["Location"].startswith(f"{reverse('sign-in')}?next={address_of(route[1], garden)}")


@pytest.mark.parametrize("route", ROUTES)
def test_an_administrator_gets_every_route(route: tuple[str, str], garden: Category, dana: Person) -> None:
    expected = 200 if route[0] == "get" else 302
    assert visit(signed_in(dana), route, garden).status_code == expected


@pytest.mark.parametrize("name", ["category", "category-delete"])
def test_a_category_that_is_gone_is_not_found(name: str, dana: Person) -> None:
    assert signed_in(dana).post(reverse(name, args=[0]), TOOLS).status_code == 404


def test_a_link_cannot_delete(garden: Category, dana: Person) -> None:
    assert page_of(dana, reverse("category-delete", args=[garden.pk])).status_code == 405


# --- Adding and editing ------------------------------------------------------------------------------


def test_the_ten_that_ship_are_listed(dana: Person) -> None:
    assert len(page_of(dana, reverse("categories")).context["categories"]) == 10


def test_a_category_is_added_on_one_line(dana: Person) -> None:
    reply = add(dana, name="  Hand   tools ", description="Hammers,\r\nsaws.")
    assert Category.objects.get(name="Hand tools").description == "Hammers, saws."
    assert "“Hand tools” was added." in text_of(reply)


def test_a_category_is_edited(garden: Category, dana: Person) -> None:
    address = reverse("category", args=[garden.pk])
    reply = signed_in(dana).post(address, {**TOOLS, "name": "GÄRTEN"}, follow=True)
    garden.refresh_from_db()
    assert (garden.name, garden.description) == ("GÄRTEN", TOOLS["description"])
    assert "“GÄRTEN” was saved." in text_of(reply)


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"name": " "}, "name", "Give the category a name."),
        ({"name": "n" * 61}, "name", "Use at most 60 characters; these are 61."),
        ({"name": "gärten"}, "name", "There is a category “Gärten” already. Choose another name, or edit that one."),
        ({"name": "GÄRTEN"}, "name", "There is a category “Gärten” already. Choose another name, or edit that one."),
        ({"description": "\n"}, "description", "Describe the category. Documents are compared with its description."),
        ({"description": "d" * 401}, "description", "Use at most 400 characters; these are 401."),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_told_in_a_sentence(
    fields: dict[str, str], field: str, sentence: str, garden: Category, dana: Person
) -> None:
    reply = add(dana, **fields)
    assert reply.context["form"].errors == {field: [sentence]}
    assert f'id="id_{field}_error" role="alert">{sentence}</p>' in text_of(reply)
    assert Category.objects.count() == 11


def test_a_refused_edit_changes_nothing(garden: Category, dana: Person) -> None:
    reply = signed_in(dana).post(reverse("category", args=[garden.pk]), {"name": "Lawns", "description": ""})
    assert "<h1>Gärten</h1>" in text_of(reply)
    garden.refresh_from_db()
    assert garden.name == "Gärten"


# --- Numbers, and deleting ---------------------------------------------------------------------------


def test_only_visible_documents_are_counted(
    garden: Category, dana: Person, alice: Person, shelf: Collection
) -> None:
    closed = make_collection("Board", readers=[alice])
    file_under(garden, make_document(shelf, owner=dana))
    file_under(garden, make_document(closed, owner=alice))
    Person.objects.filter(pk=dana.pk).update(clearance=Sensitivity.INTERNAL)
    file_under(garden, make_document(shelf, owner=alice, sensitivity=Sensitivity.RESTRICTED))
    listed = page_of(dana, reverse("categories")).context["categories"]
    assert {each.name: each.holds for each in listed if each.holds} == {"Gärten": 1}
    assert "1 document that you may see loses its category" in text_of(
        page_of(dana, reverse("category", args=[garden.pk]))
    )


def test_deleted_documents_are_not_counted(garden: Category, dana: Person, shelf: Collection) -> None:
    document = file_under(garden, make_document(shelf, owner=dana))
    document.deleted_at = document.created_at
    document.save()
    page = text_of(page_of(dana, reverse("category", args=[garden.pk])))
    assert "No document that you may see has this category." in page


def test_documents_outlive_their_category(garden: Category, dana: Person, shelf: Collection) -> None:
    document = file_under(garden, make_document(shelf, owner=dana))
    reply = signed_in(dana).post(reverse("category-delete", args=[garden.pk]), follow=True)
    document.refresh_from_db()
    assert (document.category, document.deleted_at) == (None, None)
    assert "“Gärten” was deleted." in text_of(reply)


def test_an_empty_taxonomy_asks_for_a_first_category(dana: Person) -> None:
    Category.objects.all().delete()
    page = text_of(page_of(dana, reverse("categories")))
    assert "There is no category" in page
    assert "Add a category" in page


# --- The way there -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ledger", "categories", "quality"])
def test_the_console_is_current_on_all_its_pages(name: str, dana: Person) -> None:
    page = " ".join(text_of(page_of(dana, reverse(name))).split())
    assert 'aria-current="true">Console</a>' in page
    assert page.count('aria-current="true"') == 2


def test_only_administrators_are_shown_the_console(alice: Person, dana: Person) -> None:
    pages = [text_of(page_of(person, reverse("library"))) for person in (alice, dana)]
    assert [">Console</a>" in page for page in pages] == [False, True]

"""The categories: taking one away or merging it into another, with its documents, and what each is compared with."""

from uuid import UUID

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from ingestion.categorise import CategoryOption
from ingestion.redescribe import redescribe
from kb.errors import Rejected
from kb.models import Category, CategoryExample, Document, Event, Person
from kb.people.names import free_name, on_one_line

MOST_EXAMPLES = 20
"""Of one category: each is compared with every document."""


def category_options() -> list[CategoryOption]:
    """What documents are compared with now. Three queries."""
    categories = Category.objects.prefetch_related("examples__document__current_version")
    return [
        CategoryOption(
            each.name,
            each.description,
            tuple(filter(None, (example.words for example in each.examples.all()))),
        )
        for each in categories
    ]


def add_category(name: str, description: str) -> Category:
    """
    Raises:
        Rejected: another one has the name.
    """
    name = free_name(name, Category.objects.values_list("name", flat=True))
    return Category.objects.create(name=name, description=on_one_line(description))


def change_category(category: Category, name: str, description: str) -> None:
    """
    Raises:
        Rejected: another one has the name.
    """
    others = Category.objects.exclude(pk=category.pk)
    category.name = free_name(name, others.values_list("name", flat=True))
    category.description = on_one_line(description)
    category.save()


def categories_held(person: Person) -> QuerySet[Category]:
    """Each with `holds`: how many documents that this person may see have it. Administering gives no right to read."""
    visible = Q(document__in=Document.objects.visible_to(person))
    return Category.objects.annotate(holds=Count("document", filter=visible))


def dissolve(category: Category, into: Category | None, person: Person) -> None:
    """Takes a category away. Its documents get the other one, and so do its examples; or they have none.

    Also those documents that the person may not see: else they would name a category that is gone.

    Raises:
        Rejected: it cannot be merged into itself.
    """
    if into == category:
        raise Rejected("Choose another category.")
    with transaction.atomic():
        documents = list(Document.objects.filter(category=category).values_list("pk", flat=True))
        Document.objects.filter(pk__in=documents).update(category=into)
        if into:
            _hand_on_examples(category, into)
        note = f"“{category}” → “{into or 'none'}”."
        Event.objects.create(person=person, verb=Event.Verb.CATEGORY, note=note)
        category.delete()
        redescribe(documents)


def _hand_on_examples(category: Category, into: Category) -> None:
    known = into.examples.exclude(document=None).values("document")
    category.examples.exclude(document__in=known).update(category=into)


def add_text_example(category: Category, text: str) -> None:
    """
    Raises:
        Rejected: it has enough.
    """
    _check_room(category)
    CategoryExample.objects.create(category=category, text=text)


def add_document_example(category: Category, document_id: UUID, person: Person) -> None:
    """
    Raises:
        Rejected: it has enough, or the person sees no such document that has been read.
    """
    _check_room(category)
    readable = Document.objects.visible_to(person).exclude(current_version=None)
    document = readable.filter(pk=document_id).first()
    if document is None:
        raise Rejected("You see no such document that is ready. Copy the address of another one.")
    CategoryExample.objects.get_or_create(category=category, document=document)


def _check_room(category: Category) -> None:
    if category.examples.count() >= MOST_EXAMPLES:
        raise Rejected(f"A category has at most {MOST_EXAMPLES} examples. Take one away first.")

"""`manage.py sample`: the demo people and the library of a company that does not exist."""

import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand

from ingestion.sources.upload import Declared, upload
from kb.environment import CONFIGURATION
from kb.models import Collection, Person, Sensitivity
from kb.sample import PASSWORD
from kb.sample.build import SampleDocument, build
from kb.sample.library import DemoPerson, Library, Shelf, load_library


class Command(BaseCommand):
    help = "Creates the demo people and uploads the sample library. Safe to repeat."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--people-only", action="store_true", help="people and empty collections, no documents"
        )

    def handle(self, *args: Any, people_only: bool, **options: Any) -> None:
        library = load_library()
        create_people(library)
        create_collections(library)
        if not people_only:
            uploaded = upload_documents()
            self.stdout.write(f"{uploaded} documents of {library.company} were added.")


def create_people(library: Library) -> None:
    """Adds those who are missing, so that a password which somebody changed stays changed."""
    for demo in library.people:
        person, created = Person.objects.get_or_create(username=demo.username, defaults=_facts(demo))
        if created:
            person.set_password(PASSWORD)
            person.save()
            person.groups.set(_groups(demo.groups))


def _facts(demo: DemoPerson) -> dict[str, object]:
    first, _, last = demo.name.partition(" ")
    return {
        "first_name": first,
        "last_name": last,
        "clearance": Sensitivity.named(demo.clearance),
        "is_staff": demo.administrator,
        "is_superuser": demo.administrator,
    }


def create_collections(library: Library) -> None:
    for shelf in library.collections:
        collection, created = Collection.objects.get_or_create(name=shelf.name, defaults=_rules(shelf))
        if created:
            collection.reader_groups.set(_groups(shelf.readers))
            collection.editor_groups.set(_groups(shelf.editors))


def _rules(shelf: Shelf) -> dict[str, object]:
    return {
        "description": shelf.description,
        "default_sensitivity": Sensitivity.named(shelf.default_sensitivity),
        "minimum_sensitivity": Sensitivity.named(shelf.minimum_sensitivity),
    }


def _groups(names: tuple[str, ...]) -> list[Group]:
    return [Group.objects.get_or_create(name=name)[0] for name in names]


def upload_documents() -> int:
    """How many were new. Labels are for the pipeline to find, but for those that an owner would choose himself."""
    with tempfile.TemporaryDirectory() as folder:
        return sum(_upload(document) for document in build(Path(folder)))


def _upload(document: SampleDocument) -> bool:
    owner = Person.objects.get(username=document.owner)
    collection = Collection.objects.get(name=document.collection)
    chosen = Sensitivity.named(document.sensitivity) if document.chosen_by_owner else None
    with document.path.open("rb") as file:
        received = upload(
            owner, collection, file, name=document.path.name, declared=Declared(document.title, chosen)
        )
    return not received.duplicate

"""The categories that ship, so that documents can be classified from the start."""

from django.apps.registry import Apps
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from kb.sample.library import load_library


def ship(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    category = apps.get_model("kb", "Category")
    for each in load_library().categories:
        category.objects.get_or_create(name=each.name, defaults={"description": each.description})

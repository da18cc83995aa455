"""What a flush of the database meets in tests: triggers that refuse it, and categories that only migrations bring."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.db.models.signals import post_migrate

from kb.migrations import _categories
from kb.migrations._ledger_triggers import creating, dropping


def lift() -> None:
    """Takes the ledger's triggers away until the test's transaction is rolled back: as who may change the schema."""
    with connection.cursor() as cursor:
        for statement in dropping(connection.vendor):
            cursor.execute(statement)


@pytest.fixture(scope="session", autouse=True)
def flushing_lifts_the_guards() -> Iterator[None]:
    """Tests with transactions of their own end with a flush, which the triggers would refuse."""
    flush = connection.ops.sql_flush

    def guarded(style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        vendor = connection.vendor
        return [*dropping(vendor), *flush(style, tables, **options), *creating(vendor)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", lambda ops, *a, **o: guarded(*a, **o))
        yield


@pytest.fixture(scope="session", autouse=True)
def flushing_ships_the_categories_again() -> Iterator[None]:
    def ship(**signal: object) -> None:
        _categories.ship(apps, None)

    post_migrate.connect(ship, sender=apps.get_app_config("kb"))
    yield
    post_migrate.disconnect(ship, sender=apps.get_app_config("kb"))

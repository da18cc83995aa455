"""The triggers that guard the ledger, and how a test gets past them: as somebody who may change the schema."""

from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import pytest
from django.db import connection

triggers = import_module("kb.migrations.0009_ledger_triggers")


def lift() -> None:
    """Takes the triggers away until the test's transaction is rolled back."""
    with connection.cursor() as cursor:
        for statement in triggers.dropping(connection.vendor):
            cursor.execute(statement)


@pytest.fixture(scope="session", autouse=True)
def flushing_lifts_the_guards() -> Iterator[None]:
    """Tests with transactions of their own end with a flush, which the triggers would refuse."""
    flush = connection.ops.sql_flush

    def guarded(style: Any, tables: Sequence[str], **options: Any) -> list[str]:
        vendor = connection.vendor
        return [*triggers.dropping(vendor), *flush(style, tables, **options), *triggers.creating(vendor)]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(type(connection.ops), "sql_flush", lambda ops, *a, **o: guarded(*a, **o))
        yield

"""What this machine gives: the database and its tables, the ledger's end, and the disk."""

import shutil
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from kb.bootstrap import SPACE_TO_RUN
from kb.health.finding import Finding
from kb.models import ModelCall

COMFORTABLE = 5_000_000_000
"""Bytes below which it is time to make room."""


def database() -> Finding:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return Finding.down(
            "It does not answer.", "Start it, or correct DATABASE_URL; nothing works without it."
        )
    return Finding.works(f"{connection.display_name} answers.")


def migrations() -> Finding:
    executor = MigrationExecutor(connection)
    pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    if pending:
        return Finding.down(
            f"{pending} changes of the tables are still to be made.",
            "Run “manage.py migrate”, or start with “make up”, which does.",
        )
    return Finding.works("The tables are those of this version.")


def ledger() -> Finding:
    """The end of the chain only: the whole takes as long as it is."""
    if fault := ModelCall.objects.fault_of_end():
        return Finding.down(
            fault, "Find out who changed the database. “manage.py ledger --verify” reads every row."
        )
    return Finding.works("Its end stands as it was written. “manage.py ledger --verify” reads every row.")


def disk() -> Finding:
    free = free_bytes(settings.VAR)
    says = f"{free / 1e9:.1f} GB are left for the data folder."
    if free < SPACE_TO_RUN:
        return Finding.down(says, "Make room at once: nothing more can be stored.")
    if free < COMFORTABLE:
        return Finding.doubtful(says, "Make room, or move the data folder to a larger disk (STRONGROOM_VAR).")
    return Finding.works(says)


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free

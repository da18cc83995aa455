"""`manage.py reindex`: the vector index, made again from SQL."""

from typing import Any

from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import track

from inference.retrieve import chunk_index
from ingestion.index import reindex
from kb.models import Version
from kb.models.library import Stage


class Command(BaseCommand):
    help = "Makes every point of the vector index again from SQL. Searching goes on meanwhile."

    def handle(self, *args: Any, **options: Any) -> None:
        versions = Version.objects.filter(stage=Stage.READY, retired=False)
        console = Console(stderr=True)
        for version in track(
            versions.iterator(chunk_size=100),
            "Indexing",
            total=versions.count(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        ):
            reindex(version)
        removed = _remove_strays()
        strays = f", and {removed} that no longer exist were removed" if removed else ""
        self.stdout.write(f"{versions.count()} documents were indexed{strays}.")


def _remove_strays() -> int:
    """Points of versions that SQL does not know."""
    known = set(Version.objects.filter(retired=False).values_list("pk", flat=True))
    strays = [version for version, _ in chunk_index().versions() if version not in known]
    for version in strays:
        chunk_index().delete_version(version)
    return len(strays)

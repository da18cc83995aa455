"""`manage.py ingest`: files and folders into a collection."""

from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from ingestion.sources.owner import usual_owner
from ingestion.sources.upload import Declared
from kb.environment import CONFIGURATION
from kb.errors import Rejected
from kb.exchange import Ingested, as_json
from kb.management.batch import (
    find,
    found_collection,
    send,
    send_new_version,
    usual_founder,
    work_here,
    worker_answers,
)
from kb.management.lookup import label_named, person_named
from kb.models import Batch, Collection, Document, Pause, Priority
from kb.models.batches import batch_name
from kb.models.library import Stage
from kb.models.tags import tags_from


class Command(BaseCommand):
    help = "Brings files in. Folders are walked; the same bytes come in once a collection."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        target = parser.add_mutually_exclusive_group(required=True)
        target.add_argument("--collection", metavar="NAME", help="made if there is none")
        target.add_argument(
            "--new-version-of", type=UUID, metavar="ID", help="the one file replaces that of this document"
        )
        parser.add_argument("--owner", metavar="USER", help="who brings them in; usually an editor is chosen")
        parser.add_argument(
            "--sensitivity", metavar="LABEL", help="of all; usually each is decided by itself"
        )
        parser.add_argument(
            "--tag", action="append", default=[], metavar="NAME", help="of all; may be repeated"
        )
        parser.add_argument("--wait", action="store_true", help="until all are ready or have failed")
        parser.add_argument("--json", action="store_true", help="one JSON object a document and line")

    def handle(self, *args: Any, paths: Sequence[Path], wait: bool, json: bool, **options: Any) -> None:
        if wait and Pause.objects.exists():
            self.stderr.write(
                "Ingestion is paused, so the files only wait. `manage.py jobs resume` ends the pause."
            )
            wait = False
        if wait and not worker_answers():
            self.stderr.write("No worker answers, so the files are read by this command itself.")
            work_here()
        if options["new_version_of"]:
            self.follow(self.new_version(paths, options, wait=wait), total=1, json=json)
            return
        found = find(paths)
        for skipped in found.skipped:
            self.stderr.write(f"Skipped {skipped.path}: {skipped.reason}.")
        if not found.files:
            self.stderr.write("There is nothing to bring in.")
            return
        label = options["sensitivity"]
        declared = Declared(sensitivity=label_named(label) if label else None, tags=tags_from(options["tag"]))
        batch = self.batch(options["collection"], options["owner"], found.files)
        sent = send(found.files, batch, declared=declared, wait=wait)
        self.follow(sent, total=len(found.files), json=json)

    def follow(self, sent: Iterator[Ingested], *, total: int, json: bool) -> None:
        """Tells of each as it comes. `total` is a guess where archives are among them."""
        failed = told = 0
        console = Console(stderr=True)
        with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
            for document in progress.track(sent, total=total, description="Ingesting"):
                self.show(as_json(document) if json else _line(document), progress)
                failed += document.stage == Stage.FAILED
                told += 1
        if failed:
            raise CommandError(f"{failed} of {told} documents failed.")

    def new_version(
        self, paths: Sequence[Path], options: dict[str, Any], *, wait: bool
    ) -> Iterator[Ingested]:
        if len(paths) != 1 or not paths[0].is_file():
            raise Rejected("Name one file with --new-version-of.")
        document = Document.objects.live().filter(pk=options["new_version_of"]).first()
        if document is None:
            raise Rejected(f"There is no document {options['new_version_of']}.")
        person = person_named(options["owner"]) if options["owner"] else document.owner
        return send_new_version(paths[0], document, person=person, wait=wait)

    def batch(self, name: str, username: str | None, files: Sequence[Path]) -> Batch:
        """What they are brought in as. A collection that does not exist yet is made, and that is said."""
        owner = person_named(username) if username else None
        collection = Collection.objects.filter(name=name).first()
        if collection is None:
            owner = owner or usual_founder()
            collection = found_collection(name, owner)
            self.stderr.write(
                f"There was no collection “{name}”, so it was made. Only {owner.username} may read it and add to it."
            )
        return Batch.objects.create(
            person=owner or usual_owner(collection),
            collection=collection,
            name=batch_name([file.name for file in files]),
            door=Batch.Door.COMMAND,
            priority=Priority.LATER,  # Behind what people wait for at the upload page.
        )

    def show(self, line: str, progress: Progress) -> None:
        """Above the bar, when both are on the terminal."""
        if self.stdout.isatty() and progress.console.is_terminal:
            progress.console.print(line, markup=False, highlight=False, soft_wrap=True)
        else:
            self.stdout.write(line)
            self.stdout.flush()


def _line(document: Ingested) -> str:
    if document.failure:
        return f"{document.stage:8} {document.title}: {document.failure}"
    size = f"{document.chunks} chunks" + (f" from {document.pages} pages" if document.pages else "")
    facts = [document.sensitivity, document.category, size, f"{document.seconds:.1f} s"]
    return f"{document.stage:8} {document.title} ({', '.join(fact for fact in facts if fact)})"

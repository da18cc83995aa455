"""Makes what tests need in a line each, with defaults that a test names only where they matter."""

import hashlib
from collections.abc import Sequence
from itertools import count
from uuid import UUID, uuid5

from django.utils import timezone

from inference.hits import Hit
from ingestion.index import reindex
from kb.models import Chunk, Collection, Document, Person, Sensitivity, Version
from kb.models.keys import Terms, scopes_of
from kb.models.library import Stage
from kb.people.keys import issue

_serial = count(1)
NOWHERE = UUID(int=7)


def make_collection(
    name: str = "",
    *,
    readers: Sequence[Person] = (),
    editors: Sequence[Person] = (),
    **fields: object,
) -> Collection:
    collection = Collection.objects.create(name=name or f"Collection {next(_serial)}", **fields)
    collection.reader_people.set(readers)
    collection.editor_people.set(editors)
    return collection


def make_document(
    collection: Collection,
    *,
    owner: Person,
    title: str = "Travel policy",
    sensitivity: Sensitivity = Sensitivity.INTERNAL,
    chunks: Sequence[str] = ("Trains are booked in second class.",),
    stage: Stage = Stage.READY,
) -> Document:
    """A document with one version and these chunks, in SQL only."""
    document = Document.objects.create(
        title=title,
        collection=collection,
        owner=owner,
        sensitivity=sensitivity,
        sensitivity_by=Document.DecidedBy.PERSON,
        sensitivity_reason="Chosen in a test.",
    )
    version = make_version(document, stage=stage)
    for ordinal, text in enumerate(chunks):
        make_chunk(version, ordinal, text)
    if stage == Stage.READY:
        document.current_version = version
        document.save()
    return document


def indexed(document: Document) -> Document:
    """The same document, once its chunks can be found."""
    assert document.current_version
    reindex(document.current_version)
    return document


def make_version(document: Document, *, stage: Stage = Stage.QUEUED, **fields: object) -> Version:
    content = f"{document.pk} {next(_serial)}".encode()
    return Version.objects.create(
        document=document,
        collection=document.collection,
        sha256=hashlib.sha256(content).hexdigest(),
        name=f"{document.title}.txt",
        media_type="text/plain",
        size=len(content),
        stage=stage,
        ready_at=timezone.now() if stage == Stage.READY else None,
        **fields,
    )


def make_chunk(version: Version, ordinal: int, text: str, **fields: object) -> Chunk:
    return Chunk.objects.create(
        version=version,
        ordinal=ordinal,
        text=text,
        header=version.document.title,
        start=0,
        end=len(text),
        sensitivity=fields.pop("sensitivity", version.document.sensitivity),
        **fields,
    )


def make_key(person: Person, **narrowed: object) -> str:
    """The text of a key that may do all that its person may, kept to `collections` and a `ceiling` if told."""
    return issue(person, Terms("tool", scopes_of(person), days=1, **narrowed), by=person).text


def make_hit(text: str, *, document: str = "Manual", ordinal: int = 0, similarity: float = 0.6) -> Hit:
    """A chunk that was found, of a document that is in no database."""
    return Hit(
        chunk=1,
        document=uuid5(NOWHERE, document),
        collection=1,
        version=uuid5(NOWHERE, f"{document} 1"),
        ordinal=ordinal,
        title=document,
        header=document,
        text=text,
        first_page=None,
        last_page=None,
        sensitivity=Sensitivity.PUBLIC,
        score=1.0,
        similarity=similarity,
        matched=1.0,
    )


def unnoticed(payload: bytes) -> None:
    """Where it does not matter to the test what is sent."""

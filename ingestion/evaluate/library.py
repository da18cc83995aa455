"""A judged set as a library: its documents parsed, cut, embedded and indexed as any others, for one reader."""

import hashlib
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from uuid import UUID

from django.conf import settings

from inference import registry
from inference.language import language_of
from inference.retrieve import chunk_index
from ingestion.chunk import chunk
from ingestion.evaluate.judged import Judged, JudgedSet, Place, Source, Tracked, untracked
from ingestion.index import facts_of, passages, points_of
from ingestion.keep import chunk_row
from ingestion.naming import TITLE_LENGTH, called, title_from
from ingestion.parse.confine import Limits
from ingestion.parse.elements import Parsed
from ingestion.parse.plain import PlainText
from ingestion.parse.sandbox import parse
from ingestion.parse.sniff import sniff
from ingestion.passages import AS_ITS_DOCUMENT
from ingestion.sources.upload import NAME_LENGTH
from kb.errors import Rejected, Unreadable
from kb.models import Chunk, Collection, Document, Person, Sensitivity, Version
from kb.models.library import Stage

BATCH = 256
"""Chunks that are embedded at a time, of as many documents as it takes: alone, short ones would pad each other."""

Key = tuple[UUID, int]
"""Version and ordinal: which chunk it is."""


@dataclass(frozen=True, slots=True)
class Filled:
    """`seconds` is the wall time of embedding and indexing alone. `unreadable` are sentences."""

    chunks: dict[Key, Judged]
    seconds: float
    unreadable: tuple[str, ...]

    def look_up(self, places: Sequence[Place]) -> list[Judged]:
        return [self.chunks[each.version, each.ordinal] for each in places]


@dataclass(frozen=True, slots=True)
class Library(Filled):
    reader: Person


def build(judged: JudgedSet, *, tracked: Tracked = untracked) -> Library:
    """Writes to the database and the index of this process, which must be made for it.

    Raises:
        Rejected: no document could be read.
    """
    reader = Person.objects.create_user("evaluator", clearance=Sensitivity.RESTRICTED)
    shelf = Collection.objects.create(name=judged.name)
    shelf.reader_people.add(reader)
    filled = fill(judged.sources, {"": shelf}, reader, tracked=tracked)
    return Library(filled.chunks, filled.seconds, filled.unreadable, reader)


def fill(
    sources: Sequence[Source],
    shelves: Mapping[str, Collection],
    owner: Person,
    *,
    tracked: Tracked = untracked,
) -> Filled:
    """Puts each source into its collection, as a document of the owner.

    Raises:
        Rejected: no document could be read.
    """
    unreadable: list[str] = []
    chunks: dict[Key, Judged] = {}
    seconds = 0.0
    for group in _groups(_documented(tracked(sources, "Reading"), shelves, owner, unreadable)):
        began = time.perf_counter()
        _index(group)
        seconds += time.perf_counter() - began
        chunks |= {
            (row.version_id, row.ordinal): _judged(each.source, row) for each in group for row in each.rows
        }
    if not chunks:
        raise Rejected(f"No document could be read; the first: {unreadable[0]}")
    return Filled(chunks, seconds, tuple(unreadable))


@dataclass(frozen=True, slots=True)
class _Documented:
    source: Source
    version: Version
    rows: list[Chunk]


def _documented(
    sources: Iterable[Source], shelves: Mapping[str, Collection], owner: Person, unreadable: list[str]
) -> Iterator[_Documented]:
    """Each source as a document of its shelf, parsed and cut; what cannot be read is noted and left out."""
    for source in sources:
        try:
            parsed = _parsed(source)
        except Unreadable as error:
            unreadable.append(f"{source.name}: {error}")
            continue
        version = _version(source, _document(source, shelves[source.shelf], owner), _language(parsed))
        yield _Documented(source, version, Chunk.objects.bulk_create(_chunks(version, parsed)))


def _groups(documented: Iterable[_Documented]) -> Iterator[list[_Documented]]:
    group: list[_Documented] = []
    for each in documented:
        group.append(each)
        if sum(len(one.rows) for one in group) >= BATCH:
            yield group
            group = []
    if group:
        yield group


def _index(group: Sequence[_Documented]) -> None:
    texts = [str(passage) for each in group for passage in passages(each.version, each.rows)]
    vectors = iter(registry.embedder().embed_passages(texts))
    points = [
        point
        for each in group
        for point in points_of(
            each.version, each.rows, list(islice(vectors, len(each.rows))), facts_of(each.version)
        )
    ]
    chunk_index().upsert(points)


def _parsed(source: Source) -> Parsed:
    if source.path is None:
        return PlainText().read(source.text)
    sniffed = sniff(source.path, source.path.name)
    limits = Limits(seconds=settings.PARSE_SECONDS, memory=settings.PARSE_MEMORY)
    return parse(source.path, name=source.path.name, media_type=sniffed.media_type, limits=limits)


def _language(parsed: Parsed) -> str:
    return language_of(parsed.text) or parsed.language or ""


def _document(source: Source, shelf: Collection, owner: Person) -> Document:
    return Document.objects.create(
        title=(source.title or title_from(source.name))[:TITLE_LENGTH],
        collection=shelf,
        owner=owner,
        sensitivity=source.sensitivity,
        sensitivity_by=Document.DecidedBy.PERSON,
    )


def _version(source: Source, document: Document, language: str) -> Version:
    version = Version.objects.create(
        document=document,
        collection=document.collection,
        sha256=hashlib.sha256(source.id.encode()).hexdigest(),
        name=source.name[-NAME_LENGTH:],
        size=0,
        stage=Stage.READY,
        language=language,
        embedder=registry.embedder().fingerprint,
    )
    Document.objects.filter(pk=document.pk).update(current_version=version)
    return version


def _chunks(version: Version, parsed: Parsed) -> Iterator[Chunk]:
    embedder, title = registry.embedder(), version.document.title
    window = embedder.window - embedder.count_tokens(called(version.name, title))
    for draft in chunk(parsed, title=title, window=window, count_tokens=embedder.count_tokens):
        yield chunk_row(version, draft, Sensitivity(version.document.sensitivity), AS_ITS_DOCUMENT)


def _judged(source: Source, row: Chunk) -> Judged:
    return Judged(source.id, row.ordinal, row.pages, row.text)

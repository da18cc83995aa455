"""Filters lose nothing that fits them, and let nothing through that SQL would not."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import combinations
from uuid import UUID

import numpy as np
import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from inference import registry
from inference.retrieve import chunk_index, retrieve, scope_of
from ingestion.index import embed, facts_of, passages, points
from kb.index.edge import EdgeIndex
from kb.index.protocol import DenseQuery, Facts, Narrowing, Point, Scope, SparseQuery
from kb.models import Chunk, Collection, Document, Person, Sensitivity
from tests.builders import make_chunk, make_collection, make_document
from tests.contracts.vector_index import ANY, make_point

# --- Recall ----------------------------------------------------------------------------------------------

POINTS, DIMENSION, QUERIES, TOP = 4_000, 32, 5, 10
STEPS = 100
"""Values that a field takes, each in as many points: the first of them make a filter of any selectivity."""
SHARES = (0.01, 0.04, 0.2, 1.0)
FIELDS = ("collection", "sensitivity", "category", "tag", "language", "date")
SHAPES = [*((field,) for field in FIELDS), *combinations(FIELDS, 2)]
FIRST_DAY = date(2026, 1, 1)


@dataclass(frozen=True)
class Filled:
    """An index, with the vectors that are in it, (n, d) float32, and each point's step in each field, (n,) int."""

    index: EdgeIndex
    vectors: np.ndarray
    steps: dict[str, np.ndarray]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    generator = np.random.default_rng(7)
    vectors = generator.standard_normal((POINTS, DIMENSION)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    steps = {field: generator.permutation(POINTS) % STEPS for field in FIELDS}
    index = EdgeIndex(tmp_path_factory.mktemp("filters") / "chunks")
    index.upsert([stepped_point(number, vectors[number], steps) for number in range(POINTS)])
    yield Filled(index, vectors, steps)
    index.close()


def stepped_point(number: int, vector: np.ndarray, steps: dict[str, np.ndarray]) -> Point:
    step = {field: int(of_points[number]) for field, of_points in steps.items()}
    facts = Facts(
        category=step["category"],
        tags=frozenset({f"t{step['tag']}", "everywhere"}),
        language=f"l{step['language']}",
        added=FIRST_DAY + timedelta(days=step["date"]),
    )
    return make_point(
        number,
        dense=tuple(vector),
        collection=step["collection"],
        sensitivity=step["sensitivity"],
        facts=facts,
    )


def kept_to_steps(most: dict[str, int]) -> tuple[Scope, Narrowing]:
    """What leaves only the steps below `most`, by field; fields that are not named are left as they are."""
    scope = Scope(
        collections=frozenset(range(most.get("collection", STEPS))),
        clearance=most.get("sensitivity", STEPS) - 1,
    )
    days = most.get("date")
    narrowing = Narrowing(
        categories=frozenset(range(most["category"])) if "category" in most else None,
        tags=frozenset(f"t{step}" for step in range(most["tag"])) if "tag" in most else None,
        languages=frozenset(f"l{step}" for step in range(most["language"])) if "language" in most else None,
        since=FIRST_DAY if days else None,
        until=FIRST_DAY + timedelta(days=days - 1) if days else None,
    )
    return scope, narrowing


@pytest.mark.parametrize("share", SHARES)
@pytest.mark.parametrize("shape", SHAPES, ids="+".join)
def test_recall_does_not_suffer_from_a_filter(shape: Sequence[str], share: float, filled: Filled) -> None:
    """Against all points compared one by one in numpy. Two fields leave the square root of the share each."""
    each = max(1, round(STEPS * share ** (1 / len(shape))))
    scope, narrowing = kept_to_steps(dict.fromkeys(shape, each))
    fits = np.logical_and.reduce([filled.steps[field] < each for field in shape])
    recalls = []
    for query in np.random.default_rng(11).standard_normal((QUERIES, DIMENSION)).astype(np.float32):
        scores = np.where(fits, filled.vectors @ query, -np.inf)
        best = {int(place) for place in np.argsort(-scores)[:TOP] if fits[place]}
        hits = filled.index.search(DenseQuery(query), scope=scope, narrowing=narrowing, limit=TOP)
        recalls.append(len(best & {hit.ordinal for hit in hits}) / len(best))
    assert np.mean(recalls) >= 0.98


# --- Nothing that SQL would not allow --------------------------------------------------------------------

PEOPLE, SHELVES, DOCUMENTS, CHUNKS = 30, 8, 60, 3
PAIRS, RETRIEVALS = 10_000, 300
WORDS = (
    "leave",
    "trains",
    "rent",
    "pump",
    "budget",
    "contract",
    "audit",
    "server",
    "visitor",
    "canteen",
    "travel",
)
Key = tuple[UUID, int]


@dataclass(frozen=True)
class House:
    people: list[Person]
    shelves: list[Collection]
    documents: list[Document]
    allowed: dict[int, set[Key]]
    """By person: the chunks that SQL lets them see."""


@pytest.fixture
def house(db: None, fake_models: object) -> House:
    """A library of chance: who is in which group, what each may read, and how everything is labelled."""
    chance = random.Random(3)  # noqa: S311
    groups = [Group.objects.create(name=f"group {number}") for number in range(6)]
    people = [make_person(number, groups, chance) for number in range(PEOPLE)]
    shelves = [make_shelf(groups, people, chance) for _ in range(SHELVES)]
    documents = [make_labelled(shelves, people, chance) for _ in range(DOCUMENTS)]
    # At once, because each write waits for the disk.
    chunk_index().upsert([point for document in documents for point in points_of(document)])
    return House(people, shelves, documents, allowed_to(people))


def make_person(number: int, groups: list[Group], chance: random.Random) -> Person:
    person = Person.objects.create(username=f"p{number}", clearance=chance.choice(Sensitivity.values))
    person.groups.set(chance.sample(groups, chance.randint(0, 2)))
    return person


def make_shelf(groups: list[Group], people: list[Person], chance: random.Random) -> Collection:
    shelf = make_collection(readers=chance.sample(people, 2), editors=chance.sample(people, 1))
    shelf.reader_groups.set(chance.sample(groups, chance.randint(0, 2)))
    return shelf


def make_labelled(shelves: list[Collection], people: list[Person], chance: random.Random) -> Document:
    """A document in SQL whose last chunk may be stricter than it is."""
    texts = [" ".join(chance.choices(WORDS, k=8)) for _ in range(CHUNKS)]
    label = Sensitivity(chance.choice(Sensitivity.values))
    document = make_document(
        chance.choice(shelves), owner=chance.choice(people), sensitivity=label, chunks=texts[:-1]
    )
    stricter = chance.choice([each for each in Sensitivity.values if each >= label])
    make_chunk(document.latest, CHUNKS - 1, texts[-1], sensitivity=stricter)
    return document


def points_of(document: Document) -> Iterator[Point]:
    version = document.current_version
    chunks = list(version.chunks.order_by("ordinal"))
    terms = registry.sparse_encoder().encode_passages(passages(version, chunks))
    return points(version, chunks, embed(version, chunks), terms, facts_of(version))


def allowed_to(people: list[Person]) -> dict[int, set[Key]]:
    chunks = Chunk.objects.order_by()
    return {person.pk: set(chunks.visible_to(person).values_list("version", "ordinal")) for person in people}


def chance_query(chance: random.Random) -> str:
    return " ".join(chance.sample(WORDS, 2))


def chance_narrowing(house: House, chance: random.Random) -> Narrowing:
    """Anything that a person could ask to be kept to, others' collections and documents included."""
    shelves = frozenset(shelf.pk for shelf in chance.sample(house.shelves, 3))
    documents = frozenset(document.pk for document in chance.sample(house.documents, 10))
    return chance.choice([ANY, Narrowing(collections=shelves), Narrowing(documents=documents)])


def test_ten_thousand_searches_of_the_index_find_nothing_that_sql_forbids(house: House) -> None:
    """The index alone, before anything is checked in SQL: half of the searches dense, half sparse."""
    chance = random.Random(5)  # noqa: S311
    scopes = {person.pk: scope_of(person) for person in house.people}
    embedder, encoder, index = registry.embedder(), registry.sparse_encoder(), chunk_index()
    found = 0
    for number in range(PAIRS):
        person, query = chance.choice(house.people), chance_query(chance)
        terms = encoder.encode_query(query)
        leg = (
            SparseQuery(terms.indices, terms.values)
            if number % 2
            else DenseQuery(embedder.embed_query(query))
        )
        narrowing = chance_narrowing(house, chance)
        hits = index.search(leg, scope=scopes[person.pk], narrowing=narrowing, limit=TOP)
        assert {(hit.version, hit.ordinal) for hit in hits} <= house.allowed[person.pk]
        found += len(hits)
    assert found > PAIRS


def test_a_stale_index_gives_nobody_what_sql_forbids(house: House) -> None:
    """SQL has changed and the index has not heard of it: labels are stricter, shelves others, documents deleted.

    Three hundred whole retrievals, with the proof that the index by itself would let forbidden chunks through.
    """
    chance = random.Random(9)  # noqa: S311
    make_stale(house, chance)
    allowed = allowed_to(house.people)
    leaks = 0
    for _ in range(RETRIEVALS):
        person, query = chance.choice(house.people), chance_query(chance)
        narrowing = chance_narrowing(house, chance)
        dense = DenseQuery(registry.embedder().embed_query(query))
        raw = chunk_index().search(dense, scope=scope_of(person), narrowing=narrowing, limit=TOP)
        leaks += bool({(hit.version, hit.ordinal) for hit in raw} - allowed[person.pk])
        hits = retrieve(query, person, narrowing=narrowing).hits
        assert {(hit.version, hit.ordinal) for hit in hits} <= allowed[person.pk]
    assert leaks > RETRIEVALS // 10


def make_stale(house: House, chance: random.Random) -> None:
    changed = chance.sample(house.documents, 30)
    changes = [{"sensitivity": Sensitivity.RESTRICTED}, {"deleted_at": timezone.now()}]
    for document in changed[:20]:
        Document.objects.filter(pk=document.pk).update(**chance.choice(changes))
    for document in changed[20:]:
        Document.objects.filter(pk=document.pk).update(collection=chance.choice(house.shelves))

import os
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path
from random import Random
from uuid import uuid4, uuid5

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from qdrant_client import QdrantClient

from kb.errors import IndexUnavailable
from kb.index import index_name
from kb.index.edge import EdgeIndex
from kb.index.protocol import DenseQuery, Narrowing, Point, Scope, Scored, SparseQuery, VectorIndex
from kb.index.query import access_filter, fuse
from kb.index.server import ServerIndex, connect
from tests.contracts.vector_index import ANY, EAST, REPORT, VectorIndexContract, make_point, nearest

QDRANT_URL = os.environ.get("QDRANT_URL", "")

# The local engine says once in a process that it has no payload indexes and searches exactly.
local_engine = pytest.mark.filterwarnings(
    "ignore:.*have no effect:UserWarning", "ignore:Local mode:UserWarning"
)


class TestEdge(VectorIndexContract):
    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Callable[[], VectorIndex]:
        return lambda: EdgeIndex(tmp_path / "chunks")


@local_engine
class TestServerOnTheLocalEngine(VectorIndexContract):
    @pytest.fixture
    def reopen(self, tmp_path: Path) -> Callable[[], VectorIndex]:
        return lambda: ServerIndex(QdrantClient(path=str(tmp_path)), "chunks")


@pytest.mark.skipif(not QDRANT_URL, reason="QDRANT_URL names no Qdrant server")
class TestServer(VectorIndexContract):
    @pytest.fixture
    def reopen(self) -> Iterator[Callable[[], VectorIndex]]:
        name = f"test-{uuid4()}"
        api_key = os.environ.get("QDRANT_API_KEY", "")
        yield lambda: ServerIndex(connect(QDRANT_URL, api_key), name)
        client = connect(QDRANT_URL, api_key)
        client.delete_collection(name)
        client.close()


# Between the engines


def random_points(count: int, *, dimension: int = 16, terms: int = 60) -> list[Point]:
    random = np.random.default_rng(5)
    points = []
    for number in range(count):
        indices = sorted(random.choice(terms, size=8, replace=False).tolist())
        point = make_point(number, dense=tuple(random.normal(size=dimension)), terms=tuple(indices))
        point = replace(point, sparse_values=tuple(random.uniform(0.1, 2.0, size=8).tolist()))
        sensitivity, collection = 10 * random.integers(1, 5), random.integers(1, 4)
        points.append(replace(point, sensitivity=int(sensitivity), collection=int(collection)))
    return points


@local_engine
@pytest.mark.parametrize(
    "query",
    [
        DenseQuery(np.linspace(-1, 1, 16, dtype=np.float32)),
        SparseQuery((1, 5, 20, 41), (1.0, 0.5, 2.0, 1.0)),
    ],
)
def test_the_engines_agree_on_order_and_scores(query: DenseQuery | SparseQuery, tmp_path: Path) -> None:
    points = random_points(300)
    scope = Scope(frozenset({1, 2}), clearance=20)
    found = []
    for index in (EdgeIndex(tmp_path / "chunks"), ServerIndex(QdrantClient(":memory:"), "chunks")):
        index.upsert(points)
        found.append(index.search(query, scope=scope, narrowing=ANY, limit=40))
        index.close()
    edge, server = found
    assert [hit.ordinal for hit in edge] == [hit.ordinal for hit in server]
    # The client's local engine computes in single precision, whatever it is told to store.
    assert [hit.score for hit in edge] == pytest.approx([hit.score for hit in server], abs=5e-4)


def test_a_damaged_folder_is_a_clear_error_and_can_be_cleared(tmp_path: Path) -> None:
    folder = tmp_path / "chunks"
    folder.mkdir()
    (folder / "edge_config.json").write_text("{")
    index = EdgeIndex(folder)
    with pytest.raises(IndexUnavailable, match=r"failed .* rebuild it with `manage\.py reindex`"):
        index.count()
    index.clear()
    index.upsert([make_point()])
    assert index.count() == 1
    index.close()


def test_a_write_that_died_while_making_the_index_is_repeated(tmp_path: Path) -> None:
    draft = tmp_path / ".chunks.draft"
    draft.mkdir()
    (draft / "half").touch()
    index = EdgeIndex(tmp_path / "chunks")
    index.upsert([make_point()])
    assert (index.count(), draft.exists()) == (1, False)
    index.close()


def test_another_dimension_is_refused(tmp_path: Path) -> None:
    index = EdgeIndex(tmp_path / "chunks")
    index.upsert([make_point(dense=EAST)])
    with pytest.raises(IndexUnavailable, match="expected dim: 4, got 2"):
        index.upsert([make_point(1, dense=(1.0, 0.0))])
    index.close()
    assert index.count() == 1
    index.close()


def test_a_server_that_does_not_answer_is_unavailable() -> None:
    index = ServerIndex(connect("http://127.0.0.1:9", ""), "chunks")
    with pytest.raises(IndexUnavailable, match="Check that it runs, and QDRANT_URL"):
        nearest(index)


@local_engine
def test_no_text_and_no_title_is_stored_with_a_point() -> None:
    client = QdrantClient(":memory:")
    index = ServerIndex(client, "chunks")
    index.upsert([make_point()])
    [record] = client.scroll("chunks", with_payload=True)[0]
    assert set(record.payload or {}) == {
        "collection",
        "document",
        "version",
        "ordinal",
        "sensitivity",
        "category",
        "tags",
        "language",
        "added",
    }
    index.close()


def test_each_pair_of_encoders_has_an_index_of_its_own() -> None:
    names = {index_name(dense, sparse) for dense in ("MiniLM/bf16", "MiniLM/fp32") for sparse in ("en", "de")}
    assert len(names) == 4
    assert index_name("MiniLM/bf16", "en") in names


# The access filter

collections = st.frozensets(st.integers(1, 6))
ids = st.none() | st.frozensets(st.sampled_from([REPORT, *(uuid5(REPORT, str(n)) for n in range(3))]))
days = st.none() | st.dates()
narrowings = st.builds(
    Narrowing,
    collections=st.none() | collections,
    documents=ids,
    versions=ids,
    categories=st.none() | collections,
    tags=st.none() | st.frozensets(st.sampled_from(["rent", "train", "berlin"])),
    languages=st.none() | st.frozensets(st.sampled_from(["en", "de"])),
    since=days,
    until=days,
)


@given(st.builds(Scope, collections=collections, clearance=st.integers(0, 50)), narrowings)
def test_a_filter_never_reaches_beyond_the_scope(scope: Scope, narrowing: Narrowing) -> None:
    access = access_filter(scope, narrowing)
    assert access.collections <= scope.collections
    assert access.clearance == scope.clearance
    narrowed = {field.name for field in fields(Narrowing)} - {"collections"}
    assert {name: getattr(access, name) for name in narrowed} == {
        name: getattr(narrowing, name) for name in narrowed
    }


@given(narrowings)
def test_an_empty_scope_matches_nothing_whatever_is_asked(narrowing: Narrowing) -> None:
    assert access_filter(Scope(frozenset(), clearance=40), narrowing).matches_nothing


# Fusion

Leg = list[Scored]


def leg(*scores: float, first: int = 0) -> Leg:
    """Hits whose ordinals count up from `first`."""
    return [Scored(REPORT, first + place, score) for place, score in enumerate(scores)]


legs = st.lists(st.floats(-100, 100, width=16), max_size=30).flatmap(
    lambda scores: st.integers(0, 20).map(lambda first: leg(*scores, first=first))
)


def fused_ordinals(*parts: Leg, limit: int = 100) -> list[int]:
    return [hit.ordinal for hit in fuse(parts, weights=[1.0] * len(parts), limit=limit)]


def test_found_by_both_legs_beats_found_by_one() -> None:
    dense = leg(0.9, 0.8, 0.1)
    sparse = leg(12.0, 3.0, first=1)
    assert fused_ordinals(dense, sparse)[0] == 1


def test_the_fused_score_is_the_sum_of_z_scores() -> None:
    hits = fuse([leg(3.0, 1.0), leg(8.0, 4.0)], weights=[1.0, 0.5], limit=10)
    assert [hit.score for hit in hits] == pytest.approx([1.5, -1.5])


def test_a_chunk_that_a_leg_missed_counts_as_its_last() -> None:
    hits = fuse([leg(3.0, 1.0), leg(8.0, 4.0, first=5)], weights=[1.0, 1.0], limit=10)
    assert {hit.ordinal: hit.score for hit in hits} == pytest.approx({0: 0.0, 1: -2.0, 5: 0.0, 6: -2.0})


def test_the_only_hit_of_a_leg_still_counts() -> None:
    assert fused_ordinals(leg(0.5, 0.5, 0.5), leg(30.0, first=2))[0] == 2


def test_weights_decide_which_leg_leads() -> None:
    parts = [leg(1.0, 0.0), leg(0.0, 1.0)]
    assert fuse(parts, weights=[0.4, 0.6], limit=1)[0].ordinal == 1
    assert fuse(parts, weights=[0.6, 0.4], limit=1)[0].ordinal == 0


def test_ties_go_by_version_and_ordinal() -> None:
    first, second = sorted([uuid5(REPORT, "a"), uuid5(REPORT, "b")])
    hits = [Scored(second, 0, 1.0), Scored(first, 2, 1.0), Scored(first, 1, 1.0)]
    found = fuse([hits], weights=[1.0], limit=3)
    assert [(hit.version, hit.ordinal) for hit in found] == [(first, 1), (first, 2), (second, 0)]


def test_asking_for_more_does_not_change_the_top() -> None:
    dense, sparse = leg(*map(float, range(50))), leg(*map(float, range(50, 0, -1)), first=30)
    assert fused_ordinals(dense, sparse)[:20] == fused_ordinals(dense, sparse, limit=20)


def test_what_stands_deeper_follows_by_its_best_place() -> None:
    falling = leg(*map(float, range(50, 0, -1)))
    hits = fuse([falling, leg(*([1.0] * 25), first=25)], weights=[1.0, 1.0], limit=99, depth=20)
    assert [hit.ordinal for hit in hits[40:44]] == [20, 45, 21, 46]
    assert [hit.score for hit in hits] == sorted([hit.score for hit in hits], reverse=True)


def test_nothing_found_fuses_to_nothing() -> None:
    assert fuse([[], []], weights=[1.0, 1.0], limit=10) == []


@given(st.lists(legs, max_size=4), st.integers(0, 60))
def test_only_chunks_of_a_leg_come_out_and_each_once(parts: list[Leg], limit: int) -> None:
    found = fused_ordinals(*parts, limit=limit)
    assert set(found) <= {hit.ordinal for part in parts for hit in part}
    assert len(found) == len(set(found)) <= limit


@given(st.lists(legs, max_size=4), st.randoms(use_true_random=False))
def test_the_order_of_the_legs_does_not_matter(parts: list[Leg], random: Random) -> None:
    shuffled = [*parts]
    random.shuffle(shuffled)
    weights = [1.0] * len(parts)
    assert fuse(parts, weights=weights, limit=50) == fuse(shuffled, weights=weights, limit=50)


@given(legs, legs)
def test_what_is_better_in_every_leg_is_not_ranked_lower(dense: Leg, sparse: Leg) -> None:
    place = {ordinal: at for at, ordinal in enumerate(fused_ordinals(dense, sparse))}
    tops = [
        {hit.ordinal: hit.score for hit in sorted(part, key=lambda hit: -hit.score)[:20]}
        for part in (dense, sparse)
    ]
    shared = set(tops[0]) & set(tops[1]) & set(place)
    for one in shared:
        for other in shared:
            if all(top[one] > top[other] for top in tops):
                assert place[one] < place[other]

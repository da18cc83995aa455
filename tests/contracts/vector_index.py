"""What every vector index must do. A test class inherits `VectorIndexContract` and gives the fixture `reopen`."""

from collections.abc import Callable, Iterator
from datetime import date
from uuid import UUID, uuid5

import numpy as np
import pytest

from kb.index.protocol import DenseQuery, Facts, Narrowing, Point, Scope, Scored, SparseQuery, VectorIndex

PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = 10, 20, 30, 40
NAMESPACE = UUID("6f8a0d1e-2a77-4c55-9f3e-0b7a3c1d9e42")
REPORT = uuid5(NAMESPACE, "report")
MEMO = uuid5(NAMESPACE, "memo")
ALL = Scope(collections=frozenset({1, 2}), clearance=RESTRICTED)
ANY = Narrowing()
EAST, NORTH = (1.0, 0.0, 0.0, 0.0), (0.0, 1.0, 0.0, 0.0)
COMMON, RARE = 7, 4_000_000_000
MAY, JUNE = date(2026, 5, 31), date(2026, 6, 1)
POLICY, CONTRACT = 4, 9
NOTHING_KNOWN = Facts(category=None, tags=frozenset(), language=None, added=MAY)
LEASE = Facts(category=CONTRACT, tags=frozenset({"rent", "berlin"}), language="de", added=JUNE)
TRAVEL = Facts(category=POLICY, tags=frozenset({"train", "berlin"}), language="en", added=MAY)


def document_of(version: UUID) -> UUID:
    return uuid5(version, "document")


def make_point(
    ordinal: int = 0,
    *,
    version: UUID = REPORT,
    dense: tuple[float, ...] = EAST,
    terms: tuple[int, ...] = (COMMON,),
    collection: int = 1,
    sensitivity: int = PUBLIC,
    facts: Facts = NOTHING_KNOWN,
) -> Point:
    vector = np.array(dense, dtype=np.float32)
    return Point(
        id=uuid5(version, str(ordinal)),
        dense=vector / np.linalg.norm(vector),
        sparse_indices=terms,
        sparse_values=(1.0,) * len(terms),
        collection=collection,
        document=document_of(version),
        version=version,
        ordinal=ordinal,
        sensitivity=sensitivity,
        facts=facts,
    )


def nearest(
    index: VectorIndex, scope: Scope = ALL, narrowing: Narrowing = ANY, limit: int = 100
) -> list[Scored]:
    """Dense search for EAST."""
    query = DenseQuery(np.array(EAST, dtype=np.float32))
    return index.search(query, scope=scope, narrowing=narrowing, limit=limit)


def with_terms(index: VectorIndex, *terms: int) -> list[Scored]:
    query = SparseQuery(terms, (1.0,) * len(terms))
    return index.search(query, scope=ALL, narrowing=ANY, limit=100)


def ordinals(hits: list[Scored]) -> list[int]:
    return [hit.ordinal for hit in hits]


class VectorIndexContract:
    @pytest.fixture
    def reopen(self) -> Callable[[], VectorIndex]:
        """Opens the same index each time; the first time it is empty. Every engine's tests say how."""
        pytest.fail("An engine's tests must say how its index is opened.")

    @pytest.fixture
    def index(self, reopen: Callable[[], VectorIndex]) -> Iterator[VectorIndex]:
        index = reopen()
        yield index
        index.close()

    # What may be seen

    def test_an_empty_scope_sees_nothing(self, index: VectorIndex) -> None:
        index.upsert([make_point()])
        assert nearest(index, Scope(frozenset(), RESTRICTED)) == []

    def test_other_collections_are_not_seen(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, collection=1), make_point(1, collection=2)])
        assert ordinals(nearest(index, Scope(frozenset({2}), RESTRICTED))) == [1]

    @pytest.mark.parametrize("clearance", [0, PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED])
    def test_nothing_above_the_clearance_is_seen(self, index: VectorIndex, clearance: int) -> None:
        labels = (PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED)
        index.upsert([make_point(label, sensitivity=label) for label in labels])
        seen = ordinals(nearest(index, Scope(frozenset({1}), clearance)))
        assert sorted(seen) == [label for label in labels if label <= clearance]

    def test_sparse_search_keeps_to_the_scope_too(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, sensitivity=RESTRICTED), make_point(1, collection=2), make_point(2)])
        query = SparseQuery((COMMON,), (1.0,))
        hits = index.search(query, scope=Scope(frozenset({1}), INTERNAL), narrowing=ANY, limit=100)
        assert ordinals(hits) == [2]

    @pytest.mark.parametrize(
        ("narrowing", "expected"),
        [
            (Narrowing(collections=frozenset({2})), [1]),
            (Narrowing(documents=frozenset({document_of(MEMO)})), [1]),
            (Narrowing(versions=frozenset({REPORT})), [0]),
            (Narrowing(collections=frozenset({1}), versions=frozenset({MEMO})), []),
            (Narrowing(collections=frozenset({1, 2}), versions=frozenset({MEMO, REPORT})), [0, 1]),
        ],
    )
    def test_narrowing_keeps_to_what_is_named(
        self, index: VectorIndex, narrowing: Narrowing, expected: list[int]
    ) -> None:
        index.upsert([make_point(0, collection=1), make_point(1, version=MEMO, collection=2)])
        assert sorted(ordinals(nearest(index, narrowing=narrowing))) == expected

    def test_narrowing_never_widens_the_scope(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, collection=1), make_point(1, collection=2)])
        wish = Narrowing(collections=frozenset({1, 2}), versions=frozenset({REPORT}))
        assert ordinals(nearest(index, Scope(frozenset({1}), RESTRICTED), wish)) == [0]

    @pytest.mark.parametrize(
        ("narrowing", "expected"),
        [
            (Narrowing(categories=frozenset({POLICY})), [1]),
            (Narrowing(categories=frozenset({POLICY, CONTRACT})), [0, 1]),
            (Narrowing(tags=frozenset({"berlin"})), [0, 1]),
            (Narrowing(tags=frozenset({"rent", "unknown"})), [0]),
            (Narrowing(languages=frozenset({"en"})), [1]),
            (Narrowing(languages=frozenset({"en", "de"})), [0, 1]),
            (Narrowing(since=JUNE), [0]),
            (Narrowing(until=MAY), [1, 2]),
            (Narrowing(since=MAY, until=JUNE), [0, 1, 2]),
            (Narrowing(since=JUNE, until=MAY), []),
            (Narrowing(categories=frozenset({POLICY}), tags=frozenset({"rent"})), []),
            (Narrowing(tags=frozenset({"berlin"}), languages=frozenset({"de"}), since=MAY), [0]),
        ],
    )
    def test_narrowing_keeps_to_the_facts_that_are_asked_for(
        self, index: VectorIndex, narrowing: Narrowing, expected: list[int]
    ) -> None:
        index.upsert([make_point(0, facts=LEASE), make_point(1, facts=TRAVEL), make_point(2)])
        assert sorted(ordinals(nearest(index, narrowing=narrowing))) == expected

    def test_sparse_search_is_narrowed_too(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, facts=LEASE), make_point(1, facts=TRAVEL)])
        rent = Narrowing(tags=frozenset({"rent"}))
        hits = index.search(SparseQuery((COMMON,), (1.0,)), scope=ALL, narrowing=rent, limit=100)
        assert ordinals(hits) == [0]

    @pytest.mark.parametrize(
        "field", ["collections", "documents", "versions", "categories", "tags", "languages"]
    )
    def test_narrowing_to_an_empty_set_matches_nothing(self, index: VectorIndex, field: str) -> None:
        index.upsert([make_point(facts=LEASE)])
        assert nearest(index, narrowing=Narrowing(**{field: frozenset()})) == []

    # How it ranks

    def test_dense_hits_come_in_order_of_cosine(self, index: VectorIndex) -> None:
        index.upsert(
            [make_point(0, dense=NORTH), make_point(1, dense=EAST), make_point(2, dense=(1.0, 1.0, 0.0, 0.0))]
        )
        hits = nearest(index)
        assert ordinals(hits) == [1, 2, 0]
        assert [hit.score for hit in hits] == pytest.approx([1.0, 0.5**0.5, 0.0], abs=1e-4)

    def test_a_hit_says_which_chunk_it_is(self, index: VectorIndex) -> None:
        index.upsert([make_point(3, version=MEMO)])
        [hit] = nearest(index)
        assert (hit.version, hit.ordinal) == (MEMO, 3)

    def test_the_limit_keeps_the_best(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, dense=NORTH), make_point(1), make_point(2, dense=NORTH)])
        assert ordinals(nearest(index, limit=1)) == [1]

    def test_a_rare_term_outweighs_a_common_one(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, terms=(RARE,)), *(make_point(number) for number in range(1, 10))])
        hits = with_terms(index, COMMON, RARE)
        assert hits[0].ordinal == 0
        assert hits[0].score > 3 * hits[1].score

    def test_sparse_hits_share_a_term_with_the_query(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, terms=(COMMON,)), make_point(1, terms=(RARE,)), make_point(2, terms=())])
        assert ordinals(with_terms(index, RARE)) == [1]

    def test_a_query_without_terms_finds_nothing(self, index: VectorIndex) -> None:
        index.upsert([make_point()])
        assert with_terms(index) == []

    # How it is written

    def test_an_index_that_was_never_written_is_empty(self, index: VectorIndex) -> None:
        index.delete_version(REPORT)
        index.relabel(REPORT, [PUBLIC])
        index.describe(REPORT, LEASE)
        index.shelve(REPORT, 2)
        index.upsert([])
        assert (nearest(index), index.count(), list(index.versions())) == ([], 0, [])

    def test_writing_a_point_again_changes_nothing(self, index: VectorIndex) -> None:
        index.upsert([make_point(0), make_point(1)])
        index.upsert([make_point(0), make_point(1)])
        assert index.count() == 2

    def test_writing_a_point_again_replaces_all_of_it(self, index: VectorIndex) -> None:
        index.upsert([make_point(terms=(RARE,), sensitivity=PUBLIC)])
        index.upsert([make_point(terms=(COMMON,), sensitivity=RESTRICTED)])
        assert with_terms(index, RARE) == []
        assert nearest(index, Scope(frozenset({1}), CONFIDENTIAL)) == []

    def test_more_points_than_one_batch_are_all_written(self, index: VectorIndex) -> None:
        index.upsert([make_point(number) for number in range(600)])
        assert index.count() == 600

    def test_a_deleted_version_is_gone_and_others_stay(self, index: VectorIndex) -> None:
        index.upsert([make_point(0), make_point(1), make_point(0, version=MEMO)])
        index.delete_version(REPORT)
        assert list(index.versions()) == [(MEMO, 1)]
        assert [hit.version for hit in with_terms(index, COMMON)] == [MEMO]

    def test_delete_stale_drops_what_a_longer_run_left(self, index: VectorIndex) -> None:
        index.upsert([make_point(number) for number in range(5)])
        index.upsert([make_point(9, version=MEMO)])
        index.delete_stale(REPORT, keep=3)
        assert dict(index.versions()) == {REPORT: 3, MEMO: 1}

    def test_relabelled_points_are_seen_by_their_new_label(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, sensitivity=RESTRICTED), make_point(1), make_point(1, version=MEMO)])
        index.relabel(REPORT, [INTERNAL, RESTRICTED])
        seen = nearest(index, Scope(frozenset({1}), INTERNAL))
        assert {(hit.version, hit.ordinal) for hit in seen} == {(REPORT, 0), (MEMO, 1)}

    def test_described_points_are_found_by_their_new_facts(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, facts=LEASE), make_point(1), make_point(2, version=MEMO, facts=LEASE)])
        index.describe(REPORT, TRAVEL)
        assert ordinals(nearest(index, narrowing=Narrowing(categories=frozenset({CONTRACT})))) == [2]
        assert sorted(ordinals(nearest(index, narrowing=Narrowing(tags=frozenset({"train"}))))) == [0, 1]
        assert sorted(ordinals(nearest(index, narrowing=Narrowing(until=MAY)))) == [0, 1]

    def test_facts_that_are_no_longer_known_are_forgotten(self, index: VectorIndex) -> None:
        index.upsert([make_point(facts=LEASE)])
        index.describe(REPORT, NOTHING_KNOWN)
        for gone in (
            Narrowing(categories=frozenset({CONTRACT})),
            Narrowing(tags=LEASE.tags),
            Narrowing(languages=frozenset({"de"})),
        ):
            assert nearest(index, narrowing=gone) == []

    def test_describing_leaves_the_labels_as_they_are(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, sensitivity=RESTRICTED), make_point(1, collection=2)])
        index.describe(REPORT, TRAVEL)
        assert ordinals(nearest(index, Scope(frozenset({1, 2}), INTERNAL))) == [1]
        assert ordinals(nearest(index, Scope(frozenset({1}), RESTRICTED))) == [0]

    def test_shelved_points_are_found_in_their_new_collection_only(self, index: VectorIndex) -> None:
        index.upsert([make_point(0), make_point(1, version=MEMO)])
        index.shelve(REPORT, 2)
        assert ordinals(nearest(index, Scope(frozenset({1}), RESTRICTED))) == [1]
        assert ordinals(nearest(index, Scope(frozenset({2}), RESTRICTED))) == [0]

    def test_versions_says_how_many_points_each_has(self, index: VectorIndex) -> None:
        index.upsert([make_point(0), make_point(1), make_point(0, version=MEMO)])
        assert dict(index.versions()) == {REPORT: 2, MEMO: 1}

    def test_the_vectors_of_points_are_given_back_as_they_were_written(self, index: VectorIndex) -> None:
        index.upsert([make_point(0, dense=EAST), make_point(1, dense=NORTH), make_point(0, version=MEMO)])
        [north] = index.vectors([make_point(1).id])
        np.testing.assert_allclose(north, NORTH, atol=1e-6)
        assert len(index.vectors([make_point(1).id, make_point(0, version=MEMO).id])) == 2

    def test_a_search_can_be_kept_to_some_points(self, index: VectorIndex) -> None:
        index.upsert([make_point(0), make_point(1, dense=NORTH), make_point(2, sensitivity=RESTRICTED)])
        east = np.array(EAST, dtype=np.float32)
        among = frozenset({make_point(1).id, make_point(2).id, make_point(7).id})
        scope = Scope(frozenset({1}), PUBLIC)
        hits = index.search(DenseQuery(east, among=among), scope=scope, narrowing=ANY, limit=9)
        assert ordinals(hits) == [1]
        assert index.search(DenseQuery(east, frozenset()), scope=scope, narrowing=ANY, limit=9) == []

    def test_points_that_are_gone_have_no_vectors(self, index: VectorIndex) -> None:
        assert index.vectors([make_point(0).id]) == []
        index.upsert([make_point(0)])
        assert index.vectors([make_point(7).id, make_point(0, version=MEMO).id]) == []

    def test_a_cleared_index_is_empty_and_can_be_filled_again(self, index: VectorIndex) -> None:
        index.upsert([make_point(0), make_point(1)])
        index.clear()
        assert (index.count(), nearest(index)) == (0, [])
        index.upsert([make_point(4)])
        assert ordinals(nearest(index)) == [4]

    def test_what_was_written_is_there_when_it_is_opened_again(
        self, reopen: Callable[[], VectorIndex]
    ) -> None:
        index = reopen()
        index.upsert([make_point(0), make_point(1, sensitivity=RESTRICTED)])
        index.close()
        index = reopen()
        assert ordinals(nearest(index, Scope(frozenset({1}), PUBLIC))) == [0]
        assert index.count() == 2
        index.close()

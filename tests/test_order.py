"""Whose turn it is: priority, then people, then batches; and nobody waits for ever."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from ingestion.lease import Lease
from kb.models import Batch, Collection, Document, Pause, Person, Priority, StageRun, Version
from kb.models.library import Stage
from tests.builders import make_version

PEOPLE = ("alice", "bob", "dana")
UPLOADS = st.lists(
    st.tuples(st.sampled_from(PEOPLE), st.integers(0, 2), st.sampled_from(Priority)), min_size=1, max_size=10
)
"""Who brought a file in, in which of his batches (0: in none), and its priority."""


@pytest.fixture
def people(alice: Person, bob: Person, dana: Person) -> dict[str, Person]:
    return {"alice": alice, "bob": bob, "dana": dana}


def make_batch(person: Person, shelf: Collection, name: str = "import") -> Batch:
    return Batch.objects.create(person=person, collection=shelf, name=name, door=Batch.Door.PORTAL)


def bring(
    person: Person,
    shelf: Collection,
    batch: Batch | None = None,
    *,
    count: int = 1,
    priority: Priority = Priority.NORMAL,
) -> list[Version]:
    documents = [Document(title=f"File {n}", collection=shelf, owner=person) for n in range(count)]
    Document.objects.bulk_create(documents)
    return [make_version(document, batch=batch, priority=priority) for document in documents]


def take() -> Version:
    lease = Lease.claim_next()
    assert lease is not None
    return lease.version


def work_off() -> list[Version]:
    """All that waits, in the order in which one worker takes it."""
    done = []
    while lease := Lease.claim_next():
        lease.settle(Stage.READY)
        done.append(lease.version)
    return done


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(uploads=UPLOADS)
def test_the_higher_priority_goes_first_and_everybody_is_served_in_each_round(
    uploads: list[tuple[str, int, Priority]], people: dict[str, Person], shelf: Collection
) -> None:
    Version.objects.all().delete()
    batches = {(name, n): make_batch(people[name], shelf) for name, n, _ in uploads if n}
    for name, n, priority in uploads:
        bring(people[name], shelf, batches.get((name, n)), priority=priority)
    done = work_off()
    assert len({version.pk for version in done}) == len(done) == len(uploads)
    assert [version.priority for version in done] == sorted((each[2] for each in uploads), reverse=True)
    for priority in Priority:
        of_it = [version.document.owner.username for version in done if version.priority == priority]
        assert longest_wait(of_it) < len(set(of_it)) or not of_it


def longest_wait(order: list[str]) -> int:
    """The most turns of others in a row while somebody had something left."""
    left, waited, longest = Counter(order), Counter[str](), 0
    for served in order:
        longest = max(longest, waited[served])
        left[served] -= 1
        waited = Counter({each: 0 if each == served else waited[each] + 1 for each in left if left[each]})
    return longest


def test_a_single_upload_overtakes_an_import_of_somebody_else(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    bring(dana, shelf, make_batch(dana, shelf), count=5)
    take()
    [single] = bring(alice, shelf)
    assert take() == single


def test_a_single_upload_overtakes_the_same_persons_import(dana: Person, shelf: Collection) -> None:
    bring(dana, shelf, make_batch(dana, shelf), count=5)
    take()
    [single] = bring(dana, shelf)
    assert take() == single


def test_whoever_has_the_fewest_in_work_goes_first_though_he_was_served_last(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    bring(dana, shelf, count=3)
    bring(alice, shelf, count=3)
    running = [take(), take()]
    assert {version.document.owner for version in running} == {alice, dana}
    lease = Lease(running[0], running[0].lease)
    lease.settle(Stage.READY)
    assert take().document.owner == running[0].document.owner


def test_within_a_batch_the_oldest_goes_first(dana: Person, shelf: Collection) -> None:
    versions = bring(dana, shelf, make_batch(dana, shelf), count=3)
    assert work_off() == versions


def test_while_ingestion_is_paused_nothing_is_taken_and_what_runs_ends(
    dana: Person, shelf: Collection
) -> None:
    running, waiting = bring(dana, shelf, count=2)
    lease = Lease.claim(running.pk)
    Pause.objects.create()
    assert (Lease.claim_next(), Lease.claim(waiting.pk)) == (None, None)
    assert lease is not None
    lease.settle(Stage.READY)
    Pause.objects.all().delete()
    assert take() == waiting


def test_a_version_that_waits_after_a_fault_is_not_taken_before_its_time(
    dana: Person, shelf: Collection
) -> None:
    [version] = bring(dana, shelf)
    Version.objects.update(not_before=timezone.now() + timedelta(seconds=20))
    assert Lease.claim_next() is None
    Version.objects.update(not_before=timezone.now())
    assert take() == version


def test_choosing_takes_as_many_queries_however_much_waits(
    dana: Person, shelf: Collection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    bring(dana, shelf, make_batch(dana, shelf), count=30)
    # What waits by lane, who was served, the version, and the compare-and-set.
    with django_assert_num_queries(4):
        take()
    assert not StageRun.objects.exists()

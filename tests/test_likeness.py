"""What is nearly the same is told, and a new version is asked about; both only to those who may see both."""

import numpy as np
import pytest

from ingestion.sources.fingerprint import fingerprint_of, shares
from ingestion.sources.likeness import compare, is_like_name, same_bytes, versions_offered
from kb.models import Collection, Document, Likeness, Person, Sensitivity, Version
from tests.builders import make_collection, make_document

POLICY = " ".join(
    f"Rule {number}: trains to city {number * 7} are booked in second class." for number in range(60)
)
CHANGED = POLICY.replace("second", "first", 12)
OTHER = " ".join(f"Step {number}: clean part {number} of the oven with water." for number in range(60))

pytestmark = pytest.mark.django_db


def bring(shelf: Collection, owner: Person, text: str, name: str, **fields: object) -> Version:
    document = make_document(shelf, owner=owner, title=name.rpartition(".")[0], **fields)
    version = document.versions.get()
    version.name = name
    version.save()
    compare(version, [text])
    return version


def likeness(version: Version) -> Likeness:
    return Likeness.objects.get(version=version)


def test_the_estimate_is_near_the_true_similarity() -> None:
    words = [f"w{number}" for number in range(1_200)]
    one, other = (fingerprint_of([" ".join(part)]).signature for part in (words[:1_000], words[200:]))
    assert shares(one, np.stack([one, other])) == pytest.approx([1.0, 798 / 1_198], abs=0.12)


@pytest.mark.parametrize(
    ("one", "other", "alike"),
    [
        ("Travel_Policy_v2.docx", "travel policy final (1).pdf", True),
        ("Lease 2024-03-12.pdf", "Lease March 2026.pdf", True),
        ("Lease.pdf", "Release.pdf", False),
        ("2024.pdf", "2025.pdf", False),
        ("Market plan.txt", "Plan.txt", False),
    ],
)
def test_names_are_alike_but_for_marks_of_versions(
    shelf: Collection, dana: Person, one: str, other: str, alike: bool
) -> None:
    first, second = bring(shelf, dana, POLICY, one), bring(shelf, dana, POLICY, other)
    assert is_like_name(first, second) is alike


def test_a_changed_text_of_a_like_name_is_asked_about(shelf: Collection, dana: Person, alice: Person) -> None:
    first = bring(shelf, dana, POLICY, "policy.txt")
    bring(shelf, dana, OTHER, "oven.txt")
    second = bring(shelf, dana, CHANGED, "policy v2.txt")
    [question] = versions_offered(dana)
    assert (question.version, question.like, question.share > 0.5) == (second, first, True)
    assert not versions_offered(alice)  # She reads, and may change nothing.


def test_the_later_one_is_asked_about_whichever_was_read_first(shelf: Collection, dana: Person) -> None:
    first = make_document(shelf, owner=dana, title="Policy 2025").versions.get()
    second = bring(shelf, dana, CHANGED, "Policy 2026.txt")
    compare(first, [POLICY])
    [question] = versions_offered(dana)
    assert (question.version, question.like) == (second, first)


def test_the_same_text_is_nearly_the_same_and_no_new_version(shelf: Collection, dana: Person) -> None:
    first, second = (
        bring(shelf, dana, POLICY, "policy.txt"),
        bring(shelf, dana, f"\n{POLICY}\n", "policy.pdf"),
    )
    [near] = Likeness.objects.nearly_the_same(dana)
    assert (near.version, near.like, near.share) == (second, first, 1.0)
    assert not versions_offered(dana)


def test_what_is_of_another_name_is_told_and_not_asked_about(shelf: Collection, dana: Person) -> None:
    bring(shelf, dana, POLICY, "policy.txt")
    bring(shelf, dana, POLICY.replace("second", "first", 1), "minutes.txt")
    assert Likeness.objects.nearly_the_same(dana).count() == 1
    assert not versions_offered(dana)


def test_nothing_is_said_of_what_a_person_may_not_see(shelf: Collection, dana: Person, alice: Person) -> None:
    shelf.editor_people.add(alice)
    bring(shelf, dana, POLICY, "policy.txt", sensitivity=Sensitivity.RESTRICTED)
    hers = bring(shelf, alice, CHANGED, "policy v2.txt")
    assert likeness(hers).like is None
    mine = bring(
        shelf, dana, POLICY.replace("second", "first", 1), "policy v3.txt", sensitivity=Sensitivity.PUBLIC
    )
    assert likeness(mine).like is not None
    assert not versions_offered(alice) and not Likeness.objects.nearly_the_same(alice)


def test_another_collection_is_not_compared(shelf: Collection, dana: Person) -> None:
    bring(make_collection("Board", editors=[dana]), dana, POLICY, "policy.txt")
    assert likeness(bring(shelf, dana, CHANGED, "policy v2.txt")).like is None


def test_many_copies_cost_a_few_queries_each(
    shelf: Collection, dana: Person, django_assert_max_num_queries
) -> None:
    for number in range(30):
        bring(shelf, dana, POLICY, f"copy {number}.txt")
    last = make_document(shelf, owner=dana).versions.get()
    with django_assert_max_num_queries(60):
        compare(last, [POLICY])


def test_the_same_bytes_are_told_to_those_who_may_see_them(
    shelf: Collection, dana: Person, alice: Person
) -> None:
    document = make_document(shelf, owner=dana, sensitivity=Sensitivity.RESTRICTED)
    sha256 = document.versions.get().sha256
    assert (same_bytes(dana, shelf, sha256), same_bytes(alice, shelf, sha256)) == (document, None)
    assert same_bytes(dana, make_collection("Board", editors=[dana]), sha256) is None
    Document.objects.update(sensitivity=Sensitivity.PUBLIC)
    assert same_bytes(alice, shelf, sha256) == document

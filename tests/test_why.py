"""The explanation of who sees what says the same as the rule that decides, for all people and documents."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.db import transaction
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from kb.models import Collection, Document, Person, Reveal, Sensitivity
from kb.people.why import Obstacle, concerned, explain
from tests.builders import make_collection, make_document
from tests.visiting import page_of, text_of

labels = st.sampled_from(Sensitivity)
chosen = st.frozensets(st.integers(0, 2))
"""Which of three people, groups or collections."""
people = st.lists(
    st.fixed_dictionaries(
        {
            "clearance": labels,
            "is_active": st.sampled_from([True, True, False]),
            "is_staff": st.booleans(),
            "groups": chosen,
            "reveals": st.booleans(),
        }
    ),
    min_size=3,
    max_size=3,
)
shelves = st.lists(st.tuples(chosen, chosen, chosen, chosen), min_size=1, max_size=2)
documents = st.lists(
    st.fixed_dictionaries(
        {
            "shelf": st.integers(0, 1),
            "owner": st.integers(0, 2),
            "label": labels,
            "decided": st.sampled_from([True, True, False]),
        }
    ),
    min_size=1,
    max_size=4,
)


@pytest.mark.django_db
@given(people=people, shelves=shelves, documents=documents)
@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[*HealthCheck])
def test_the_explanation_is_the_rule(people: list, shelves: list, documents: list) -> None:
    with transaction.atomic():
        everybody, held = house(people, shelves, documents)
        for document in held:
            told = {each.person: each for each in explain(document, everybody)}
            for person in everybody:
                sees = Document.objects.visible_to(person).filter(pk=document.pk).exists()
                opens = Document.objects.open_to(person).filter(pk=document.pk).exists()
                assert (told[person].sees, told[person].opens) == (sees, opens)
            unconcerned = {*everybody} - {*concerned(document)}
            assert not any(told[person].opens for person in unconcerned)
        transaction.set_rollback(True)


def house(people: list, shelves: list, documents: list) -> tuple[list[Person], list[Document]]:
    groups = [Group.objects.create(name=f"group {number}") for number in range(3)]
    everybody = [make_person(number, facts, groups) for number, facts in enumerate(people)]
    made = [make_shelf(named, everybody, groups) for named in shelves]
    held = []
    for facts in documents:
        shelf, owner = made[facts["shelf"] % len(made)], everybody[facts["owner"]]
        document = make_document(shelf, owner=owner, sensitivity=facts["label"], chunks=[])
        if not facts["decided"]:
            document.sensitivity_by = Document.DecidedBy.NOBODY
            document.save()
        held.append(document)
    until = timezone.now() + timedelta(hours=1)
    for person, facts in zip(everybody, people, strict=True):
        if facts["reveals"]:
            Reveal.objects.create(person=person, document=held[0], reason="To see.", until=until)
    return everybody, held


def make_person(number: int, facts: dict, groups: list[Group]) -> Person:
    fields = {name: facts[name] for name in ("clearance", "is_active", "is_staff")}
    person = Person.objects.create(username=f"person {number}", **fields)
    person.groups.set([groups[each] for each in facts["groups"]])
    return person


def make_shelf(named: tuple, everybody: list[Person], groups: list[Group]) -> Collection:
    readers, editors, reader_groups, editor_groups = named
    shelf = make_collection(
        readers=[everybody[each] for each in readers], editors=[everybody[each] for each in editors]
    )
    shelf.reader_groups.set([groups[each] for each in reader_groups])
    shelf.editor_groups.set([groups[each] for each in editor_groups])
    return shelf


# --- Single cases -----------------------------------------------------------------------------------------


def explained(document: Document, person: Person):
    [found] = explain(document, [person])
    return found


def test_it_names_the_way_in_and_what_stands_in_it(
    alice: Person, bob: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    bob.is_active = False
    by_name, by_group = explained(document, dana), explained(document, alice)
    assert [(str(way.holder), way.role) for way in by_name.ways] == [("Dana", "editor"), ("staff", "reader")]
    assert [(str(way.holder), way.role) for way in by_group.ways] == [("staff", "reader")]
    assert explained(document, bob).obstacles == (Obstacle.SUSPENDED, Obstacle.CLEARANCE)
    assert explained(document, charlie).obstacles == (Obstacle.CLOSED, Obstacle.CLEARANCE)


# --- The page ---------------------------------------------------------------------------------------------


def test_editors_and_administrators_who_see_it_read_who_else_does(
    alice: Person, bob: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    address = reverse("document-readers", args=[document.pk])
    assert [page_of(who, address).status_code for who in (alice, bob, charlie, dana)] == [404, 404, 404, 200]
    charlie.is_staff = True
    charlie.save()
    assert page_of(charlie, address).status_code == 404
    shelf.editor_people.add(alice)
    page = " ".join(text_of(page_of(alice, address)).split())
    assert "reader by the group “staff”" in page and "the label is above his clearance" in page


def test_of_whom_nothing_concerns_not_even_the_name_is_confirmed(
    charlie: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    address = reverse("document-readers", args=[document.pk])
    told = [text_of(page_of(dana, f"{address}?person={name}")) for name in ("charlie", "nobody")]
    assert all("Nobody with this user name comes into the collection" in page for page in told)
    assert "Dana sees it." in text_of(page_of(dana, f"{address}?person=dana"))

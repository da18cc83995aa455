"""Accounts and groups: who may change what, that nobody opens anything to himself, and that suspended means out."""

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from kb.errors import Denied, Rejected
from kb.models import Collection, Document, Event, Person, Sensitivity
from kb.people import accounts, groups
from kb.people.accounts import Facts
from kb.people.handover import HandedOver, hand_over
from tests.builders import make_collection, make_document, make_key
from tests.visiting import page_of, signed_in, text_of

PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED = Sensitivity


def facts_of(person: Person, **changed: object) -> Facts:
    said = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "email": person.email,
        "clearance": person.clearance,
        "administers": person.is_staff,
        "groups": list(person.groups.all()),
    }
    return Facts(**{**said, **changed})


@pytest.fixture
def erin(dana: Person) -> Person:
    """Another administrator, in no group, up to CONFIDENTIAL."""
    return Person.objects.create(username="erin", is_staff=True, clearance=CONFIDENTIAL)


# --- Who comes in -----------------------------------------------------------------------------------------

GETS = [
    "people",
    "people-import",
    "person-add",
    "person",
    "groups",
    "group",
    "tags",
    "shelf",
    "shelf-documents",
]
POSTS = [
    "person", "people-import", "person-add", "person-undo", "person-suspend", "person-reactivate", "person-link",
    "person-hand-over", "person-delete",
    "groups", "group", "group-join", "group-leave", "group-delete", "tag-rename", "tag-delete",
    "tags-undo", "shelf",
    "shelf-documents", "shelf-delete",
    "example-add", "example-delete",
]  # fmt: skip


def address_of(name: str) -> str:
    """Of the first of each kind: what is there does not matter to whom it is closed."""
    kinds = {"group-leave": [1, 1], "example-delete": [1, 1]}
    plain = (
        "people",
        "people-import",
        "person-add",
        "groups",
        "tags",
        "tag-rename",
        "tag-delete",
        "tags-undo",
    )
    return reverse(name, args=[] if name in plain else kinds.get(name, [1]))


@pytest.mark.parametrize("method", ["get", "post"])
def test_to_all_but_administrators_the_pages_do_not_exist(
    method: str, alice: Person, charlie: Person, shelf: Collection
) -> None:
    for client in map(signed_in, (alice, charlie)):
        nowhere = client.get("/nowhere/").content
        for name in GETS if method == "get" else POSTS:
            reply = getattr(client, method)(address_of(name))
            assert (name, reply.status_code, reply.content) == (name, 404, nowhere)
    assert Client().get(reverse("people")).status_code == 302
    assert not Event.objects.exists()


def test_an_administrator_gets_every_page(dana: Person, staff: Group, shelf: Collection) -> None:
    args = {"person": dana.pk, "group": staff.pk, "shelf": shelf.pk, "shelf-documents": shelf.pk}
    pages = {name: page_of(dana, reverse(name, args=[args[name]] if name in args else [])) for name in GETS}
    assert {name: page.status_code for name, page in pages.items()} == dict.fromkeys(GETS, 200)


# --- Clearance and the right to administer ----------------------------------------------------------------


def test_nobody_gives_a_clearance_above_his_own(alice: Person, erin: Person) -> None:
    with pytest.raises(Denied, match="Restricted is above your own clearance"):
        accounts.change(alice, facts_of(alice, clearance=RESTRICTED), erin)
    with pytest.raises(Denied, match="Restricted is above your own clearance"):
        accounts.add("frank", facts_of(alice, clearance=RESTRICTED), erin)
    accounts.change(alice, facts_of(alice, clearance=PUBLIC), erin)
    alice.refresh_from_db()
    assert alice.clearance == PUBLIC
    assert Event.objects.get().note == "Changed “alice”: CONFIDENTIAL, in staff → PUBLIC, in staff."


def test_a_clearance_above_ones_own_is_kept_or_lowered(dana: Person, erin: Person) -> None:
    accounts.change(dana, facts_of(dana, last_name="Ott"), erin)
    dana.refresh_from_db()
    assert (dana.last_name, dana.clearance) == ("Ott", RESTRICTED)
    with pytest.raises(Denied, match="Restricted is above your own clearance"):
        accounts.password_link(dana, erin)


@pytest.mark.parametrize("change", [{"clearance": PUBLIC}, {"administers": False}])
def test_nobody_changes_his_own_rights(change: dict[str, object], dana: Person) -> None:
    with pytest.raises(Denied, match="Nobody changes his own clearance"):
        accounts.change(dana, facts_of(dana, **change), dana)


def test_of_two_administrators_who_depose_each_other_one_stays(dana: Person, erin: Person) -> None:
    accounts.change(dana, facts_of(dana, administers=False), erin)
    with pytest.raises(Denied, match="Only administrators may do this"):
        accounts.change(erin, facts_of(erin, administers=False), dana)
    assert Person.objects.filter(is_staff=True, is_active=True).get() == erin


def test_the_last_administrator_cannot_suspend_or_remove_himself(dana: Person) -> None:
    for verb in (accounts.suspend, accounts.remove):
        with pytest.raises(Denied, match="Ask another administrator"):
            verb(dana, dana)


# --- Nobody opens anything to himself ---------------------------------------------------------------------


def test_nobody_puts_himself_into_a_group_that_opens_something_to_him(
    erin: Person, staff: Group, shelf: Collection
) -> None:
    with pytest.raises(Denied, match="This would open “Handbook” to yourself"):
        groups.join(staff, erin, erin)
    with pytest.raises(Denied, match="This would open “Handbook” to yourself"):
        accounts.change(erin, facts_of(erin, groups=[staff]), erin)
    assert not erin.groups.exists() and not Event.objects.exists()


def test_another_administrator_may(dana: Person, erin: Person, staff: Group) -> None:
    groups.join(staff, erin, dana)
    assert list(erin.groups.all()) == [staff]


# --- Suspended --------------------------------------------------------------------------------------------


def test_a_suspended_account_is_out_at_once_and_for_good(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    session, token = signed_in(alice), make_key(alice)
    link = accounts.password_link(alice, dana)
    signed_in(dana).post(reverse("person-suspend", args=[alice.pk]))
    bearer = {"Authorization": f"Bearer {token}"}
    assert session.get(reverse("library")).status_code == 302
    assert Client().get("/api/v1/collections", headers=bearer).status_code == 401
    signed_in(dana).post(reverse("person-reactivate", args=[alice.pk]))
    assert session.get(reverse("library")).status_code == 302
    assert Client().get("/api/v1/collections", headers=bearer).status_code == 401
    assert "This link does not work" in text_of(Client().get(link, follow=True))


def test_a_person_chooses_a_password_once_with_the_link(dana: Person) -> None:
    frank = accounts.add("frank", facts_of(dana, administers=False, groups=[]), dana)
    page = text_of(signed_in(dana).post(reverse("person-link", args=[frank.pk])))
    link = page.split("http://testserver")[1].split("<")[0].strip()
    client = Client()
    form = client.get(link, follow=True)
    chosen = {"new_password1": "correct horse battery", "new_password2": "correct horse battery"}
    client.post(form.request["PATH_INFO"], chosen)
    frank.refresh_from_db()
    assert frank.check_password("correct horse battery")
    assert "This link does not work" in text_of(Client().get(link, follow=True))


def test_only_an_account_that_nothing_refers_to_is_removed(
    alice: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=alice)
    erin = accounts.add("erin", facts_of(charlie), dana)
    Event.objects.create(person=erin, verb=Event.Verb.PERSON)
    for person in (alice, erin):
        with pytest.raises(Rejected, match="Suspend the account instead"):
            accounts.remove(person, dana)
    accounts.remove(charlie, dana)
    assert set(Person.objects.values_list("username", flat=True)) == {"alice", "dana", "erin"}


# --- Adding and finding -----------------------------------------------------------------------------------


def test_a_person_is_added_by_form(dana: Person, staff: Group) -> None:
    form = {"username": "frank", "first_name": "Frank", "clearance": "20", "groups": [staff.pk]}
    signed_in(dana).post(reverse("person-add"), form)
    frank = Person.objects.get(username="frank")
    assert (frank.clearance, list(frank.groups.all()), frank.is_staff) == (INTERNAL, [staff], False)
    assert not frank.has_usable_password()
    refused = text_of(signed_in(dana).post(reverse("person-add"), {**form, "username": "FRANK"}))
    assert "There is a person with the user name “frank” already." in refused


@pytest.mark.parametrize(
    ("narrowing", "names"),
    [
        ("", ["alice", "bob", "charlie", "dana"]),
        ("q=ali", ["alice"]),
        ("state=staff", ["dana"]),
        ("state=suspended", []),
        ("state=nonsense", ["alice", "bob", "charlie", "dana"]),
    ],
)
def test_people_are_found(
    narrowing: str, names: list[str], alice: Person, bob: Person, charlie: Person, dana: Person
) -> None:
    page = page_of(dana, f"{reverse('people')}?{narrowing}").context["page"]
    assert [person.username for person in page] == names


# --- Handing over -----------------------------------------------------------------------------------------


def test_only_what_the_new_owner_may_see_is_handed_over(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    visible = make_document(shelf, owner=alice)
    strict = make_document(shelf, owner=alice, sensitivity=CONFIDENTIAL)
    undecided = make_document(shelf, owner=alice)
    Document.objects.filter(pk=undecided.pk).update(sensitivity=RESTRICTED, sensitivity_by="nobody")
    assert hand_over(Document.objects.filter(owner=alice), bob, dana) == HandedOver(given=1, kept=2)
    assert list(Document.objects.filter(owner=bob)) == [visible]
    assert set(Document.objects.filter(owner=alice)) == {strict, undecided}
    assert Event.objects.get(verb="hand-over").note == "alice → bob."


def test_a_leavers_documents_are_handed_over_by_form(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=alice)
    address = reverse("person-hand-over", args=[alice.pk])
    told = text_of(signed_in(dana).post(address, {"owner": "bob"}, follow=True))
    assert "1 document belongs to Bob now." in told
    assert "Nobody with the user name “bo” has an account" in text_of(
        signed_in(dana).post(address, {"owner": "bo"})
    )


# --- What a person sees -----------------------------------------------------------------------------------


def test_what_a_person_sees_is_counted_among_what_the_administrator_sees(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana)
    make_document(shelf, owner=dana, sensitivity=CONFIDENTIAL)
    make_document(shelf, owner=dana, sensitivity=RESTRICTED)
    closed = make_collection("Board", readers=[alice])
    make_document(closed, owner=alice)
    seen = page_of(dana, reverse("person", args=[alice.pk])).context["seen"]
    assert [(str(each.collection), each.counts) for each in seen] == [
        ("Board", (0, 0, 0, 0)),
        ("Handbook", (0, 1, 1, 0)),
    ]


def test_whether_somebody_sees_a_document_is_told_of_what_one_sees_oneself(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    strict = make_document(shelf, owner=dana, sensitivity=CONFIDENTIAL)
    hidden = make_document(make_collection("Board", readers=[alice]), owner=alice)
    address = reverse("person", args=[bob.pk])
    told = [text_of(page_of(dana, f"{address}?document={document.pk}")) for document in (strict, hidden)]
    assert "the label is above his clearance" in told[0]
    assert "so nothing is told of it" in told[1]


# --- Groups -----------------------------------------------------------------------------------------------


def test_a_deleted_group_says_first_what_it_takes_away(
    alice: Person, dana: Person, staff: Group, shelf: Collection
) -> None:
    make_document(shelf, owner=dana)
    page = " ".join(text_of(page_of(dana, reverse("group", args=[staff.pk]))).split())
    assert "2 members lose what only this group opened: “Handbook”" in page
    signed_in(dana).post(reverse("group-delete", args=[staff.pk]))
    assert not Document.objects.visible_to(alice).exists()
    assert Event.objects.get().note == "Removed the group “staff”, which opened “Handbook”."


def test_members_come_and_go(charlie: Person, dana: Person, staff: Group, shelf: Collection) -> None:
    client = signed_in(dana)
    client.post(reverse("group-join", args=[staff.pk]), {"person": "charlie"})
    assert Collection.objects.readable_by(charlie).get() == shelf
    client.post(reverse("group-leave", args=[staff.pk, charlie.pk]))
    assert not Collection.objects.readable_by(charlie).exists()


# --- Taking back ------------------------------------------------------------------------------------------


def test_the_last_change_of_a_person_is_taken_back(alice: Person, dana: Person, staff: Group) -> None:
    client, address = signed_in(dana), reverse("person", args=[alice.pk])
    client.post(address, {"first_name": "Alice", "clearance": PUBLIC.value})
    alice.refresh_from_db()
    assert (alice.clearance, alice.groups.count()) == (PUBLIC, 0)
    client.post(reverse("person-undo", args=[alice.pk]))
    alice.refresh_from_db()
    assert (alice.clearance, list(alice.groups.all())) == (CONFIDENTIAL, [staff])
    again = client.post(reverse("person-undo", args=[alice.pk]), follow=True)
    assert "There is nothing to take back." in text_of(again)


def test_what_somebody_else_changed_since_is_not_taken_back(
    alice: Person, dana: Person, erin: Person
) -> None:
    client = signed_in(dana)
    client.post(reverse("person", args=[alice.pk]), {"first_name": "Alice", "clearance": PUBLIC.value})
    accounts.change(alice, facts_of(alice, clearance=INTERNAL), erin)
    told = text_of(client.post(reverse("person-undo", args=[alice.pk]), follow=True))
    assert "“alice” was changed by somebody else since." in told
    alice.refresh_from_db()
    assert alice.clearance == INTERNAL


def test_whoever_was_taken_out_of_a_group_is_put_back(alice: Person, dana: Person, staff: Group) -> None:
    client = signed_in(dana)
    page = text_of(client.post(reverse("group-leave", args=[staff.pk, alice.pk]), follow=True))
    assert "Put Alice back" in page
    back = client.post(reverse("group-join", args=[staff.pk]), {"person": "alice"}, follow=True)
    assert "Put Alice back" not in text_of(back) and alice.groups.get() == staff


def test_what_was_typed_stays_when_it_is_refused(erin: Person, staff: Group, shelf: Collection) -> None:
    page = signed_in(erin).post(reverse("group-join", args=[staff.pk]), {"person": "erin"})
    assert page.status_code == 422
    assert "This would open “Handbook” to yourself" in text_of(page) and 'value="erin"' in text_of(page)

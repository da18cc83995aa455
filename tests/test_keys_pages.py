"""The pages and the routes with which keys are made and looked after."""

import json
import re

from django.contrib.auth.models import Group
from django.test import Client
from django.urls import reverse

from kb.api.keys import caller
from kb.models import Allowance, ApiKey, Collection, Event, Person, Sensitivity
from tests.builders import make_key
from tests.visiting import page_of, signed_in, text_of

ROOT = "/api/v1"
TEXT = re.compile(r"srm_[0-9a-f]{12}_[\w-]{43}")


def new_key(**more: object) -> dict[str, object]:
    return {"name": "Wiki", "scopes": ["read", "ask"], "days": 30, "reads": "all", "ceiling": "", **more}


def shown_in(response) -> str:
    [text] = TEXT.findall(text_of(response))
    return text


def bearing(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}"})


# --- One's own ------------------------------------------------------------------------------------------


def test_a_key_is_made_shown_once_replaced_and_revoked(alice: Person, shelf: Collection) -> None:
    browser, address = signed_in(alice), reverse("keys")
    assert "You have no key" in text_of(browser.get(address))
    narrowed = new_key(reads="some", collections=[shelf.pk], ceiling=Sensitivity.INTERNAL)
    old = shown_in(browser.post(address, narrowed))
    key = ApiKey.objects.get()
    assert (list(key.collections.all()), key.ceiling, key.made_by) == ([shelf], Sensitivity.INTERNAL, alice)
    assert not TEXT.search(text_of(browser.get(address)))
    new = shown_in(browser.post(reverse("key-rotate", args=[key.public_id]), {"hours": 1, "days": 30}))
    assert caller(old, "read") == caller(new, "read") == alice
    for each in ApiKey.objects.all():
        browser.post(reverse("key-revoke", args=[each.public_id]))
    assert (caller(old, "read"), caller(new, "read")) == (None, None)
    assert Event.objects.filter(verb=Event.Verb.KEY, person=alice).count() == 4


def test_what_a_key_may_not_have_is_not_on_offer_and_not_taken(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    assert "Administer:" not in text_of(page_of(alice, reverse("keys")))
    wrong = [
        new_key(scopes=["administer"]),
        new_key(scopes=[]),
        new_key(days=3_650),
        new_key(reads="some"),
        new_key(reads="all", collections=[shelf.pk]),
        new_key(ceiling=Sensitivity.RESTRICTED),
        new_key(name=" "),
    ]
    replies = [signed_in(alice).post(reverse("keys"), each) for each in wrong]
    assert [reply.status_code for reply in replies] == [422] * len(wrong)
    assert not ApiKey.objects.exists()


def test_another_persons_key_is_not_there(alice: Person, bob: Person) -> None:
    make_key(alice)
    theirs = ApiKey.objects.get().public_id
    for name in ("key-rotate", "key-revoke"):
        replies = [
            signed_in(bob).post(reverse(name, args=[each]), {"hours": 0, "days": 7})
            for each in (theirs, "000000000000")
        ]
        assert [reply.status_code for reply in replies] == [404, 404]
        assert len({text_of(reply) for reply in replies}) == 1
    assert ApiKey.objects.usable().count() == 1


# --- Services, and all keys ----------------------------------------------------------------------------


def test_a_service_comes_with_keys_only(dana: Person, staff: Group, shelf: Collection) -> None:
    browser = signed_in(dana)
    facts = {"username": "wiki-bot", "clearance": Sensitivity.INTERNAL, "groups": [staff.pk]}
    browser.post(reverse("services"), facts)
    service = Person.objects.get(username="wiki-bot")
    text = shown_in(browser.post(reverse("service-keys", args=[service.pk]), new_key()))
    assert [each["name"] for each in bearing(text).get(f"{ROOT}/collections").json()["items"]] == [shelf.name]
    assert "wiki-bot" not in text_of(browser.get(reverse("people")))
    assert "wiki-bot" in text_of(browser.get(reverse("services")))
    linked = browser.post(reverse("person-link", args=[service.pk]), follow=True)
    assert "A service does not sign in" in text_of(linked)
    browser.post(reverse("person-suspend", args=[service.pk]))
    assert bearing(text).get(f"{ROOT}/collections").status_code == 401


def test_a_service_is_edited_by_what_a_service_has(dana: Person) -> None:
    service = Person.objects.create_user("wiki-bot", kind=Person.Kind.SERVICE)
    browser, address = signed_in(dana), reverse("person", args=[service.pk])
    fields = set(re.findall(r'name="(\w+)"', text_of(browser.get(address))))
    assert fields >= {"first_name", "clearance"} and not fields & {"last_name", "email"}
    facts = {"first_name": "Wiki search", "email": "a@example.com", "clearance": Sensitivity.INTERNAL}
    assert browser.post(address, facts).status_code == 302
    service.refresh_from_db()
    assert (service.get_full_name(), service.email) == ("Wiki search", "")


def test_a_key_for_a_service_above_ones_own_clearance_is_refused(alice: Person, dana: Person) -> None:
    Person.objects.filter(pk=alice.pk).update(is_staff=True)
    high = Person.objects.create(username="vault", kind=Person.Kind.SERVICE, clearance=Sensitivity.RESTRICTED)
    reply = signed_in(alice).post(reverse("service-keys", args=[high.pk]), new_key())
    assert reply.status_code == 422
    assert not ApiKey.objects.exists()


def test_administrators_see_and_revoke_all_keys_and_others_none(alice: Person, dana: Person) -> None:
    text = make_key(alice)
    public_id = ApiKey.objects.get().public_id
    assert page_of(alice, reverse("all-keys")).status_code == 404
    page = text_of(page_of(dana, reverse("all-keys")))
    assert public_id in page and not TEXT.search(page)
    assert "No key fits" in text_of(page_of(dana, f"{reverse('all-keys')}?q=nobody"))
    signed_in(dana).post(reverse("any-key-revoke", args=[public_id]))
    assert caller(text, "read") is None


def test_limits_are_set_shown_and_taken_away(alice: Person, dana: Person) -> None:
    address = reverse("allowance", args=["person", alice.pk])
    assert page_of(alice, address).status_code == 404
    signed_in(dana).post(address, {"tokens_a_day": 5_000, "usd_a_month": "2.5"})
    allowance = Allowance.objects.get()
    assert (allowance.person, allowance.tokens_a_day, allowance.usd_a_month) == (alice, 5_000, 2.5)
    assert "0 / 5,000" in " ".join(text_of(page_of(dana, reverse("allowances"))).split())
    signed_in(dana).post(address, {})
    assert not Allowance.objects.exists()


# --- Over the API ----------------------------------------------------------------------------------------


def test_a_session_makes_keys_and_no_key_does(alice: Person, dana: Person) -> None:
    body = {"name": "wiki", "scopes": ["read"], "days": 30, "ceiling": "PUBLIC"}
    made = signed_in(alice).post(f"{ROOT}/keys", body, content_type="application/json")
    assert made.status_code == 201
    tool = bearing(made.json()["text"])
    current = tool.get(f"{ROOT}/keys/current").json()
    assert (current["holder"], current["clearance"], current["scopes_now"]) == ("alice", "PUBLIC", ["read"])
    strong = bearing(make_key(dana))
    refused = [
        strong.post(f"{ROOT}/keys", body, content_type="application/json"),
        strong.post(f"{ROOT}/keys/{current['key']['id']}/rotate", {}, content_type="application/json"),
        strong.delete(f"{ROOT}/keys/{current['key']['id']}"),
        tool.get(f"{ROOT}/keys"),
    ]
    assert [reply.status_code for reply in refused] == [403] * 4
    assert {reply.json()["code"] for reply in refused} == {"scope"}


def test_keys_are_listed_replaced_and_revoked(alice: Person) -> None:
    browser = signed_in(alice)
    old = make_key(alice)
    [sheet] = browser.get(f"{ROOT}/keys").json()["items"]
    assert sheet["id"] in old and old not in json.dumps(sheet)
    address = f"{ROOT}/keys/{sheet['id']}"
    made = browser.post(f"{address}/rotate", {"overlap_hours": 0}, content_type="application/json").json()
    assert (caller(old, "read"), caller(made["text"], "read")) == (None, alice)
    assert browser.delete(f"{ROOT}/keys/{made['key']['id']}").status_code == 204
    assert caller(made["text"], "read") is None


def test_services_are_added_over_the_api_by_administrators(alice: Person, dana: Person, staff: Group) -> None:
    body = {"username": "bot", "clearance": "PUBLIC", "groups": ["staff"]}

    def add(client: Client):
        return client.post(f"{ROOT}/services", body, content_type="application/json")

    assert add(signed_in(alice)).status_code == 404
    added = add(bearing(make_key(dana)))
    assert (added.status_code, added.json()["groups"]) == (201, ["staff"])
    assert add(signed_in(dana)).status_code == 422
    address = f"{ROOT}/services/{added.json()['id']}/keys"
    new = {"name": "bot", "scopes": ["read"]}
    assert signed_in(dana).post(address, new, content_type="application/json").status_code == 201
    [listed] = signed_in(dana).get(address).json()["items"]
    assert (listed["name"], listed["usable"]) == ("bot", True)

"""One's own sessions and second factors over the API, and what administrators do about those of others."""

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.contrib.auth.models import Group
from django.test import Client

from kb.models import Allowance, ApiKey, Event, Person
from kb.people.second_factor import has_second_factor
from tests.builders import make_key
from tests.visiting import signed_in

V1 = "/api/v1"
JSON = "application/json"


def with_key(person: Person) -> Client:
    return Client(headers={"Authorization": f"Bearer {make_key(person)}"})


def here(client: Client) -> bool:
    return client.get(f"{V1}/me").status_code == 200


def test_sessions_are_listed_and_end_one_by_one_and_all_others(alice: Person, bob: Person) -> None:
    first, second, mine, of_bob = (signed_in(each) for each in (alice, alice, alice, bob))
    assert all(map(here, (first, second, mine, of_bob)))
    listed = mine.get(f"{V1}/me/sessions").json()["items"]
    assert [each["current"] for each in listed] == [True, False, False]
    [theirs] = of_bob.get(f"{V1}/me/sessions").json()["items"]
    assert mine.delete(f"{V1}/me/sessions/{theirs['id']}").status_code == 404
    assert mine.delete(f"{V1}/me/sessions/{listed[1]['id']}").status_code == 204
    assert list(map(here, (first, second, mine, of_bob))) == [True, False, True, True]
    mine.delete(f"{V1}/me/sessions")
    assert list(map(here, (first, mine, of_bob))) == [False, True, True]


def test_a_second_factor_is_removed_only_by_who_has_just_shown_who_he_is(alice: Person) -> None:
    TOTP.activate(alice, generate_totp_secret())
    browser = signed_in(alice)
    [factor] = browser.get(f"{V1}/me/second-factors").json()["items"]
    assert (factor["kind"], factor["codes_left"]) == ("app", None)
    refused = browser.delete(f"{V1}/me/second-factors/{factor['id']}")
    assert (refused.status_code, refused.json()["code"]) == (403, "denied")
    assert "/account/again/" in refused.json()["detail"]
    assert has_second_factor(alice)


def test_no_key_ends_sessions_or_removes_second_factors(alice: Person, dana: Person) -> None:
    TOTP.activate(alice, generate_totp_secret())
    factor = Authenticator.objects.get()
    for client, address in (
        (with_key(alice), "me/sessions"),
        (with_key(alice), f"me/second-factors/{factor.pk}"),
        (with_key(dana), f"people/{alice.pk}/second-factors"),
    ):
        refused = client.delete(f"{V1}/{address}")
        assert (refused.status_code, refused.json()["code"]) == (403, "scope"), address
    assert has_second_factor(alice)


def test_an_administrator_ends_sessions_and_removes_second_factors(alice: Person, dana: Person) -> None:
    TOTP.activate(alice, generate_totp_secret())
    theirs, chief = signed_in(alice), signed_in(dana)
    assert here(theirs)
    assert chief.delete(f"{V1}/people/{alice.pk}/sessions").status_code == 204
    assert chief.delete(f"{V1}/people/{alice.pk}/second-factors").status_code == 204
    assert not here(theirs) and not has_second_factor(alice)
    assert chief.delete(f"{V1}/people/{dana.pk}/second-factors").status_code == 403
    assert Event.objects.filter(person=dana, verb=Event.Verb.PERSON).count() == 2


def test_limits_are_set_listed_and_lifted(alice: Person, dana: Person, staff: Group) -> None:
    tool = with_key(dana)
    key = ApiKey.objects.get()
    limits = {"requests_a_minute": 5, "usd_a_day": 1.5}
    for holder in (f"person/{alice.pk}", f"group/{staff.pk}", f"key/{key.public_id}"):
        told = tool.put(f"{V1}/allowances/{holder}", limits, content_type=JSON).json()
        assert (told["requests_a_minute"], told["usd_a_day"], told["tokens_a_day"]) == (5, 1.5, None)
    listed = tool.get(f"{V1}/allowances").json()["items"]
    assert [(each["kind"], each["name"]) for each in listed] == [
        ("person", "Alice"),
        ("group", "staff"),
        ("key", str(key)),
    ]
    assert tool.delete(f"{V1}/allowances/person/{alice.pk}").status_code == 204
    assert tool.get(f"{V1}/allowances/person/{alice.pk}").json()["requests_a_minute"] is None
    assert Allowance.objects.count() == 2


def test_limits_of_what_there_is_not_are_not_found_and_wrong_ones_are_told(dana: Person) -> None:
    tool = with_key(dana)
    for holder in ("person/x", "person/987654321987654321", "group/0", "key/none"):
        assert tool.get(f"{V1}/allowances/{holder}").status_code == 404, holder
    wrong = tool.put(f"{V1}/allowances/person/{dana.pk}", {"requests_a_minute": 0}, content_type=JSON)
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "requests_a_minute")


def test_everybodys_keys_are_found_by_their_holder(alice: Person, bob: Person, dana: Person) -> None:
    tool = with_key(dana)
    ended = ApiKey.objects.of_text(make_key(alice))
    make_key(bob)
    ApiKey.objects.filter(pk=ended.pk).update(revoked_at="2026-01-01T00:00Z")

    def found(query: str) -> list[str]:
        return [each["holder"] for each in tool.get(f"{V1}/all-keys{query}").json()["items"]]

    assert found("") == ["bob", "dana"]
    assert (found("?q=alice"), found("?q=alice&ended=true")) == ([], ["alice"])

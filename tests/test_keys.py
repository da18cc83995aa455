"""API keys: what one opens, for how long, and that it never opens more than its person may."""

import json
import logging
from io import StringIO
from uuid import uuid4

import pytest
from django.test import Client

from kb.api.keys import caller
from kb.errors import Denied, Rejected, ScopeMissing
from kb.logs import About, JsonLines
from kb.models import ApiKey, Collection, Event, Person, Sensitivity
from kb.models.keys import Terms
from kb.people import keys
from kb.rights import OPERATIONS, Scope
from tests.builders import make_key

ROOT = "/api/v1"


def bearing(text: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {text}"})


def terms(*scopes: Scope, **more: object) -> Terms:
    return Terms("wiki", scopes or (Scope.READ,), **{"days": 30, **more})  # type: ignore[arg-type]


# --- Which text opens ------------------------------------------------------------------------------------


def test_only_the_whole_key_opens(alice: Person, bob: Person) -> None:
    text, other = make_key(alice), make_key(bob)
    prefix, public_id, secret = text.split("_", 2)
    others_id = other.split("_", 2)[1]
    wrong = [
        text[:-1],
        f"{text}x",
        f"{text}\n",
        f"{prefix}_{public_id}",
        f"{prefix}_{others_id}_{secret}",
        f"{prefix}_{public_id.upper()}_{secret}",
        secret,
        "",
        "\udcff",
    ]
    assert caller(text, "read") == alice
    assert [caller(each, "read") for each in wrong] == [None] * len(wrong)


def test_nothing_of_the_secret_is_kept(alice: Person) -> None:
    text = make_key(alice)
    kept = str(ApiKey.objects.values().get())
    assert text.split("_", 2)[2] not in kept


def test_a_key_ends_with_its_time_its_person_and_its_revocation(
    alice: Person, bob: Person, dana: Person
) -> None:
    late, suspended, revoked = (keys.make(person, terms(), person) for person in (alice, bob, dana))
    made = [late.text, suspended.text, revoked.text]
    assert [caller(text, "read") for text in made] == [alice, bob, dana]
    late.key.end_by(late.key.created_at)
    Person.objects.filter(pk=bob.pk).update(is_active=False)
    keys.revoke(revoked.key, dana)
    assert [caller(text, "read") for text in made] == [None] * 3


def test_a_key_goes_with_its_person(charlie: Person) -> None:
    text = make_key(charlie)
    charlie.delete()
    assert caller(text, "read") is None


# --- Scopes ----------------------------------------------------------------------------------------------


def test_a_key_does_only_what_its_scope_says(alice: Person, shelf: Collection) -> None:
    tool = bearing(keys.make(alice, terms(Scope.ASK), alice).text)
    reply = tool.get(f"{ROOT}/collections")
    assert reply.status_code == 403
    assert reply.json()["code"] == "scope"
    assert "“read”" in reply.json()["error"]["message"]
    assert (
        bearing(keys.make(alice, terms(Scope.READ), alice).text).get(f"{ROOT}/collections").status_code == 200
    )


def test_an_operation_without_a_verb_is_for_no_key(alice: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(OPERATIONS, "listCollections")
    with pytest.raises(ScopeMissing):
        caller(make_key(alice), "no such verb")
    assert bearing(make_key(alice)).get(f"{ROOT}/collections").status_code == 403


def test_who_loses_the_right_to_administer_loses_it_with_his_keys(dana: Person) -> None:
    text = keys.make(dana, terms(Scope.ADMINISTER, Scope.READ), dana).text
    assert caller(text, "read").administers  # type: ignore[union-attr]
    Person.objects.filter(pk=dana.pk).update(is_staff=False)
    assert not caller(text, "read").administers  # type: ignore[union-attr]


def test_an_administrator_s_key_administers_only_with_the_scope(dana: Person) -> None:
    holder = caller(keys.make(dana, terms(Scope.READ, Scope.WRITE), dana).text, "read")
    assert holder and not holder.administers
    with pytest.raises(Denied):
        keys.check_administers(holder)


def test_nobody_gives_himself_a_scope_that_he_has_not(alice: Person) -> None:
    with pytest.raises(Rejected, match="“administer”"):
        keys.make(alice, terms(Scope.ADMINISTER), alice)
    with pytest.raises(Rejected, match="1 to 365 days"):
        keys.make(alice, terms(days=366), alice)


def test_no_key_makes_keys(dana: Person) -> None:
    holder = caller(make_key(dana), "read")
    assert holder
    with pytest.raises(Denied, match="makes no keys"):
        keys.make(dana, terms(), holder)


def test_one_makes_no_keys_for_others(alice: Person, dana: Person) -> None:
    with pytest.raises(Denied, match="himself"):
        keys.make(alice, terms(), dana)
    with pytest.raises(Denied):
        keys.revoke(keys.make(dana, terms(), dana).key, alice)


# --- Rotation ----------------------------------------------------------------------------------------------


def test_a_key_that_is_replaced_goes_on_for_the_overlap(alice: Person, shelf: Collection) -> None:
    old = keys.make(alice, terms(collections=[shelf], ceiling=Sensitivity.PUBLIC), alice)
    new = keys.rotate(old.key, alice, hours=2, days=30)
    assert caller(old.text, "read") and caller(new.text, "read")
    assert new.key.scopes == ["read"]
    assert (list(new.key.collections.all()), new.key.ceiling) == ([shelf], Sensitivity.PUBLIC)
    old.key.refresh_from_db()
    assert 1.9 < (old.key.expires_at - new.key.created_at).total_seconds() / 3600 < 2.1
    with pytest.raises(Rejected, match="replaced already"):
        keys.rotate(old.key, alice, hours=2, days=30)
    assert Event.objects.filter(verb=Event.Verb.KEY).count() == 2


def test_an_overlap_makes_no_key_last_longer(alice: Person) -> None:
    old = keys.make(alice, terms(days=1), alice)
    keys.rotate(old.key, alice, hours=100, days=30)
    before = old.key.expires_at
    old.key.refresh_from_db()
    assert old.key.expires_at == before


# --- A narrowed holder ------------------------------------------------------------------------------------


def test_a_narrowed_person_is_never_saved(alice: Person) -> None:
    holder = caller(make_key(alice, ceiling=Sensitivity.PUBLIC), "read")
    assert holder
    with pytest.raises(RuntimeError):
        holder.save()
    holder.refresh_from_db()
    assert holder.clearance == Sensitivity.PUBLIC


def test_log_lines_name_the_key_and_keep_its_secret(alice: Person) -> None:
    text = make_key(alice)
    written, log = StringIO(), logging.getLogger("django.request")
    handler = logging.StreamHandler(written)
    handler.setFormatter(JsonLines())
    handler.addFilter(About())
    log.addHandler(handler)
    try:
        bearing(text).get(f"{ROOT}/documents/{uuid4()}")
    finally:
        log.removeHandler(handler)
    _prefix, public_id, secret = text.split("_", 2)
    assert json.loads(written.getvalue())["key"] == public_id
    assert secret not in written.getvalue()

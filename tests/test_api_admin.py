"""The administrators' operations over the API: not there for others, and for administrators no right to read."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import Group
from django.test import Client

from ingestion import tasks
from kb.api.urls import api
from kb.models import (
    Collection,
    Document,
    Event,
    Leaving,
    LedgerPayload,
    Person,
    Reveal,
    RouteRule,
    Sensitivity,
)
from kb.models.keys import EVERYDAY, Terms
from kb.models.library import Stage
from kb.people.keys import issue
from kb.rights import OPERATIONS, VERBS, Role
from tests.builders import make_collection, make_document, make_key
from tests.ledger_rows import append
from tests.visiting import signed_in

V1 = "/api/v1"
JSON = "application/json"
ADMINISTRATION = frozenset({Role.ADMINISTRATOR})


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    """None runs here, and Celery would look for it for seconds."""
    for name in ("send_describe", "send_run", "enqueue", "enqueue_many"):
        monkeypatch.setattr(tasks, name, lambda *of: None)
    monkeypatch.setattr(tasks, "send_learn", lambda: None)


class Caller:
    """Somebody with a key for his tool. Gives the status and the body of each reply."""

    def __init__(self, person: Person) -> None:
        self._client = Client(headers={"Authorization": f"Bearer {make_key(person)}"})

    def __call__(self, method: str, address: str, body: object = None):
        sent = {} if body is None else {"data": body, "content_type": JSON}
        reply = getattr(self._client, method)(V1 + address, **sent)
        return reply.status_code, reply.json() if reply.content else None

    def items(self, address: str):
        status, body = self("get", address)
        assert status == 200, body
        return body["items"]


@pytest.fixture
def dana_calls(dana: Person) -> Caller:
    return Caller(dana)


def undecided(shelf: Collection, owner: Person, title: str = "Menu") -> Document:
    document = make_document(shelf, owner=owner, title=title)
    Document.objects.filter(pk=document.pk).update(sensitivity_by="model", sensitivity_confidence=0.6)
    return document


def addresses() -> list[tuple[str, str]]:
    """Method and address of every operation that is for administrators alone, with ids that nothing has."""
    ids = {"uuid": str(uuid4()), "int": "999999999"}
    found = []
    for path, operations in api.get_openapi_schema()["paths"].items():
        for method, operation in operations.items():
            if VERBS[OPERATIONS[operation["operationId"]]].roles == ADMINISTRATION:
                for parameter in operation.get("parameters", ()):
                    kind = "uuid" if parameter["schema"].get("format") == "uuid" else "int"
                    path = path.replace(f"{{{parameter['name']}}}", ids[kind])
                found.append((method, path.removeprefix(V1)))
    return found


def test_to_others_administration_is_like_an_unknown_address(alice: Person) -> None:
    client = signed_in(alice)
    unknown = client.get(f"{V1}/there-is-no-such-thing")
    known = addresses()
    assert len(known) > 60
    for method, address in known:
        # Nothing that is sent is looked at before: an empty body would else be complained of.
        reply = client.generic(method.upper(), V1 + address, "{", content_type=JSON)
        assert (reply.status_code, reply.content) == (404, unknown.content), address


# --- Collections, people, groups -----------------------------------------------------------------------


def test_a_collection_is_added_named_opened_and_closed(dana_calls: Caller, alice: Person) -> None:
    status, added = dana_calls("post", "/collections", {"name": "Plans"})
    assert (status, added["may_add"], added["readers"]) == (201, True, 1)
    at = f"/collections/{added['id']}"
    assert dana_calls("post", "/collections", {"name": "plans"})[0] == 422
    assert dana_calls("patch", at, {"description": "What is to come."})[1]["name"] == "Plans"
    rules = {"minimum_sensitivity": "INTERNAL"}
    assert dana_calls("put", f"{at}/rules", rules)[1]["collection"]["minimum_sensitivity"] == "INTERNAL"
    assert Caller(alice)("get", at)[0] == 404
    access = f"{at}/access/person/{alice.pk}"
    _status, given = dana_calls("put", access, {"role": "reader"})
    assert [(each["name"], each["role"]) for each in given["items"]] == [
        ("dana", "editor"),
        ("alice", "reader"),
    ]
    assert Caller(alice)("get", at)[1]["readers"] is None
    assert dana_calls("delete", access)[0] == 204
    assert Caller(alice).items("/collections") == []
    assert dana_calls("delete", at)[0] == 204


def test_an_editor_shares_over_the_api_by_name(alice: Person, bob: Person, shelf: Collection) -> None:
    at, calls = f"/collections/{shelf.pk}/access", Caller(alice)
    assert calls("get", at)[0] == 404
    shelf.editor_people.add(alice)
    status, given = calls("post", at, {"kind": "person", "name": "bob", "role": "editor"})
    assert (status, [each["name"] for each in given["items"]]) == (200, ["alice", "bob", "dana", "staff"])
    Group.objects.create(name="larkspur")
    unknown = calls("post", at, {"kind": "group", "name": "larkspur", "role": "reader"})
    assert (unknown[0], unknown[1]["detail"][:33]) == (422, "You know of no group “larkspur”. ")
    assert calls("put", f"{at}/person/{bob.pk}", {"role": "reader"})[0] == 403  # By id, for administrators.
    own = f"{at}/person/{alice.pk}"
    assert (calls("delete", own)[0], calls("delete", f"{own}?agreed=true")[0]) == (422, 204)


def test_a_key_that_writes_does_not_share(alice: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    key = issue(alice, Terms("scanner", EVERYDAY, days=1), by=alice).text
    reply = Client().get(f"{V1}/collections/{shelf.pk}/access", headers={"Authorization": f"Bearer {key}"})
    assert (reply.status_code, reply.json()["code"]) == (403, "scope")


def test_an_administrator_counts_only_what_he_may_see(dana_calls: Caller, charlie: Person) -> None:
    closed = make_collection("Closed", readers=[charlie])
    make_document(closed, owner=charlie)
    assert dana_calls.items("/collections") == []
    [listed] = dana_calls.items("/collections?all=true")
    assert (listed["name"], listed["documents"], listed["size"]) == ("Closed", 0, 0)
    assert dana_calls("put", f"/collections/{closed.pk}/rules", {"minimum_sensitivity": "PUBLIC"})[0] == 404
    dana = Person.objects.get(username="dana")
    own = dana_calls("put", f"/collections/{closed.pk}/access/person/{dana.pk}", {"role": "reader"})
    assert own[0] == 403
    assert dana_calls("delete", f"/collections/{closed.pk}")[0] == 422
    [held] = Caller(charlie).items("/collections")
    assert held["documents"] == 1


def test_a_person_is_added_changed_suspended_and_let_in_again(dana_calls: Caller, dana: Person) -> None:
    new = {"username": "erin", "clearance": "internal", "groups": ["staff"], "email": "erin@example.com"}
    status, erin = dana_calls("post", "/people", new)
    assert (status, erin["groups"], erin["active"]) == (201, ["staff"], True)
    at = f"/people/{erin['id']}"
    for wrong in ({**new, "username": "ERIN"}, {**new, "username": "a b"}, {**new, "groups": ["nobody"]}):
        assert dana_calls("post", "/people", wrong)[0] == 422, wrong
    changed = dana_calls("patch", at, {"clearance": "PUBLIC"})[1]
    assert (changed["clearance"], changed["groups"], changed["email"]) == ("PUBLIC", ["staff"], new["email"])
    assert [each["username"] for each in dana_calls.items("/people?q=er&state=active")] == ["erin"]
    assert dana_calls("post", f"{at}/suspend")[1]["active"] is False
    assert dana_calls("post", f"/people/{dana.pk}/suspend")[0] == 403
    assert dana_calls("post", f"{at}/reactivate")[1]["active"] is True
    link = signed_in(dana).post(f"{V1}{at}/link").json()["url"]
    assert link.startswith("http://testserver/password/")
    rows = {
        "people": [{"username": "erin", "clearance": "INTERNAL"}, {"username": "frank"}, {"username": "x y"}]
    }
    told = dana_calls("post", "/people/import", rows)[1]["items"]
    assert [each["outcome"] for each in told] == ["changed", "added", "refused"]
    assert dana_calls("delete", at)[0] == 204
    assert dana_calls("delete", f"/people/{dana.pk}")[0] == 403


def test_groups_let_people_in_and_out(dana_calls: Caller, charlie: Person, shelf: Collection) -> None:
    group = dana_calls("post", "/groups", {"name": "Sales"})[1]["id"]
    shelf.reader_groups.add(Group.objects.get(pk=group))
    joined = dana_calls("put", f"/groups/{group}/members/{charlie.pk}")[1]
    assert ([each["username"] for each in joined["members"]], joined["reads"]) == (["charlie"], ["Handbook"])
    assert [each["name"] for each in Caller(charlie).items("/collections")] == ["Handbook"]
    [seen] = dana_calls.items(f"/people/{charlie.pk}/collections")
    assert seen["ways"] == ["Sales (reader)"]
    assert dana_calls("patch", f"/groups/{group}", {"name": "STAFF"})[0] == 422
    assert dana_calls("delete", f"/groups/{group}/members/{charlie.pk}")[0] == 204
    assert Caller(charlie).items("/collections") == []
    assert dana_calls("delete", f"/groups/{group}")[0] == 204


def test_everybody_is_told_what_he_may_do(alice: Person, dana: Person, shelf: Collection) -> None:
    mine, hers = (Caller(person)("get", "/me")[1] for person in (alice, dana))
    assert (mine["username"], mine["clearance"], mine["groups"]) == ("alice", "CONFIDENTIAL", ["staff"])
    assert "administer" in hers["may"] and "upload" in hers["may"]
    assert not {"administer", "audit", "upload", "reveal"} & set(mine["may"])


# --- Review, tags, categories, jobs --------------------------------------------------------------------


def test_labels_are_decided_and_taken_back(dana_calls: Caller, dana: Person, shelf: Collection) -> None:
    waiting = undecided(shelf, dana)
    [told] = dana_calls.items("/review/documents")
    assert (told["title"], told["sensitivity"], told["confidence"]) == ("Menu", "INTERNAL", 0.6)
    decide = {"items": [str(waiting.pk)], "sensitivity": "PUBLIC"}
    refused = dana_calls("post", "/review/documents/decide", decide)[1]
    assert (refused["decided"], len(refused["refused"]), refused["undo"]) == ([], 1, None)
    done = dana_calls("post", "/review/documents/decide", {**decide, "reason": "It hangs at the door."})[1]
    assert done["decided"] == [str(waiting.pk)] and dana_calls.items("/review/documents") == []
    assert dana_calls("post", "/review/decisions/undo", {"undo": done["undo"] + "x"})[0] == 422
    assert dana_calls("post", "/review/decisions/undo", {"undo": done["undo"]})[1]["undone"] == [
        str(waiting.pk)
    ]
    waiting.refresh_from_db()
    assert (waiting.sensitivity, waiting.sensitivity_by) == (Sensitivity.INTERNAL, "model")


def test_review_holds_nothing_that_the_administrator_may_not_see(dana_calls: Caller, charlie: Person) -> None:
    hidden = undecided(make_collection(editors=[charlie]), charlie)
    assert dana_calls.items("/review/documents") == dana_calls.items("/suspicious") == []
    for item in (str(hidden.pk), str(uuid4()), "nonsense"):
        assert dana_calls("post", "/review/documents/decide", {"items": [item]})[0] == 422
    assert dana_calls("post", f"/suspicious/{hidden.pk}/clear")[0] == 404
    assert not Event.objects.exists()


def test_tags_of_what_one_sees_are_listed_in_parts_and_merged(
    dana_calls: Caller, dana: Person, charlie: Person, shelf: Collection
) -> None:
    for tag in ("rail", "travel"):
        make_document(shelf, owner=dana).tags.create(name=tag)
    make_document(make_collection(readers=[charlie]), owner=charlie).tags.create(name="secret")
    _status, first = dana_calls("get", "/tags?limit=1")
    [second] = dana_calls.items(f"/tags?limit=1&cursor={first['next']}")
    assert [first["items"][0]["tag"], second["tag"]] == ["rail", "travel"]
    assert dana_calls("post", "/tags/rename", {"tag": "rail", "new": "travel"})[1]["documents"] == 1
    assert dana_calls.items("/tags") == [{"tag": "travel", "documents": 2, "changeable": 2}]
    assert dana_calls("post", "/tags/remove", {"tag": "secret"})[1] == {"documents": 0, "undo": None}


def test_categories_are_kept_with_their_examples(
    dana_calls: Caller, dana: Person, charlie: Person, shelf: Collection
) -> None:
    new = {"name": "Menus", "description": "What there is to eat."}
    at = f"/categories/{dana_calls('post', '/categories', new)[1]['category']['id']}"
    assert dana_calls("post", "/categories", {**new, "name": "MENUS"})[0] == 422
    assert dana_calls("patch", at, {"name": "Meals"})[1]["category"]["description"] == new["description"]
    assert dana_calls("post", f"{at}/examples", {"text": "Soup of the day."})[0] == 201
    hidden = make_document(make_collection(readers=[charlie]), owner=charlie)
    assert dana_calls("post", f"{at}/examples", {"document": str(hidden.pk)})[0] == 422
    [example] = dana_calls("get", at)[1]["examples"]
    assert dana_calls("delete", f"{at}/examples/{example['id']}")[0] == 204
    assert dana_calls("post", f"{at}/dissolve", {})[0] == 204
    assert "Meals" not in [each["name"] for each in dana_calls.items("/categories")]


def test_jobs_are_told_without_names_that_one_may_not_know(
    dana_calls: Caller, dana: Person, charlie: Person, shelf: Collection
) -> None:
    failed = make_document(shelf, owner=dana, title="Menu", stage=Stage.FAILED)
    make_document(make_collection(readers=[charlie]), owner=charlie, title="Secret", stage=Stage.FAILED)
    hidden, seen = dana_calls.items("/jobs?state=failed")
    assert (seen["title"], hidden["title"], hidden["document"]) == ("Menu", None, None)
    assert dana_calls.items("/jobs?q=Secret") == []
    assert "Secret" not in str(dana_calls("get", f"/jobs/{hidden['id']}")[1])
    put_back = {"act": "put-back", "items": [seen["id"]]}
    assert dana_calls("post", "/jobs/act", put_back)[1] == {"documents": 1}
    assert failed.versions.get().stage == Stage.QUEUED
    assert dana_calls("post", "/jobs/act", {"act": "first"})[0] == 422
    assert dana_calls("post", "/jobs/pause", {"reason": "A new disk."})[1]["pause"]["reason"] == "A new disk."
    assert dana_calls("post", "/jobs/resume")[1]["pause"] is None


# --- Ledger, routes, reveals, quality, numbers ---------------------------------------------------------


def test_the_ledger_is_listed_summed_exported_and_proven(
    dana_calls: Caller, alice: Person, dana: Person
) -> None:
    for _ in range(2):
        append(person=alice)
    append(person=dana)
    assert [row["row"] for row in dana_calls.items("/ledger?person=alice")] == [2, 1]
    assert dana_calls("get", "/ledger?who=alice")[0] == 422
    assert dana_calls("get", "/ledger/totals?person=alice")[1]["calls"] == 2
    _status, head = dana_calls("get", "/ledger/head")
    verdict = dana_calls("post", "/ledger/verify", {"head": head})[1]
    assert (verdict["rows"], verdict["intact"]) == (3, True)
    assert dana_calls("post", "/ledger/verify", {"head": {**head, "rows": 2}})[0] == 422
    assert dana_calls("get", "/ledger/3")[1]["person"] == "dana"
    assert dana_calls("get", "/ledger/4")[0] == 404


def test_what_was_sent_is_read_up_to_ones_clearance_and_that_is_noted(dana: Person, alice: Person) -> None:
    call = append(person=alice, sensitivity=Sensitivity.RESTRICTED)
    LedgerPayload.keep(call, b"Word for word.")
    address = f"{V1}/ledger/{call.sequence}/payload"
    assert signed_in(dana).post(address).json() == {"row": call.sequence, "text": "Word for word."}
    assert Event.objects.get(verb=Event.Verb.PAYLOAD).person == dana
    dana.clearance = Sensitivity.CONFIDENTIAL
    dana.save()
    assert signed_in(dana).post(address).status_code == 404


def test_routes_are_decided_all_or_none(dana_calls: Caller, shelf: Collection) -> None:
    def decide(*routes: dict[str, object]):
        return dana_calls("put", "/routes", {"routes": routes})

    everywhere = {"sensitivity": "INTERNAL", "leaving": "NEVER"}
    too_far = {"sensitivity": "RESTRICTED", "leaving": "FREELY"}
    freer = {"sensitivity": "CONFIDENTIAL", "leaving": "PSEUDONYMISED", "collection": shelf.pk}
    for wrong in ((everywhere, too_far), (everywhere, freer), ({**freer, "collection": 999},)):
        assert decide(*wrong)[0] == 422, wrong
    assert not RouteRule.objects.exists()
    status, told = decide(everywhere, {**freer, "leaving": "NEVER"})
    assert status == 200
    effective = {(each["collection"], each["sensitivity"]): each["effective"] for each in told["routes"]}
    assert effective[None, "INTERNAL"] == effective[shelf.pk, "CONFIDENTIAL"] == "NEVER"
    assert RouteRule.objects.table().leaving(Sensitivity.INTERNAL) == Leaving.NEVER


def test_a_reveal_is_begun_told_to_the_owner_and_ended(dana: Person, charlie: Person) -> None:
    hidden = make_document(make_collection(readers=[charlie]), owner=charlie, title="Plan")
    client = signed_in(dana)
    begin = {"document": str(hidden.pk), "reason": "The works council asks."}
    opened = client.post(f"{V1}/reveals", begin, content_type=JSON)
    assert opened.status_code == 201
    reveal = opened.json()["id"]
    [notice] = Caller(charlie).items("/reveals/notices")
    assert (notice["person"], notice["reason"], notice["title"]) == ("dana", begin["reason"], "Plan")
    assert signed_in(charlie).post(f"{V1}/reveals/{reveal}/seen").status_code == 204
    assert Caller(charlie).items("/reveals/notices") == []
    assert client.post(f"{V1}/reveals/{reveal}/end").status_code == 204
    assert not Document.objects.open_to(dana).filter(pk=hidden.pk).exists()
    assert Reveal.objects.get().seen_at is not None


def test_golden_sets_are_their_owners(
    dana_calls: Caller, dana: Person, alice: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana, title="Leave policy")
    asked = {"question": "How many days?", "document": "Leave policy"}
    new = {"name": "Leave", "questions": [asked, {"question": "What of 1870?", "refuse": True}]}
    status, added = dana_calls("post", "/golden-sets", new)
    assert (status, added["questions"]) == (201, 2)
    at = f"/golden-sets/{added['id']}"
    assert dana_calls("post", "/golden-sets", new)[0] == 422
    assert dana_calls("post", f"{at}/questions", {**asked, "document": "No such policy"})[0] == 422
    assert dana_calls("post", f"{at}/questions", {"question": "Who grants it?"})[0] == 422
    run = dana_calls("post", f"{at}/runs", {})[1]
    assert [each["id"] for each in dana_calls.items(f"{at}/runs")] == [run["id"]]
    assert dana_calls("post", f"{at}/runs/{run['id']}/accept")[0] == 404
    alice.is_staff = True
    alice.save()
    assert Caller(alice)("get", at)[0] == Caller(alice)("get", f"/golden-sets/{uuid4()}")[0] == 404
    assert dana_calls("delete", at)[0] == 204


def test_numbers_and_sources_say_how_much_and_not_what(
    dana_calls: Caller, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana, title="Menu", stage=Stage.FAILED)
    numbers = dana_calls("get", "/numbers?days=7")[1]
    assert (len(numbers["days"]), numbers["waiting"]["failed"]) == (7, 1)
    assert "Menu" not in str(numbers)
    assert dana_calls("get", "/numbers?days=0")[0] == 422
    assert [each["kind"] for each in dana_calls.items("/sources")] == ["watched folder"]
    assert len(dana_calls("get", "/boundary")[1]["days"]) == 30

"""Webhooks: what is told to whom, signed, and again until it is taken; and where none may lead."""

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings
from standardwebhooks.webhooks import Webhook as Verifier
from standardwebhooks.webhooks import WebhookVerificationError

from inference.ask import Finished, ask, pose
from inference.evidence.missing import Missing
from inference.gateway import Call, generate
from inference.protocols import Prompt
from inference.record import Clock, record_nothing
from ingestion.lease import Lease
from ingestion.validity import expire, set_validity
from kb.errors import Denied, Rejected, RouteRefused
from kb.models import Collection, Delivery, Document, ModelCall, Person, Sensitivity, Webhook
from kb.models.keys import Terms
from kb.models.library import Stage
from kb.models.webhooks import SUBSCRIBABLE
from kb.people.keys import issue
from kb.rights import Scope
from kb.settings import BASE_DIR
from kb.webhooks.change import Wanted, add, rotate, send_again
from kb.webhooks.deliver import WAITS, deliver
from kb.webhooks.outbox import ping, tell_of_answer, tell_of_expiry, tell_of_fault, tell_of_version
from kb.webhooks.send import Reply
from tests.builders import indexed, make_collection, make_document, make_key
from tests.test_webhook_address import resolve_to
from tests.visiting import make_answer, signed_in, text_of


class Receiver:
    """Keeps what is posted to it, and replies what it is told to."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], str]] = []
        self.status = 204
        self.headers: dict[str, str] = {}
        self.reply = b""
        self.url = ""

    def handler(receiver) -> type[BaseHTTPRequestHandler]:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"])).decode()
                receiver.got.append((dict(self.headers), body))
                self.send_response(receiver.status)
                for name, value in receiver.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(receiver.reply)))
                self.end_headers()
                self.wfile.write(receiver.reply)

            def log_message(self, *args: Any) -> None:
                pass

        return Handler


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOK_PRIVATE_HOSTS = frozenset({"127.0.0.1"})
    kept = Receiver()
    with ThreadingHTTPServer(("127.0.0.1", 0), kept.handler()) as server:
        kept.url = f"http://127.0.0.1:{server.server_port}/hook?from=strongroom"
        serving = Thread(target=server.serve_forever, args=[0.01])
        serving.start()
        yield kept
        server.shutdown()
        serving.join()


def hook(receiver: Receiver, person: Person, *events: str, **wanted: Any) -> Webhook:
    return add(Wanted(receiver.url, events or ("document.ready",), **wanted), person).webhook


def told(receiver: Receiver) -> list[str]:
    return [json.loads(body)["type"] for _, body in receiver.got]


def make_due(delivery: Delivery) -> None:
    Webhook.objects.update(resting_until=None)
    Delivery.objects.filter(pk=delivery.pk).update(next_attempt=timezone.now())


def ready(document: Document) -> None:
    tell_of_version(document.versions.get())


# --- What is sent ---------------------------------------------------------------------------------------


def test_a_receiver_verifies_with_the_secret_that_was_shown(receiver: Receiver, alice: Person) -> None:
    made = add(Wanted(receiver.url, ("document.ready",)), alice)
    delivery = ping(made.webhook)
    assert deliver()
    (headers, body) = receiver.got[0]
    said = Verifier(made.secret).verify(body, headers)
    assert said["type"] == "webhook.ping"
    assert UUID(headers["webhook-id"]) == delivery.pk
    with pytest.raises(WebhookVerificationError):
        Verifier(made.secret).verify(body.replace("ping", "pong"), headers)
    delivery.refresh_from_db()
    assert (delivery.state, delivery.status, delivery.attempts) == ("done", 204, 1)


def test_the_secret_is_not_in_the_database(receiver: Receiver, alice: Person) -> None:
    made = add(Wanted(receiver.url, ("document.ready",)), alice)
    assert made.secret.encode() not in bytes(Webhook.objects.get().sealed_secret)
    assert made.secret not in repr(made)


def test_after_a_rotation_both_secrets_verify_for_a_day(receiver: Receiver, alice: Person) -> None:
    made = add(Wanted(receiver.url, ("document.ready",)), alice)
    new = rotate(made.webhook)
    ping(made.webhook)
    deliver()
    for secret in (made.secret, new):
        Verifier(secret).verify(receiver.got[0][1], receiver.got[0][0])
    Webhook.objects.update(former_until=timezone.now() - timedelta(seconds=1))
    ping(made.webhook)
    deliver()
    with pytest.raises(WebhookVerificationError):
        Verifier(made.secret).verify(receiver.got[1][1], receiver.got[1][0])


def test_no_words_of_a_document_or_an_answer_leave(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(
        shelf, owner=dana, title="Marzipan margins", chunks=["The margin is 41 percent."]
    )
    answer = make_answer(alice, document, text="It is 41 percent. [1]")
    hook(receiver, alice, "document.ready", "answer.given")
    ready(document)
    tell_of_answer(answer)
    deliver()
    assert told(receiver) == ["document.ready", "answer.given"]
    sent = " ".join(body for _, body in receiver.got)
    assert str(document.pk) in sent and str(answer.pk) in sent
    assert not [word for word in ("arzipan", "percent", "class", "travel", "Handbook") if word in sent]


def test_the_documented_code_verifies_and_the_documented_messages_have_the_fields_that_are_sent(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection
) -> None:
    documented = (BASE_DIR / "docs" / "webhooks.md").read_text()
    made = add(Wanted(receiver.url, tuple(SUBSCRIBABLE)), dana)
    document = make_document(shelf, owner=dana)
    answer = make_answer(dana, document)
    ready(document)
    document.versions.update(stage=Stage.FAILED)
    ready(document)
    tell_of_expiry(document)
    tell_of_answer(answer)
    answer.found, answer.location = False, "nowhere"
    tell_of_answer(answer)
    tell_of_fault("Row 17 is missing.")
    ping(made.webhook)
    deliver()
    sent = [json.loads(body) for _, body in receiver.got]
    shown = [json.loads(each) for each in fenced(documented, "json")]
    assert {each["type"]: set(each["data"]) for each in sent} == {
        each["type"]: set(each["data"]) for each in shown
    }
    (code,) = fenced(documented, "python")
    for headers, body in receiver.got:
        names: dict[str, Any] = {"secret": made.secret, "body": body, "headers": headers}
        exec(code, names)  # noqa: S102  # Our own page.
        assert names["reply"] < 300
    names = {"secret": made.secret, "body": "{}", "headers": receiver.got[0][0]}
    exec(code, names)  # noqa: S102
    assert names["reply"] == 401


def fenced(text: str, language: str) -> list[str]:
    return [each.split("```")[0] for each in text.split(f"```{language}\n")[1:]]


# --- When -----------------------------------------------------------------------------------------------


def test_a_lease_that_settles_tells_of_it_in_its_own_transaction(
    receiver: Receiver, dana: Person, shelf: Collection
) -> None:
    hook(receiver, dana, "document.failed")
    document = make_document(shelf, owner=dana, stage=Stage.QUEUED)
    lease = Lease.claim(document.versions.get().pk)
    assert lease
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        lease.settle(Stage.FAILED, failure="It holds no text.")
        raise ZeroDivisionError
    assert not Delivery.objects.exists()
    lease.settle(Stage.FAILED, failure="It holds no text.")
    assert Delivery.objects.get().event == "document.failed"


def test_a_question_that_nothing_answers_is_told_once(receiver: Receiver, alice: Person) -> None:
    hook(receiver, alice, "answer.given", "answer.refused")
    answer = pose(alice, "What is the meaning of life?").answer
    answer.claim()
    record_nothing(answer, Sensitivity.PUBLIC, Missing(), Clock())
    stale = type(answer).objects.get(pk=answer.pk)
    stale.claimed_at = None
    record_nothing(stale, Sensitivity.PUBLIC, Missing(), Clock())
    assert [each.event for each in Delivery.objects.all()] == ["answer.refused"]


def test_a_question_that_is_answered_is_told(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection, fake_models: Settings
) -> None:
    hook(receiver, alice, "answer.given", "answer.refused")
    indexed(
        make_document(shelf, owner=dana, title="Leave", chunks=["Employees have 28 days of annual leave."])
    )
    *_, last = ask(pose(alice, "How many days of annual leave do employees have?"))
    assert isinstance(last, Finished)
    told_of = Delivery.objects.get()
    assert (told_of.event, told_of.subject) == ("answer.given", last.answer.pk)


def test_a_call_that_the_gateway_refuses_is_an_alert(
    receiver: Receiver, dana: Person, set_llm: Callable[..., None]
) -> None:
    hook(receiver, dana, "ledger.alert")
    set_llm("Leaked.")
    strict = Call(ModelCall.Purpose.ANSWER, "llm", Prompt("test", "", "What?"), Sensitivity.RESTRICTED)
    with pytest.raises(RouteRefused):
        next(generate(strict, max_tokens=10))
    told_of = Delivery.objects.get().payload["data"]
    assert told_of == {"alert": "refused", "row": ModelCall.objects.get().sequence, "location": "cloud"}


def test_what_was_written_down_is_sent_though_no_message_came(
    receiver: Receiver, dana: Person, shelf: Collection
) -> None:
    hook(receiver, dana)
    ready(make_document(shelf, owner=dana))  # The test's transaction never commits: no message is sent.
    deliver()
    assert told(receiver) == ["document.ready"]


def test_who_died_while_sending_is_followed_by_another_under_the_same_id(
    receiver: Receiver, dana: Person, shelf: Collection
) -> None:
    hook(receiver, dana)
    ready(make_document(shelf, owner=dana))
    delivery = Delivery.objects.get()
    assert delivery.claim(timezone.now() + timedelta(minutes=1))
    deliver()
    assert receiver.got == []
    Delivery.objects.update(held_until=timezone.now())
    deliver()
    assert receiver.got[0][0]["webhook-id"] == str(delivery.pk)
    delivery.settle(Delivery.State.FAILED)  # He was not dead, and is too late to say so.
    assert Delivery.objects.get().state == "done"


def test_one_delivery_is_claimed_once(receiver: Receiver, alice: Person) -> None:
    delivery = ping(hook(receiver, alice))
    same = Delivery.objects.get(pk=delivery.pk)
    soon = timezone.now() + timedelta(minutes=1)
    assert [delivery.claim(soon), same.claim(soon)] == [True, False]


def test_a_document_whose_last_day_has_passed_is_told_once(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection
) -> None:
    hook(receiver, alice, "document.expired")
    document = make_document(shelf, owner=dana)
    today = timezone.localdate()
    with pytest.raises(Denied):
        set_validity(document, alice, today)
    set_validity(document, dana, today)
    assert expire() == 0
    set_validity(document, dana, today - timedelta(days=1))
    assert [expire(), expire()] == [1, 0]
    deliver()
    assert json.loads(receiver.got[0][1])["data"]["document"] == str(document.pk)
    set_validity(document, dana, today + timedelta(days=1))
    assert expire() == 0


def test_editors_set_the_last_day_on_the_page_and_over_the_api(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    page = reverse("document-validity", args=[document.pk])
    signed_in(dana).post(page, {"until": "2027-01-31"})
    assert "Until 31 Jan 2027." in text_of(signed_in(alice).get(document.get_absolute_url()))
    assert signed_in(alice).post(page, {"until": ""}).status_code == 404
    refused = signed_in(dana).post(page, {"until": "soon"}, follow=True)
    assert "Write the day like 2027-01-31." in text_of(refused)
    client = Client(headers={"Authorization": f"Bearer {make_key(dana)}"})
    address = f"/api/v1/documents/{document.pk}/validity"
    sheet = client.put(address, {"until": None}, content_type="application/json").json()
    assert sheet["valid_until"] is None
    document.refresh_from_db()
    assert document.valid_until is None


# --- Who is told ----------------------------------------------------------------------------------------


def test_nobody_is_told_of_what_he_may_not_see(
    receiver: Receiver, alice: Person, bob: Person, charlie: Person, dana: Person, shelf: Collection
) -> None:
    for person in (alice, bob, charlie):
        hook(receiver, person)
    ready(make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL))
    assert [each.webhook.person for each in Delivery.objects.all()] == [alice]


def test_an_owner_hears_of_what_nobody_has_labelled_yet_and_no_reader_does(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection
) -> None:
    for person in (alice, dana):
        hook(receiver, person, "document.failed")
    hook(receiver, alice, "document.failed", ceiling=Sensitivity.CONFIDENTIAL)
    document = make_document(shelf, owner=alice, sensitivity=Sensitivity.RESTRICTED, stage=Stage.FAILED)
    Document.objects.update(sensitivity_by=Document.DecidedBy.NOBODY)
    dana.clearance = Sensitivity.CONFIDENTIAL
    dana.save()
    ready(document)
    assert [each.webhook.person for each in Delivery.objects.all()] == [alice]


def test_a_webhook_that_is_deleted_while_it_is_told_is_no_fault(
    receiver: Receiver, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    def deleted(*sent: object) -> Reply:  # The receiver's thread would have a database of its own.
        Webhook.objects.all().delete()
        return Reply(500, "")

    monkeypatch.setattr("kb.webhooks.deliver.post", deleted)
    ping(hook(receiver, alice))
    assert deliver()
    assert not Delivery.objects.exists()


def test_who_lost_access_meanwhile_gets_nothing_and_nothing_is_left(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection
) -> None:
    hook(receiver, alice)
    ready(make_document(shelf, owner=dana))
    alice.groups.clear()
    deliver()
    delivery = Delivery.objects.get()
    assert (receiver.got, delivery.state, delivery.payload, delivery.subject) == ([], "withdrawn", {}, None)
    with pytest.raises(Rejected, match="no longer see"):
        send_again(delivery)


def test_who_is_suspended_gets_nothing(receiver: Receiver, alice: Person) -> None:
    ping(hook(receiver, alice))
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    deliver()
    assert receiver.got == []


def test_a_webhook_keeps_to_its_collections_and_its_ceiling(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection
) -> None:
    other = make_collection(readers=[alice], editors=[dana])
    kept_in = hook(receiver, alice, "document.ready", "answer.given", collections=(shelf,))
    low = hook(receiver, alice, "document.ready", "answer.given", ceiling=Sensitivity.PUBLIC)
    elsewhere = make_document(other, owner=dana, sensitivity=Sensitivity.PUBLIC)
    ready(elsewhere)
    tell_of_answer(make_answer(alice, elsewhere))
    assert {each.webhook for each in Delivery.objects.all()} == {low}
    Delivery.objects.all().delete()
    inside = make_document(shelf, owner=dana, sensitivity=Sensitivity.INTERNAL)
    ready(inside)
    tell_of_answer(make_answer(alice, inside))
    assert {each.webhook for each in Delivery.objects.all()} == {kept_in}
    kept_in.collections.clear()
    assert not kept_in.may_know("document.ready", inside.pk)


def test_answers_are_told_to_who_asked_alone(
    receiver: Receiver, alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    for person in (alice, bob, dana):
        hook(receiver, person, "answer.given")
    tell_of_answer(make_answer(alice, make_document(shelf, owner=dana)))
    assert [each.webhook.person for each in Delivery.objects.all()] == [alice]


def test_only_administrators_hear_of_the_ledger(receiver: Receiver, alice: Person, dana: Person) -> None:
    with pytest.raises(Denied):
        hook(receiver, alice, "ledger.alert")
    hook(receiver, dana, "ledger.alert")
    tell_of_fault("Row 3 is missing.")
    deliver()
    assert json.loads(receiver.got[0][1])["data"] == {"alert": "broken", "fault": "Row 3 is missing."}
    tell_of_fault("Row 4 is missing.")
    Person.objects.filter(pk=dana.pk).update(is_staff=False)
    deliver()
    assert len(receiver.got) == 1


# --- Again ----------------------------------------------------------------------------------------------


def test_what_is_not_taken_is_sent_again_for_about_a_day_and_then_given_up(
    receiver: Receiver, alice: Person
) -> None:
    receiver.status, receiver.reply = 500, b"down\0 for repairs" + b"." * 600
    delivery = ping(hook(receiver, alice))
    waits = []
    for _ in range(len(WAITS)):
        make_due(delivery)
        deliver()
        delivery.refresh_from_db()
        waits.append((delivery.next_attempt - timezone.now()).total_seconds())
        deliver()  # It is not due yet.
    assert all(wait - 1 < waited < wait * 1.2 + 1 for wait, waited in zip(WAITS, waits, strict=True))
    assert len(receiver.got) == len(WAITS)
    assert (delivery.state, delivery.said[:17], len(delivery.said)) == ("waiting", "down for repairs.", 500)
    make_due(delivery)
    deliver()
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempts, delivery.status) == ("failed", len(WAITS) + 1, 500)
    receiver.status = 200
    send_again(delivery)
    deliver()
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert Delivery.objects.get().state == "done"
    assert Webhook.objects.get().failing_since is None


def test_a_webhook_that_failed_rests_with_all_that_waits_for_it(
    receiver: Receiver, dana: Person, shelf: Collection
) -> None:
    receiver.status = 503
    hook(receiver, dana)
    for _ in range(3):
        ready(make_document(shelf, owner=dana))
    deliver()
    assert len(receiver.got) == 1
    receiver.status = 204
    Webhook.objects.update(resting_until=timezone.now())
    deliver()
    assert Delivery.objects.filter(state="done").count() == 2


def test_a_receiver_says_when_it_wants_to_be_asked_again(receiver: Receiver, alice: Person) -> None:
    receiver.status, receiver.headers = 429, {"Retry-After": "900"}
    delivery = ping(hook(receiver, alice))
    deliver()
    delivery.refresh_from_db()
    assert 890 < (delivery.next_attempt - timezone.now()).total_seconds() <= 900


def test_a_receiver_that_is_gone_is_never_asked_again(receiver: Receiver, alice: Person) -> None:
    receiver.status = 410
    webhook = hook(receiver, alice)
    ping(webhook)
    deliver()
    webhook.refresh_from_db()
    assert (webhook.active, webhook.off_because) == (
        False,
        "Its receiver replied that it is gone for good (410).",
    )
    assert Delivery.objects.get().state == "failed"


def test_after_five_days_of_failures_it_is_switched_off(receiver: Receiver, alice: Person) -> None:
    receiver.status = 500
    webhook = hook(receiver, alice)
    first, second = ping(webhook), ping(webhook)
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=4, hours=23))
    make_due(first)
    deliver()
    webhook.refresh_from_db()
    assert webhook.active
    Webhook.objects.update(failing_since=timezone.now() - timedelta(days=5, hours=1))
    make_due(second)
    deliver()
    webhook.refresh_from_db()
    assert not webhook.active
    assert set(Delivery.objects.values_list("state", flat=True)) == {"failed"}


def test_redirects_are_not_followed(receiver: Receiver, alice: Person) -> None:
    receiver.status, receiver.headers = 302, {"Location": receiver.url.replace("/hook", "/secret")}
    delivery = ping(hook(receiver, alice))
    deliver()
    delivery.refresh_from_db()
    assert (len(receiver.got), delivery.status, delivery.state) == (1, 302, "waiting")


def test_a_receiver_that_drips_is_left(
    receiver: Receiver, alice: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kb.webhooks.send.TOTAL", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as server:
        dripping = Thread(target=drip, args=[server])
        dripping.start()
        receiver.url = f"http://127.0.0.1:{server.getsockname()[1]}/"
        delivery = ping(hook(receiver, alice))
        deliver()
        dripping.join()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.state) == (None, "waiting")


def drip(server: socket.socket) -> None:
    """A reply of which each byte comes before anybody loses patience, and the last one much too late."""
    connection, _ = server.accept()
    with connection, suppress(OSError):
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
            connection.sendall(bytes([byte]))
            time.sleep(0.05)


# --- Pages and API --------------------------------------------------------------------------------------

API = "/api/v1/webhooks"


def test_one_adds_and_tries_a_webhook_and_sees_its_secret_once(receiver: Receiver, alice: Person) -> None:
    client = signed_in(alice)
    chosen = {"address": receiver.url, "events": ["document.ready"], "ceiling": int(Sensitivity.INTERNAL)}
    shown = client.post(reverse("webhooks"), chosen)
    webhook = Webhook.objects.get()
    (secret,) = webhook.secrets()
    assert secret in text_of(shown)
    assert (webhook.person, webhook.everywhere, webhook.ceiling) == (alice, True, Sensitivity.INTERNAL)
    client.post(reverse("webhook-ping", args=[webhook.pk]))
    receiver.status, receiver.reply = 500, b"<b>broken</b>"
    deliver()
    page = text_of(client.get(webhook.get_absolute_url()))
    assert secret not in page
    assert "&lt;b&gt;broken&lt;/b&gt;" in page
    Verifier(secret).verify(receiver.got[0][1], receiver.got[0][0])


def test_a_form_says_what_is_wrong_with_an_address(alice: Person) -> None:
    chosen = {"address": "https://10.0.0.1/", "events": ["document.ready"], "ceiling": 40}
    refused = signed_in(alice).post(reverse("webhooks"), chosen)
    assert refused.status_code == 422
    assert "10.0.0.1 has no public address." in text_of(refused)
    no_right = signed_in(alice).post(reverse("webhooks"), {**chosen, "events": ["ledger.alert"]})
    assert no_right.status_code == 422
    assert not Webhook.objects.exists()


def test_others_find_nothing_and_administrators_may_only_stop_it(
    receiver: Receiver, alice: Person, bob: Person, dana: Person
) -> None:
    webhook = hook(receiver, alice)
    delivery = ping(webhook)
    one, again = [webhook.pk], [webhook.pk, delivery.pk]
    owners = [reverse("webhook-rotate", args=one), reverse("webhook-ping", args=one)]
    owners.append(reverse("delivery-again", args=again))
    stopping = [reverse("webhook-switch", args=one), reverse("webhook-delete", args=one)]
    assert {signed_in(bob).post(each).status_code for each in (*owners, *stopping)} == {404}
    assert signed_in(bob).get(webhook.get_absolute_url()).status_code == 404
    assert {signed_in(dana).post(each).status_code for each in owners} == {404}
    assert receiver.url in text_of(signed_in(dana).get(reverse("webhooks")))
    signed_in(dana).post(stopping[0])
    assert "1 webhook was switched off" in text_of(signed_in(alice).get(reverse("webhooks")))
    signed_in(dana).post(stopping[0])
    webhook.refresh_from_db()
    assert not webhook.active
    signed_in(alice).post(stopping[0])
    webhook.refresh_from_db()
    assert webhook.active


def test_the_api_does_all_of_it(receiver: Receiver, dana: Person, shelf: Collection) -> None:
    client = Client(headers={"Authorization": f"Bearer {make_key(dana)}"})
    wanted = {"address": receiver.url, "events": ["document.ready"], "collections": [shelf.name]}
    made = client.post(API, wanted, content_type="application/json")
    assert made.status_code == 201
    one = f"{API}/{made.json()['webhook']['id']}"
    assert client.get(API).json()["items"] == [client.get(one).json()] == [made.json()["webhook"]]
    assert client.get(one).json()["collections"] == [shelf.name]
    new = client.post(f"{one}/rotate").json()
    assert client.post(f"{one}/ping").status_code == 202
    deliver()
    Verifier(new["secret"]).verify(receiver.got[0][1], receiver.got[0][0])
    (delivery,) = client.get(f"{one}/deliveries?state=done").json()["items"]
    assert client.post(f"{one}/deliveries/{delivery['id']}/redeliver").json()["state"] == "waiting"
    assert client.patch(one, {"active": False}, content_type="application/json").json()["active"] is False
    assert client.post(f"{one}/ping").status_code == 422
    assert client.delete(one).status_code == 204
    assert client.get(one).status_code == 404


def test_the_api_knows_nothing_of_another_persons_webhooks(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection
) -> None:
    webhook = hook(receiver, alice)
    client = Client(headers={"Authorization": f"Bearer {make_key(dana)}"})
    assert client.get(API).json()["items"] == []
    for method, path in (("get", ""), ("delete", ""), ("get", "/deliveries"), ("post", "/rotate")):
        assert getattr(client, method)(f"{API}/{webhook.pk}{path}").status_code == 404
    hidden = make_collection("Board")
    wanted = {"address": receiver.url, "events": ["document.ready"], "collections": [hidden.name]}
    assert client.post(API, wanted, content_type="application/json").status_code == 422


def test_a_narrow_key_makes_narrow_webhooks_and_finds_no_wider_ones(
    receiver: Receiver, alice: Person, dana: Person, shelf: Collection
) -> None:
    other = make_collection("Board", readers=[alice])
    wide = [
        hook(receiver, alice, ceiling=Sensitivity.INTERNAL),
        hook(receiver, alice, collections=(shelf, other), ceiling=Sensitivity.INTERNAL),
        hook(receiver, alice, collections=(shelf,)),
    ]
    key = make_key(alice, collections=[shelf], ceiling=Sensitivity.INTERNAL)
    client = Client(headers={"Authorization": f"Bearer {key}"})
    made = client.post(
        API, {"address": receiver.url, "events": ["document.ready"]}, content_type="application/json"
    ).json()["webhook"]
    assert (made["collections"], made["ceiling"]) == ([shelf.name], "INTERNAL")
    assert client.get(API).json()["items"] == [made]
    for each in wide:
        for method, path in (("post", "/rotate"), ("post", "/ping"), ("get", "/deliveries"), ("delete", "")):
            assert getattr(client, method)(f"{API}/{each.pk}{path}").status_code == 404
    ready(make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL))
    assert not Delivery.objects.filter(webhook=made["id"]).exists()
    Person.objects.filter(pk=alice.pk).update(clearance=Sensitivity.RESTRICTED)
    assert client.get(API).json()["items"] == [made]


def test_a_key_that_administers_nothing_silences_no_alert(
    receiver: Receiver, dana: Person, shelf: Collection
) -> None:
    alert = hook(receiver, dana, "ledger.alert")
    key = issue(dana, Terms("writes", frozenset({Scope.WRITE}), days=1), by=dana).text
    client = Client(headers={"Authorization": f"Bearer {key}"})
    assert client.delete(f"{API}/{alert.pk}").status_code == 404
    wanted = {"address": receiver.url, "events": ["ledger.alert"]}
    assert client.post(API, wanted, content_type="application/json").status_code == 403


def test_the_checked_address_is_connected_to_and_asked_again_at_each_sending(
    receiver: Receiver, alice: Person, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first look-up is the check's; a second one, by whoever connects, would get another answer."""
    settings.WEBHOOK_PRIVATE_HOSTS = frozenset({"hooks.intern"})
    receiver.url = receiver.url.replace("127.0.0.1", "hooks.intern")
    resolve_to(monkeypatch, ["127.0.0.1"])
    webhook = hook(receiver, alice)
    resolve_to(monkeypatch, ["127.0.0.1"], ["10.0.0.5"])
    ping(webhook)
    deliver()
    assert receiver.got[0][0]["Host"].startswith("hooks.intern:")
    settings.WEBHOOK_PRIVATE_HOSTS = frozenset()
    second = ping(webhook)
    deliver()
    second.refresh_from_db()
    assert len(receiver.got) == 1
    assert "begins with https" in second.said

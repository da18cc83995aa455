"""REST v1: the same access as everywhere, one shape for every failure."""

import asyncio
import json
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from inference import registry
from ingestion.index import reindex
from ingestion.sources.archive import unpack
from ingestion.tags import put_on
from kb import errors
from kb.api.errors import problem_of
from kb.models import (
    ApiKey,
    Collection,
    Conversation,
    Document,
    Leaving,
    ModelCall,
    Person,
    Sensitivity,
    Version,
)
from kb.models.library import Stage
from tests.builders import make_chunk, make_collection, make_document, make_key
from tests.conftest import PASSWORD
from tests.packed import zipped

pytest_plugins = ["tests.fakes"]

ROOT = "/api/v1"
STREAM = "text/event-stream"
TEXT = b"Employees have 28 days of annual leave. Requests go to the line manager two weeks ahead."


@pytest.fixture(autouse=True)
def _no_earlier_requests() -> None:
    cache.clear()


def signed_in(person: Person, **options: bool) -> Client:
    client = Client(**options)
    client.force_login(person, backend="kb.signin.backend.Backend")
    return client


def bearing(token: str) -> Client:
    return Client(headers={"Authorization": f"Bearer {token}"})


def a_file(content: bytes = TEXT, name: str = "leave.txt") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def upload(client: Client, **fields: object):
    return client.post(f"{ROOT}/documents", {"collection": "Handbook", "file": a_file(), **fields})


def ask(client: Client, question: str, **fields: object):
    return client.post(f"{ROOT}/ask", {"question": question, **fields}, content_type="application/json")


def broken(failure: str) -> dict[str, object]:
    """A model that fails with that sentence."""
    backend = "inference.backends.fake.Scripted"
    return {"BACKEND": backend, "LOCATION": "on-premises", "OPTIONS": {"failure": failure}}


def error_of(response) -> tuple[int, str]:
    told = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert (told["type"], told["status"]) == (f"/api/problems/{told['code']}", response.status_code)
    assert told["title"]
    assert told["detail"].endswith(".")
    return response.status_code, told["code"]


# --- Who may call ------------------------------------------------------------------------------------


NOBODYS = "0d6a4d2e-0c0f-4a3e-9d55-6a1a4f1f7c11"  # fixed, because it names tests
PRIVATE = [
    "/documents",
    "/collections",
    "/search?q=leave",
    f"/documents/{NOBODYS}",
    f"/documents/{NOBODYS}/status",
    f"/archives/{NOBODYS}",
]


@pytest.mark.parametrize("address", PRIVATE)
def test_a_stranger_must_sign_in(address: str, db: None) -> None:
    response = Client().get(ROOT + address)
    assert error_of(response) == (401, "signed_out")
    assert response["WWW-Authenticate"] == "Bearer"


def test_revoked_inactive_and_made_up_keys_are_told_the_same(alice: Person, bob: Person) -> None:
    revoked, inactive = (make_key(person) for person in (alice, bob))
    ApiKey.objects.filter(person=alice).update(revoked_at="2026-01-01T00:00Z")
    bob.is_active = False
    bob.save()
    replies = [bearing(token).get(f"{ROOT}/documents") for token in (revoked, inactive, "srm_made-up", "")]
    assert {reply.status_code for reply in replies} == {401}
    assert len({reply.content for reply in replies}) == 1


def test_a_token_acts_as_its_person(alice: Person, bob: Person, dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    counts = [
        bearing(make_key(person)).get(f"{ROOT}/documents/count").json()["count"] for person in (alice, bob)
    ]
    assert counts == [1, 0]


def test_a_session_does_not_stand_in_for_a_bad_token(alice: Person) -> None:
    response = signed_in(alice).get(f"{ROOT}/documents", headers={"Authorization": "Bearer srm_revoked"})
    assert error_of(response) == (401, "signed_out")


def test_a_session_ends_with_the_person(alice: Person) -> None:
    client = signed_in(alice)
    Person.objects.filter(pk=alice.pk).update(is_active=False)
    assert error_of(client.get(f"{ROOT}/documents")) == (401, "signed_out")


def test_a_session_needs_the_csrf_token_to_change_something(dana: Person, shelf: Collection) -> None:
    assert error_of(upload(signed_in(dana, enforce_csrf_checks=True))) == (403, "csrf")
    assert error_of(upload(Client(enforce_csrf_checks=True))) == (401, "signed_out")


def test_a_token_needs_no_csrf_token(dana: Person, shelf: Collection) -> None:
    client = Client(enforce_csrf_checks=True, headers={"Authorization": f"Bearer {make_key(dana)}"})
    assert upload(client).status_code == 201


def test_a_password_is_no_key(alice: Person) -> None:
    assert error_of(bearing(PASSWORD).get(f"{ROOT}/documents")) == (401, "signed_out")


# --- What is somebody else's ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "end"), [("get", ""), ("get", "/status"), ("post", "/retry"), ("delete", "")]
)
@pytest.mark.parametrize("who", ["bob", "charlie"])
def test_a_hidden_document_is_answered_like_one_that_is_not(
    method: str, end: str, who: str, request: pytest.FixtureRequest, dana: Person, shelf: Collection
) -> None:
    hidden = make_document(shelf, owner=dana, sensitivity=Sensitivity.RESTRICTED, stage=Stage.FAILED)
    send = getattr(signed_in(request.getfixturevalue(who)), method)
    real, random = send(f"{ROOT}/documents/{hidden.pk}{end}"), send(f"{ROOT}/documents/{uuid4()}{end}")
    assert error_of(real) == (404, "not_found")
    assert real.content == random.content
    assert Document.objects.live().filter(pk=hidden.pk).exists()


def test_no_filter_finds_what_is_hidden(bob: Person, dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana, title="Merger", sensitivity=Sensitivity.RESTRICTED)
    client = signed_in(bob)
    for query in ("", "?q=Merger", "?sensitivity=restricted", "?collection=Handbook", "?stage=ready"):
        assert client.get(f"{ROOT}/documents{query}").json() == {"items": [], "next": None}


def test_a_hidden_collection_is_answered_like_one_that_is_not(charlie: Person, shelf: Collection) -> None:
    client = signed_in(charlie)
    real, random = upload(client), upload(client, collection="Nowhere")
    assert error_of(real) == (404, "not_found")
    assert real.content == random.content


def test_another_persons_conversation_is_answered_like_one_that_is_not(
    alice: Person, charlie: Person
) -> None:
    theirs = Conversation.objects.create(person=alice, title="Salaries")
    client = signed_in(charlie)
    real, random = (ask(client, "And then?", conversation=str(pk)) for pk in (theirs.pk, uuid4()))
    assert error_of(real) == (404, "not_found")
    assert real.content == random.content


def test_stricter_chunks_are_not_counted(bob: Person, dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana, chunks=["Open.", "Also open."])
    make_chunk(document.latest, 2, "Salaries.", sensitivity=Sensitivity.RESTRICTED)
    counts = [
        signed_in(person).get(f"{ROOT}/documents/{document.pk}/status").json()["chunks"]
        for person in (bob, dana)
    ]
    assert counts == [2, 3]


# --- Documents -----------------------------------------------------------------------------------------


def test_an_upload_is_new_once_and_then_known(dana: Person, shelf: Collection) -> None:
    client = signed_in(dana)
    first, second = upload(client, sensitivity="confidential", title="Leave"), upload(client)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["id"] == second.json()["id"]
    assert first.json()["title"] == "Leave"
    assert first.json()["sensitivity"] == "CONFIDENTIAL"
    assert first.json()["stage"] == "queued"
    assert Version.objects.count() == 1


def test_an_archive_is_taken_and_followed_by_who_sent_it(
    dana: Person, alice: Person, shelf: Collection
) -> None:
    packed = a_file(zipped({"a/leave.txt": TEXT, "../out.txt": b"Out."}), "all.zip")
    reply = upload(signed_in(dana), file=packed, tags=["leave"])
    assert (reply.status_code, reply.json()["state"], reply.json()["documents"]) == (202, "waiting", [])
    address = f"{ROOT}/archives/{reply.json()['archive']}"
    unpack(UUID(reply.json()["archive"]))
    followed = signed_in(dana).get(address).json()
    document = Document.objects.get()
    assert (followed["state"], followed["documents"]) == ("opened", [str(document.pk)])
    assert [each["path"] for each in followed["left_out"]] == ["../out.txt"]
    assert error_of(signed_in(alice).get(address)) == (404, "not_found")


def test_an_upload_is_tagged(dana: Person, shelf: Collection) -> None:
    sheet = upload(signed_in(dana), tags=["Leave, 2026", "leave"]).json()
    assert sheet["tags"] == ["2026", "leave"]


def test_an_editor_replaces_the_tags_and_a_reader_may_not(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana)
    put_on(document, ("old",))
    address, new = f"{ROOT}/documents/{document.pk}/tags", {"tags": ["New"]}
    replies = [
        signed_in(person).put(address, new, content_type="application/json") for person in (alice, dana)
    ]
    assert error_of(replies[0]) == (403, "denied")
    assert replies[1].json()["tags"] == ["new"]


def test_a_reader_may_not_add(alice: Person, shelf: Collection) -> None:
    assert error_of(upload(signed_in(alice))) == (403, "denied")
    assert not Version.objects.exists()


def test_a_file_over_the_limit_is_refused(dana: Person, shelf: Collection, settings) -> None:
    settings.UPLOAD_LIMIT = 10
    assert error_of(upload(signed_in(dana))) == (413, "too_large")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"file": ""}, "“file” is missing."),
        ({"collection": " "}, "“collection” should have at least 1 character."),
        ({"sensitivity": "secret"}, "There is no sensitivity “secret”. The labels are PUBLIC, INTERNAL,"),
        ({"tags": ["ok", "x" * 60]}, f"The tag “{'x' * 50}…” has 60 characters. Use at most 50."),
        ({"file": a_file(b"")}, "The file is empty."),
    ],
)
def test_a_wrong_upload_is_told_in_a_sentence(
    fields: dict[str, object], message: str, dana: Person, shelf: Collection
) -> None:
    response = upload(signed_in(dana), **fields)
    assert response.status_code == 422
    assert response.json()["detail"].startswith(message)


def test_documents_are_listed_by_page(alice: Person, dana: Person, shelf: Collection) -> None:
    made = [make_document(shelf, owner=dana, title=f"Policy {number}") for number in range(3)]
    client = signed_in(alice)
    first = client.get(f"{ROOT}/documents?limit=2&order=-created_at")
    rest = client.get(f"{ROOT}/documents?limit=2&order=-created_at&cursor={first.json()['next']}")
    listed = [document["id"] for page in (first, rest) for document in page.json()["items"]]
    assert listed == [str(document.pk) for document in reversed(made)]
    assert first["Link"].startswith(f"<{ROOT}/documents?limit=2&order=-created_at&cursor=")
    assert (rest.json()["next"], "Link" in rest) == (None, False)


def test_a_list_takes_the_same_number_of_queries_however_long(
    alice: Person, dana: Person, shelf: Collection, django_assert_max_num_queries
) -> None:
    for _ in range(12):
        make_document(shelf, owner=dana)
    client = signed_in(alice)
    client.get(f"{ROOT}/documents")  # Notes that the session was seen.
    with django_assert_max_num_queries(10):
        client.get(f"{ROOT}/documents")


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("q=travel", ["Travel policy"]),
        ("stage=failed", ["Broken"]),
        ("sensitivity=Public", ["Press"]),
        ("collection=Press room", ["Press"]),
        ("category=Policy", []),
        ("tag=Leaflet", ["Press"]),
    ],
)
def test_a_list_can_be_filtered(
    query: str, titles: list[str], alice: Person, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana)
    make_document(shelf, owner=dana, title="Broken", stage=Stage.FAILED)
    press = make_collection("Press room", readers=[alice])
    put_on(make_document(press, owner=dana, title="Press", sensitivity=Sensitivity.PUBLIC), ("leaflet",))
    found = signed_in(alice).get(f"{ROOT}/documents?{query}").json()["items"]
    assert [document["title"] for document in found] == titles


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=9999", "“limit” should be less than or equal to 200."),
        ("fields=id,name,salary", "There is no field “salary” here. There are id, title, collection,"),
        ("updated_since=12", "“12” is no day or time. Write 2026-01-31,"),
        ("stage=burnt", "“stage” should be 'queued', "),
        ("sensitivity=5", "There is no sensitivity “5”."),
        ("q=%00", "The text holds a NUL character. Remove it."),
        ("colection=Handbook", "There is no parameter “colection” here. There are collection, category,"),
    ],
)
def test_a_wrong_filter_is_told_in_a_sentence(query: str, message: str, alice: Person) -> None:
    response = signed_in(alice).get(f"{ROOT}/documents?{query}")
    assert error_of(response) == (422, "invalid")
    assert response.json()["detail"].startswith(message)


@pytest.mark.parametrize("path", ["jobs", "ledger", "ledger/totals", "ledger/export"])
def test_a_bare_number_is_no_day(path: str, dana: Person) -> None:
    response = signed_in(dana).get(f"{ROOT}/{path}?until=0")
    assert error_of(response) == (422, "invalid")
    assert response.json()["detail"].startswith("“0” is no day or time. Write 2026-01-31,")


def test_a_bare_number_is_no_last_day(dana: Person, shelf: Collection) -> None:
    address = f"{ROOT}/documents/{make_document(shelf, owner=dana).pk}/validity"
    response = signed_in(dana).put(address, {"until": 0}, content_type="application/json")
    assert error_of(response) == (422, "invalid")


def test_a_cursor_of_another_list_is_refused(alice: Person, dana: Person, shelf: Collection) -> None:
    for _ in range(2):
        make_document(shelf, owner=dana)
    other = signed_in(alice).get(f"{ROOT}/documents?limit=1&order=title").json()["next"]
    for cursor in (other, "made-up"):
        refused = signed_in(alice).get(f"{ROOT}/documents?cursor={cursor}")
        assert error_of(refused) == (422, "rejected")


def test_progress_says_where_a_document_stands(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana, stage=Stage.EMBEDDING, chunks=[])
    status = signed_in(dana).get(f"{ROOT}/documents/{document.pk}/status").json()
    assert (status["stage"], status["step"], status["steps"]) == ("embedding", 5, 7)
    assert status["failure"] == ""


def test_a_failed_document_is_sent_again_once(dana: Person, shelf: Collection) -> None:
    document = make_document(shelf, owner=dana, stage=Stage.FAILED)
    address = f"{ROOT}/documents/{document.pk}/retry"
    first, second = signed_in(dana).post(address), signed_in(dana).post(address)
    assert (first.status_code, first.json()["stage"]) == (202, "queued")
    assert error_of(second) == (422, "rejected")


def test_a_reader_may_not_delete_and_an_editor_may(alice: Person, dana: Person, shelf: Collection) -> None:
    address = f"{ROOT}/documents/{make_document(shelf, owner=dana).pk}"
    assert error_of(signed_in(alice).delete(address)) == (403, "denied")
    assert signed_in(dana).delete(address).status_code == 204
    assert error_of(signed_in(dana).get(address)) == (404, "not_found")


def test_collections_say_where_a_person_may_add(alice: Person, dana: Person, shelf: Collection) -> None:
    shelves = [signed_in(person).get(f"{ROOT}/collections").json()["items"] for person in (alice, dana)]
    assert [[(each["name"], each["may_add"]) for each in mine] for mine in shelves] == [
        [("Handbook", False)],
        [("Handbook", True)],
    ]


# --- Asking ----------------------------------------------------------------------------------------------


def test_who_may_read_nothing_is_told_that_nothing_was_found(charlie: Person) -> None:
    reply = ask(signed_in(charlie), "Who is to be dismissed?").json()
    assert reply["answer"].startswith("I found nothing")
    assert (reply["citations"], reply["ledger"], reply["location"]) == ([], [], "nowhere")
    assert set(reply) == {
        "answer", "citations", "location", "model", "reason", "parts", "sentences", "missing",
        "conflicts", "steps", "left_out", "sensitivity", "ledger", "seconds", "conversation",
    }  # fmt: skip


def test_a_follow_up_stays_in_its_conversation(charlie: Person) -> None:
    client = signed_in(charlie)
    first = ask(client, "Who leads the works council?").json()
    second = ask(client, "And before that?", conversation=first["conversation"]).json()
    assert first["conversation"] == second["conversation"]
    assert Conversation.objects.get().questions.count() == 2


@pytest.mark.parametrize(
    ("question", "message"),
    [
        ("", "“question” should have at least 1 character."),
        ("x" * 20_000, "The question has 20,000 characters;"),
    ],
)
def test_a_wrong_question_is_told_in_a_sentence(question: str, message: str, charlie: Person) -> None:
    response = ask(signed_in(charlie), question)
    assert response.status_code == 422
    assert response.json()["detail"].startswith(message)


@pytest.mark.parametrize("body", ["{", '"text"', "[]", '{"question": "\\ud800"}', '{"question": {"a": 1}}'])
def test_a_body_that_makes_no_sense_is_told_in_our_shape(body: str, charlie: Person) -> None:
    response = signed_in(charlie).post(f"{ROOT}/ask", body, content_type="application/json")
    assert error_of(response) in {(400, "bad_request"), (422, "invalid")}


def test_a_body_over_the_limit_is_told_in_our_shape(charlie: Person) -> None:
    assert error_of(ask(signed_in(charlie), "x" * 3_000_000)) == (413, "too_large")


def test_a_form_that_breaks_off_is_told_in_our_shape(dana: Person) -> None:
    address, form = f"{ROOT}/documents", "multipart/form-data; boundary="
    assert error_of(signed_in(dana).post(address, b"--", content_type=form)) == (400, "bad_request")


def test_too_many_questions_are_told_to_wait(charlie: Person) -> None:
    client = signed_in(charlie)
    replies = [ask(client, "") for _ in range(61)]
    assert error_of(replies[-1]) == (429, "too_many_requests")
    assert 0 < int(replies[-1]["Retry-After"]) <= 60


def events_of(response) -> list[tuple[str, dict[str, object]]]:
    async def read() -> bytes:
        return b"".join([part async for part in response.streaming_content])

    blocks = asyncio.run(read()).decode().strip().split("\n\n")
    return [
        (name.removeprefix("event: "), json.loads(data.removeprefix("data: ")))
        for name, data in map(str.splitlines, blocks)
    ]


@pytest.fixture
def library(fakes: None, dana: Person, shelf: Collection) -> Document:
    document = make_document(shelf, owner=dana, title="Leave", chunks=[TEXT.decode()])
    reindex(document.latest)
    return document


def test_an_answer_is_cited_and_accounted_for(library: Document, alice: Person) -> None:
    reply = ask(signed_in(alice), "How many days of annual leave do employees have?").json()
    assert "28 days" in reply["answer"]
    assert reply["citations"][0]["document"] == str(library.pk)
    assert [row["location"] for row in reply["ledger"]] == ["on-premises"]


def test_every_sentence_says_where_it_was_made_and_what_it_stands_on(
    library: Document, alice: Person
) -> None:
    reply = ask(signed_in(alice), "How many days of annual leave do employees have?").json()
    markers = [citation["marker"] for citation in reply["citations"]]
    assert [part["text"] for part in reply["parts"]] == [reply["answer"]]
    assert (reply["parts"][0]["model"], reply["parts"][0]["citations"]) == ("extractive", markers)
    assert [(each["location"], marker) for each in reply["sentences"] for marker in each["citations"]] == [
        ("on-premises", marker) for marker in markers
    ]
    assert {(each["verdict"], each["score"], each["reason"]) for each in reply["sentences"]} == {
        ("supported", 1.0, "")
    }
    assert reply["reason"] == "No language model is configured, so the answer quotes the sources."


def test_a_question_can_be_kept_in_the_building(library: Document, alice: Person) -> None:
    ask(signed_in(alice), "How many days of annual leave do employees have?", on_premises=True)
    thread = Conversation.objects.get()
    assert (thread.questions.get().leaving, thread.leaving) == (Leaving.NEVER, Leaving.NEVER)


def test_a_preview_says_what_would_be_sent_and_keeps_nothing(library: Document, alice: Person) -> None:
    body = {"question": "How many days of annual leave do employees have?"}
    address = f"{ROOT}/ask/preview"
    reply = signed_in(alice).post(address, body, content_type="application/json").json()
    [part] = reply["parts"]
    assert (part["location"], part["model"], reply["leaving"]) == ("on-premises", "extractive", "never")
    assert [(each["title"], each["sensitivity"]) for each in part["sources"]] == [("Leave", "INTERNAL")]
    assert TEXT.decode() in part["user"]
    assert part["size"] == len(f"{part['system']}{part['user']}".encode())
    assert (Conversation.objects.count(), ModelCall.objects.count()) == (0, 0)


def test_a_preview_of_what_a_person_may_not_read_shows_nothing(library: Document, charlie: Person) -> None:
    body = {"question": "How many days of annual leave do employees have?"}
    reply = signed_in(charlie).post(f"{ROOT}/ask/preview", body, content_type="application/json").json()
    assert (reply["parts"], reply["reason"]) == (
        [],
        "No source is near enough to the question, so nothing would be sent.",
    )


def test_a_preview_in_another_persons_conversation_is_answered_like_one_in_none(
    alice: Person, charlie: Person
) -> None:
    ask(signed_in(alice), "Who leads?")
    theirs = str(Conversation.objects.get().pk)
    replies = [
        signed_in(charlie).post(
            f"{ROOT}/ask/preview", {"question": "Who?", "conversation": each}, content_type="application/json"
        )
        for each in (theirs, NOBODYS)
    ]
    assert [error_of(reply) for reply in replies] == [(404, "not_found")] * 2
    assert replies[0].content == replies[1].content


def test_who_may_read_an_answers_document_finds_it(library: Document, alice: Person, charlie: Person) -> None:
    hits = [
        signed_in(person).get(f"{ROOT}/search?q=annual leave").json()["items"] for person in (alice, charlie)
    ]
    assert [hit["title"] for hit in hits[0]] == ["Leave"]
    assert hits[1] == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("collection=Handbook&collection=Handbook", True),
        ("tag=holidays&language=en&since=2020-01-01", True),
        ("tag=holidays&language=de", False),
        ("until=2020-01-01", False),
    ],
)
def test_a_search_can_be_narrowed(query: str, found: bool, library: Document, alice: Person) -> None:
    put_on(library, ("holidays",))
    library.versions.update(language="en")
    reindex(library.latest)
    hits = signed_in(alice).get(f"{ROOT}/search?q=annual leave&{query}").json()["items"]
    assert [hit["title"] for hit in hits] == ["Leave"] * found


@pytest.mark.parametrize(
    ("query", "code", "message"),
    [
        ("collection=Board", "rejected", "There is no collection “Board”, or none that you may see."),
        ("collection=Nowhere", "rejected", "There is no collection “Nowhere”, or none that you may see."),
        ("category=Nothing", "rejected", "There is no category “Nothing”, or none that you may see."),
        ("language=german", "rejected", "“german” is no language."),
        ("since=yesterday", "invalid", "“yesterday” is no day or time. Write 2026-01-31,"),
        ("tags=leave", "invalid", "There is no parameter “tags” here. There are q, limit, collection,"),
    ],
)
def test_a_wrong_narrowing_is_told_in_a_sentence(
    query: str, code: str, message: str, alice: Person, dana: Person, shelf: Collection
) -> None:
    make_collection("Board", readers=[dana])
    response = signed_in(alice).get(f"{ROOT}/search?q=leave&{query}")
    assert error_of(response) == (422, code)
    assert response.json()["detail"].startswith(message)


@pytest.mark.django_db(transaction=True)
def test_a_stream_tells_its_sources_first_and_its_reply_last(library: Document, alice: Person) -> None:
    question = {"question": "How many days of annual leave do employees have?"}
    response = signed_in(alice).post(
        f"{ROOT}/ask", question, content_type="application/json", headers={"Accept": STREAM}
    )
    events = events_of(response)
    names = [name for name, _ in events]
    assert (names[0], names[-1], set(names[1:-1])) == ("sources", "finished", {"token"})
    assert [source["title"] for source in events[0][1]["sources"]] == ["Leave"]
    assert events[-1][1]["citations"][0]["document"] == str(library.pk)


@pytest.mark.django_db(transaction=True)
def test_a_stream_that_fails_says_so_in_our_shape(library: Document, alice: Person, settings) -> None:
    settings.MODELS = {**settings.MODELS, "extractive": broken("The model is away.")}
    registry.forget()
    response = signed_in(alice).post(
        f"{ROOT}/ask",
        {"question": "Annual leave?"},
        content_type="application/json",
        headers={"Accept": STREAM},
    )
    name, told = events_of(response)[-1]
    assert (name, told["code"], told["detail"]) == ("error", "unavailable", "The model is away.")


def test_an_answer_that_failed_is_no_answer(library: Document, alice: Person, settings) -> None:
    settings.MODELS = {**settings.MODELS, "extractive": broken("The model is away.")}
    registry.forget()
    response = ask(signed_in(alice), "Annual leave?")
    assert error_of(response) == (503, "unavailable")
    assert response.json()["detail"] == "The model is away."


@pytest.mark.django_db(transaction=True)
def test_an_answer_is_streamed_to_those_who_accept_a_stream(charlie: Person) -> None:
    response = signed_in(charlie).post(
        f"{ROOT}/ask", {"question": "Who leads?"}, content_type="application/json", headers={"Accept": STREAM}
    )
    assert response["Content-Type"] == STREAM
    [(name, reply)] = events_of(response)
    assert name == "finished"
    assert reply["location"] == "nowhere"


# --- The shape of failures, and of the description ---------------------------------------------------------


@pytest.mark.parametrize("address", ["/", "/nothing", "/documents/not-an-id", "/documents/"])
def test_an_unknown_address_is_told_in_our_shape(address: str, db: None) -> None:
    assert error_of(Client(enforce_csrf_checks=True).post(ROOT + address)) == (404, "not_found")


def test_a_wrong_method_is_told_in_our_shape(alice: Person) -> None:
    response = signed_in(alice).put(f"{ROOT}/documents")
    assert error_of(response) == (405, "method_not_allowed")
    assert set(response["Allow"].split(", ")) == {"GET", "POST"}


def test_a_fault_of_ours_says_nothing_of_itself(alice: Person, settings) -> None:
    settings.MODELS = {}
    make_collection("Handbook", readers=[alice])
    client = signed_in(alice, raise_request_exception=False)
    response = client.get(f"{ROOT}/search?q=leave")
    assert error_of(response) == (500, "failed")
    assert "MODELS" not in response.content.decode()


def test_every_error_of_ours_but_the_base_has_a_code_of_its_own() -> None:
    ours = [
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, errors.StrongroomError) and not each.__subclasses__()
    ]
    assert errors.Gone in ours and errors.BudgetSpent in ours
    for each in ours:
        error = each("No.", timezone.now()) if issubclass(each, errors.TooMuch) else each("No.")
        assert problem_of(error).code != "failed", each


def test_every_route_is_described(db: None) -> None:
    description = Client().get(f"{ROOT}/openapi.json").json()
    routes = [route for path in description["paths"].values() for route in path.values()]
    for route in routes:
        assert route["summary"]
        assert route["operationId"].isidentifier()
        assert {"401", "500"} <= set(route["responses"])
        assert route["security"] == [{"Token": []}, {"Session": []}]


def test_nothing_is_loaded_from_elsewhere(db: None) -> None:
    assert Client().get(f"{ROOT}/docs").status_code == 404

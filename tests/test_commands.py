"""The command line: what it prints, and what it says when it is used wrongly."""

import json
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django.fixtures import Settings

from inference.retrieve import chunk_index
from ingestion.index import reindex
from ingestion.sources.owner import usual_owner
from ingestion.store import path_of
from ingestion.tags import put_on
from kb.errors import Rejected
from kb.management.batch import find
from kb.models import (
    ApiKey,
    Batch,
    Category,
    Collection,
    Document,
    Leaving,
    LedgerHead,
    ModelCall,
    Person,
    Question,
    Sensitivity,
    Version,
)
from kb.models.library import Stage
from tests.builders import make_collection, make_document
from tests.guards import lift
from tests.ledger_rows import append, refused

pytest_plugins = ["tests.fakes"]

LEAVE = "Employees have 28 days of annual leave. Requests go to the line manager.\n"
PARKING = "The car park closes at 22:00. Visitors park in row C.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "sub").mkdir()
    (tmp_path / "leave.txt").write_text(LEAVE)
    (tmp_path / "sub" / "parking.txt").write_text(PARKING)
    (tmp_path / "song.mp3").write_bytes(b"ID3")
    (tmp_path / ".secret.txt").write_text(LEAVE)
    return tmp_path


def run(*arguments: str) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def rows(output: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in output.splitlines()]


def ingest(*arguments: str) -> list[dict[str, object]]:
    return rows(run("ingest", *arguments, "--collection", "Handbook", "--json"))


# --- Finding files ---------------------------------------------------------------------------------------


def test_folders_are_walked_and_what_is_left_out_is_said(folder: Path) -> None:
    found = find([folder])
    assert [file.name for file in found.files] == ["leave.txt", "parking.txt"]
    assert {skipped.path.name: skipped.reason[:15] for skipped in found.skipped} == {
        ".secret.txt": "it is hidden",
        "song.mp3": "Strongroom read",
    }


def test_a_link_is_not_followed_out_of_a_folder(
    folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "plan.txt"
    outside.write_text(LEAVE)
    (folder / "sub" / "plan.txt").symlink_to(outside)
    assert [file.name for file in find([folder / "sub"]).files] == ["parking.txt"]


def test_a_path_that_leads_nowhere_stops_before_anything_is_taken(folder: Path) -> None:
    with pytest.raises(Rejected, match=r"There is no file or folder .*nowhere\.pdf\."):
        find([folder, folder / "nowhere.pdf"])


def test_the_most_cleared_editor_is_the_usual_owner(alice: Person, dana: Person, shelf: Collection) -> None:
    shelf.editor_people.add(alice)
    assert usual_owner(shelf) == dana
    with pytest.raises(Rejected, match="Nobody may add to “Empty” yet"):
        usual_owner(make_collection("Empty"))


# --- ingest ----------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_without_a_worker_files_are_read_here(
    fakes: None, folder: Path, dana: Person, shelf: Collection
) -> None:
    documents = ingest(str(folder), "--wait", "--sensitivity", "internal")
    assert [(document["stage"], document["sensitivity"]) for document in documents] == [
        ("ready", "INTERNAL")
    ] * 2
    assert set(documents[0]) == {
        "document", "title", "stage", "failure", "sensitivity", "category", "chunks", "pages", "seconds",
    }  # fmt: skip
    assert chunk_index().count() == sum(document["chunks"] for document in documents)


@pytest.mark.django_db(transaction=True)
def test_the_same_files_again_are_the_same_documents(
    fakes: None, folder: Path, dana: Person, shelf: Collection
) -> None:
    first, second = ingest(str(folder / "leave.txt")), ingest(str(folder / "leave.txt"), "--wait")
    assert first[0]["document"] == second[0]["document"]
    assert (first[0]["stage"], second[0]["stage"]) == ("queued", "ready")
    assert Version.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_what_an_archive_holds_is_told_when_it_is_waited_for(
    fakes: None, tmp_path: Path, dana: Person, shelf: Collection
) -> None:
    with ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("2024/leave.txt", LEAVE)
        archive.writestr("../evil.txt", LEAVE)
    [waiting] = ingest(str(tmp_path / "all.zip"))
    assert (waiting["stage"], waiting["document"]) == ("queued", None)
    told = ingest(str(tmp_path / "all.zip"), "--wait", "--sensitivity", "internal")
    assert {document["title"]: document["stage"] for document in told} == {
        "../evil.txt": "left out", "leave": "ready",
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_one_file_replaces_that_of_a_document(
    fakes: None, folder: Path, dana: Person, shelf: Collection
) -> None:
    [first] = ingest(str(folder / "leave.txt"), "--wait")
    (folder / "leave.txt").write_text(LEAVE.replace("28", "29"))
    of_it = ("ingest", "--new-version-of", str(first["document"]), "--json")
    [second] = rows(run(*of_it, str(folder / "leave.txt"), "--wait"))
    assert (second["document"], second["stage"]) == (first["document"], "ready")
    assert Document.objects.get().versions.count() == 2
    with pytest.raises(Rejected, match="Name one file"):
        run(*of_it, str(folder))


@pytest.mark.django_db(transaction=True)
def test_what_failed_before_is_tried_again(
    fakes: None, folder: Path, dana: Person, shelf: Collection
) -> None:
    ingest(str(folder / "leave.txt"))
    Version.objects.update(stage=Stage.FAILED, failure="The disk was full.")
    [document] = ingest(str(folder / "leave.txt"), "--wait")
    assert (document["stage"], document["failure"]) == ("ready", "")


def test_all_files_get_the_tags_that_are_named(folder: Path, dana: Person, shelf: Collection) -> None:
    ingest(str(folder), "--tag", "Leave", "--tag", "2026")
    documents = Document.objects.all()
    assert [[tag.name for tag in document.tags.all()] for document in documents] == [["2026", "leave"]] * 2


def test_what_comes_in_together_is_one_batch(folder: Path, dana: Person, shelf: Collection) -> None:
    ingest(str(folder))
    [batch] = Batch.objects.all()
    assert (batch.name, batch.person, batch.collection) == ("leave.txt and 1 more", dana, shelf)
    assert {version.batch for version in Version.objects.all()} == {batch}


def test_who_brought_a_batch_in_and_administrators_see_it(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    Batch.objects.create(person=alice, collection=shelf, name="mine", door=Batch.Door.PORTAL)
    seen = [Batch.objects.visible_to(person).count() for person in (alice, dana, bob)]
    assert seen == [1, 1, 0]


def test_a_bad_tag_stops_before_anything_is_taken(folder: Path, dana: Person, shelf: Collection) -> None:
    with pytest.raises(Rejected, match="Use at most 50"):
        ingest(str(folder), "--tag", "x" * 60)
    assert not Version.objects.exists()


def test_without_waiting_a_file_is_left_queued(folder: Path, dana: Person, shelf: Collection) -> None:
    [document] = ingest(str(folder / "leave.txt"))
    assert (document["stage"], document["title"]) == ("queued", "leave")


def test_one_bad_file_does_not_stop_the_others(folder: Path, dana: Person, shelf: Collection) -> None:
    (folder / "empty.txt").touch()
    out = StringIO()
    with pytest.raises(CommandError, match="1 of 3 documents failed"):
        call_command(
            "ingest", str(folder), "--collection", "Handbook", "--json", stdout=out, stderr=StringIO()
        )
    assert [document["stage"] for document in rows(out.getvalue())] == ["failed", "queued", "queued"]
    assert rows(out.getvalue())[0]["failure"] == "The file is empty."


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--collection", "Handbook", "--owner", "eve"], "There is no person “eve”. The people are: dana."),
        (
            ["--collection", "Handbook", "--sensitivity", "secret"],
            "There is no sensitivity “secret”. The labels are: PUBLIC, INTERNAL, CONFIDENTIAL, RESTRICTED.",
        ),
    ],
)
def test_a_wrong_name_is_told_with_what_there_is(
    arguments: list[str], message: str, folder: Path, dana: Person, shelf: Collection
) -> None:
    with pytest.raises(Rejected) as refusal:
        run("ingest", str(folder), *arguments)
    assert str(refusal.value) == message


def test_a_new_collection_is_its_owners_alone(folder: Path, alice: Person, dana: Person) -> None:
    run("ingest", str(folder / "leave.txt"), "--collection", "New", "--owner", "alice")
    assert list(Collection.objects.readable_by(alice)) == [Collection.objects.get(name="New")]
    assert not Collection.objects.readable_by(dana).exists()


def test_without_an_owner_a_new_collection_is_the_administrators(
    folder: Path, alice: Person, dana: Person
) -> None:
    said = StringIO()
    call_command("ingest", str(folder), "--collection", "New", stdout=StringIO(), stderr=said)
    assert list(Collection.objects.editable_by(dana)) == [Collection.objects.get(name="New")]
    assert "There was no collection “New”, so it was made. Only dana may read it" in said.getvalue()


def test_nothing_is_made_for_a_path_that_leads_nowhere(folder: Path, dana: Person) -> None:
    with pytest.raises(Rejected):
        run("ingest", str(folder / "nowhere.pdf"), "--collection", "New")
    assert not Collection.objects.exists()


def test_nothing_is_made_for_a_folder_without_documents(tmp_path: Path, dana: Person) -> None:
    said = StringIO()
    call_command("ingest", str(tmp_path), "--collection", "New", stdout=StringIO(), stderr=said)
    assert said.getvalue() == "There is nothing to bring in.\n"
    assert not Collection.objects.exists()


def test_without_people_no_collection_is_made(folder: Path, db: None) -> None:
    with pytest.raises(Rejected, match=r"Nobody could read the new collection\. There are no people yet"):
        run("ingest", str(folder), "--collection", "New")


# --- ask and search --------------------------------------------------------------------------------------


@pytest.fixture
def library(fakes: None, dana: Person, shelf: Collection) -> None:
    """Two documents that are indexed already."""
    for title, text in (("Leave", LEAVE), ("Parking", PARKING)):
        document = make_document(shelf, owner=dana, title=title, chunks=[text])
        path_of(document.latest.sha256).parent.mkdir(exist_ok=True)
        path_of(document.latest.sha256).write_text(text)
        reindex(document.latest)


@pytest.fixture
def narrowable(fakes: None, dana: Person, shelf: Collection) -> None:
    """Two documents that differ in all that a search can be narrowed by."""
    leave = make_document(shelf, owner=dana, title="Leave", chunks=[LEAVE])
    parking = make_document(shelf, owner=dana, title="Parking", chunks=[PARKING])
    Document.objects.filter(pk=leave.pk).update(category=Category.objects.get(name="Policy"))
    leave.versions.update(language="de", created_at=datetime(2026, 1, 1, 12, tzinfo=UTC))
    put_on(leave, ("holidays",))
    put_on(parking, ("cars",))
    for document in (leave, parking):
        reindex(document.latest)


def test_an_answer_is_cited_and_accounted_for(library: None, alice: Person) -> None:
    answer = json.loads(
        run("ask", "How many days of annual leave do employees have?", "--as", "alice", "--json")
    )
    assert set(answer) == {
        "answer", "citations", "location", "model", "reason", "parts", "sentences", "missing",
        "conflicts", "steps", "left_out", "sensitivity", "ledger", "seconds",
    }  # fmt: skip
    assert "28 days" in answer["answer"]
    assert set(answer["citations"][0]) == {"marker", "document", "title", "pages", "quote", "edited_by"}
    assert answer["location"] == "on-premises"
    assert [row["location"] for row in answer["ledger"]] == ["on-premises"]


def test_an_answer_for_people_says_what_left(library: None, alice: Person) -> None:
    shown = run("ask", "How many days of annual leave do employees have?", "--as", "alice")
    assert "28 days" in shown
    assert "Answered on-premises" in shown
    assert "nothing left the building" in shown


def test_a_question_can_be_kept_in_the_building(library: None, alice: Person) -> None:
    run("ask", "How many days of annual leave do employees have?", "--as", "alice", "--on-premises")
    assert Question.objects.get().leaving == Leaving.NEVER


def without_fence(prompt: str) -> str:
    """Each prompt has another name for what encloses its sources."""
    return re.sub(r"source-\w+", "source", prompt)


def test_a_preview_says_what_would_be_sent_and_keeps_nothing(library: None, alice: Person) -> None:
    asked = ["ask", "How many days of annual leave do employees have?", "--as", "alice", "--preview"]
    [part] = json.loads(run(*asked, "--json"))["parts"]
    shown = run(*asked)
    assert f"extractive (on-premises) would get {part['size']:,} bytes:" in shown
    assert without_fence(part["user"]) in without_fence(shown)
    assert (Question.objects.count(), ModelCall.objects.count()) == (0, 0)


def test_a_stranger_finds_nothing(library: None, charlie: Person) -> None:
    assert json.loads(run("search", "annual leave", "--as", "charlie", "--json")) == []
    assert "I found nothing" in run("ask", "How many days of annual leave?", "--as", "charlie")


def test_hits_are_ranked(library: None, alice: Person) -> None:
    hits = json.loads(run("search", "annual leave days", "--as", "alice", "--limit", "2", "--json"))
    assert set(hits[0]) == {"document", "chunk", "score", "title", "pages", "text"}
    assert "28 days" in hits[0]["text"]
    assert hits[0]["score"] > hits[1]["score"]


@pytest.mark.parametrize(
    ("options", "titles"),
    [
        (["--collection", "Handbook"], {"Leave", "Parking"}),
        (["--tag", "cars"], {"Parking"}),
        (["--tag", "cars", "--tag", "Holidays"], {"Leave", "Parking"}),
        (["--category", "Policy", "--collection", "Handbook"], {"Leave"}),
        (["--language", "de"], {"Leave"}),
        (["--since", "2026-01-02"], {"Parking"}),
        (["--until", "2026-01-01"], {"Leave"}),
        (["--since", "2026-01-01", "--until", "2026-01-01", "--tag", "cars"], set()),
    ],
)
def test_a_search_can_be_narrowed(
    options: list[str], titles: set[str], narrowable: None, alice: Person
) -> None:
    hits = json.loads(run("search", "annual leave and car park", "--as", "alice", "--json", *options))
    assert {hit["title"] for hit in hits} == titles


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--collection", "Board"], "There is no collection “Board”, or none that you may see."),
        (["--collection", "Nowhere"], "There is no collection “Nowhere”, or none that you may see."),
        (["--tag", "secret"], "There is no tag “secret”, or none that you may see."),
        (["--language", "german"], "“german” is no language."),
        (["--since", "yesterday"], "“yesterday” is no day. Write it as 2026-11-30."),
    ],
)
def test_a_wrong_narrowing_is_told_in_a_sentence(
    options: list[str], message: str, alice: Person, dana: Person
) -> None:
    make_collection("Board", readers=[dana])
    with pytest.raises((CommandError, Rejected), match=message):
        run("search", "leave", "--as", "alice", *options)


@pytest.mark.parametrize("question", ["", " ", "x" * 20_000])
def test_a_question_that_cannot_be_read_is_refused(question: str, alice: Person) -> None:
    with pytest.raises(Rejected, match="The question"):
        run("ask", question, "--as", "alice")


@pytest.mark.parametrize("command", [["ask", "Who?"], ["search", "leave"], ["key", "--name", "tool"]])
def test_a_person_who_does_not_exist_is_told_with_who_does(command: list[str], alice: Person) -> None:
    name = ["eve"] if command[0] == "key" else ["--as", "eve"]
    with pytest.raises(Rejected) as refusal:
        run(*command, *name)
    assert str(refusal.value) == "There is no person “eve”. The people are: alice."


@pytest.mark.parametrize("limit", ["0", "-1", "many"])
def test_a_wrong_limit_is_refused(limit: str, alice: Person) -> None:
    with pytest.raises(CommandError, match="is not a number from 1 up"):
        run("search", "leave", "--as", "alice", f"--limit={limit}")


# --- ledger, token, reindex, reconcile -------------------------------------------------------------------


def test_the_ledger_is_listed_newest_first(db: None) -> None:
    append(), append(purpose=ModelCall.Purpose.CLASSIFY, sent_bytes=1234)
    listed = json.loads(run("ledger", "--json", "--limit", "1"))
    assert [(row["row"], row["purpose"], row["sensitivity"], row["sent_bytes"]) for row in listed] == [
        (2, "classify", "PUBLIC", 1234)
    ]


@pytest.mark.parametrize("command", [["ledger", "--verify"], ["ledger", "verify"]])
def test_a_changed_row_is_found(command: list[str], db: None) -> None:
    append()
    assert run(*command) == "All 1 rows of the ledger stand as they were written.\n"
    lift()
    ModelCall.objects.update(sent_bytes=0)
    with pytest.raises(CommandError, match=r"The ledger does not hold\. Row 1 was changed"):
        run(*command)


def test_a_verdict_is_given_to_machines_too(db: None) -> None:
    append()
    assert json.loads(run("ledger", "--verify", "--json")) == {"rows": 1, "fault": "", "pruned": 0}


def exported(tmp_path: Path) -> Path:
    path = tmp_path / "head.json"
    path.write_text(run("ledger", "--head"))
    return path


def test_a_head_that_was_exported_is_found_in_the_ledger_later(tmp_path: Path, db: None) -> None:
    append()
    head = exported(tmp_path)
    assert set(json.loads(head.read_text())) == {"rows", "digest", "at", "signature", "public_key"}
    append()
    assert run("ledger", "--verify", "--head", str(head)) == (
        "All 2 rows of the ledger stand as they were written. They contain those of the earlier head.\n"
    )


def test_anybody_can_check_the_signature_of_a_head(tmp_path: Path, db: None) -> None:
    append()
    head = json.loads(exported(tmp_path).read_text())
    key = Ed25519PublicKey.from_public_bytes(b64decode(head.pop("public_key")))
    signature = b64decode(head.pop("signature"))

    def holds(said: dict[str, object]) -> bool:
        try:
            key.verify(signature, json.dumps(said, sort_keys=True, separators=(",", ":")).encode())
        except InvalidSignature:
            return False
        return True

    assert (holds(head), holds(head | {"rows": 2})) == (True, False)


@pytest.mark.parametrize(
    ("rows_before", "rows_now", "fault"),
    [
        (2, 1, r"The ledger had 2 rows on .* and has 1: its end was cut off since\."),
        (1, 2, r"Row 1 is not the one of .*: the ledger was rewritten since\."),
    ],
)
def test_whoever_has_the_key_of_the_seals_cannot_rewrite_what_was_exported(
    rows_before: int, rows_now: int, fault: str, tmp_path: Path, db: None
) -> None:
    for _ in range(rows_before):
        append()
    head = exported(tmp_path)
    lift()
    ModelCall.objects.all().delete()
    LedgerHead.objects.all().delete()
    for _ in range(rows_now):
        append()
    assert ModelCall.objects.verify().intact
    with pytest.raises(CommandError, match=fault):
        run("ledger", "--verify", "--head", str(head))


def test_a_broken_ledger_gets_no_signed_head(db: None) -> None:
    append()
    lift()
    ModelCall.objects.update(sent_bytes=0)
    with pytest.raises(Rejected, match="so its head is not signed"):
        run("ledger", "--head")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda head: "{", "This is no head of a ledger"),
        (lambda head: "[]", "This is no head of a ledger"),
        (lambda head: json.dumps(head | {"rows": 7}), "The head was changed after it was signed"),
        (lambda head: json.dumps(head | {"signature": "§"}), "This is no head of a ledger"),
        (lambda head: json.dumps(head | {"rows": "many"}), "This is no head of a ledger"),
        (lambda head: json.dumps(head | {"public_key": "AAAA"}), "The head was signed with another key"),
    ],
)
def test_a_file_that_is_no_head_of_ours_is_told_in_a_sentence(
    change: Callable[[dict[str, object]], str], message: str, tmp_path: Path, db: None
) -> None:
    append()
    head = exported(tmp_path)
    head.write_text(change(json.loads(head.read_text())))
    with pytest.raises(Rejected, match=message):
        run("ledger", "--verify", "--head", str(head))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--verify", "--head", "nowhere.json"], r"nowhere\.json cannot be read"),
        (["--verify", "--head"], "Name the file of the earlier head"),
        (["--head", "somewhere.json"], "Add --verify to compare"),
        (["--prune"], r"The ledger is kept for ever\. Set STRONGROOM_LEDGER_KEEP_DAYS"),
    ],
)
def test_the_ledger_used_wrongly_is_told_in_a_sentence(arguments: list[str], message: str, db: None) -> None:
    with pytest.raises(CommandError, match=message):
        run("ledger", *arguments)


def test_details_are_erased_by_policy(settings: Settings, db: None) -> None:
    settings.LEDGER_KEEP_DAYS = 30
    refused(at=timezone.now() - timedelta(days=31))
    append(at=timezone.now() - timedelta(days=29))
    assert run("ledger", "--prune") == "The details of 1 rows older than 30 days were erased.\n"
    assert run("ledger", "--verify") == (
        "All 2 rows of the ledger stand as they were written. The details of 1 of them were erased by policy.\n"
    )


def test_a_key_works_until_it_is_revoked(alice: Person, shelf: Collection) -> None:
    narrowed = ("--scope", "read", "--collection", shelf.name, "--ceiling", "PUBLIC", "--days", "3")
    text = run("key", "alice", "--name", "wiki", *narrowed).strip()
    key = ApiKey.objects.of_text(text)
    assert key
    assert (key.person, key.scopes, key.ceiling) == (alice, ["read"], Sensitivity.PUBLIC)
    assert list(key.collections.all()) == [shelf]
    assert run("key", "alice", "--name", "wiki", "--revoke") == "1 key was revoked.\n"
    assert ApiKey.objects.of_text(text) is None
    with pytest.raises(Rejected, match=r"alice has no key named “wiki” \(there is: none\)\."):
        run("key", "alice", "--name", "wiki", "--revoke")


def test_a_lost_index_is_found_and_made_again(library: None) -> None:
    points = chunk_index().count()
    chunk_index().clear()
    with pytest.raises(CommandError, match=r"2 things are off"):
        run("reconcile", "--check")
    assert run("reindex") == "2 documents were indexed.\n"
    assert chunk_index().count() == points
    assert run("reconcile", "--check") == "SQL, the stored files and the index agree.\n"


def test_reconciling_mends(library: None) -> None:
    points = chunk_index().count()
    chunk_index().clear()
    assert run("reconcile").endswith("2 things were off; what can be mended was.\n")
    assert chunk_index().count() == points


def test_reindexing_removes_what_sql_does_not_know(library: None) -> None:
    Version.objects.filter(name="Leave.txt").delete()
    assert run("reindex") == "1 documents were indexed, and 1 that no longer exist were removed.\n"

"""Golden questions in the console: whose they are, what is refused, and what measuring writes down."""

import csv
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from inference.retrieve import chunk_index
from ingestion.evaluate.figures import first_ranks
from ingestion.evaluate.judged import Gold, Judged, Query
from ingestion.evaluate.runs import measure
from ingestion.index import reindex
from ingestion.reconcile import resend
from kb.models import Collection, Document, GoldenQuestion, GoldenRun, GoldenSet, Person, Sensitivity
from tests.builders import make_document
from tests.visiting import page_of, signed_in, text_of

ROUTES = [
    ("get", "quality"),
    ("post", "quality"),
    ("get", "golden-template"),
    ("get", "golden-set"),
    ("get", "golden-runs"),
    ("post", "golden-runs"),
    ("post", "golden-delete"),
]
OF_A_SET = [route for route in ROUTES if route[1] in ("golden-set", "golden-runs", "golden-delete")]
WAITING, RUNNING, DONE, FAILED = GoldenRun.State


@pytest.fixture
def travel(dana: Person) -> GoldenSet:
    return make_set(dana, ("How do we travel by train?", "Travel policy"))


def make_set(owner: Person, *lines: tuple[str, str], name: str = "Travel") -> GoldenSet:
    golden = GoldenSet.objects.create(owner=owner, name=name)
    for text, document in lines:
        GoldenQuestion.objects.create(golden_set=golden, text=text, document=document)
    return golden


def indexed(shelf: Collection, owner: Person, **fields: object) -> Document:
    document = make_document(shelf, owner=owner, **fields)
    reindex(document.current_version)
    return document


def visit(client: Client, route: tuple[str, str], pk: object):
    method, name = route
    own = name in ("golden-set", "golden-runs", "golden-delete")
    return getattr(client, method)(reverse(name, args=[pk] if own else []))


def add(person: Person, text: str | bytes, name: str = ""):
    content = text if isinstance(text, bytes) else text.encode()
    sent = {"name": name, "file": SimpleUploadedFile("travel.csv", content)}
    return signed_in(person).post(reverse("quality"), sent, follow=True)


def measured(golden: GoldenSet) -> GoldenRun:
    run = golden.begin()
    measure(run.pk)
    run.refresh_from_db()
    return run


# --- Who may come in ---------------------------------------------------------------------------------


@pytest.mark.parametrize("route", ROUTES)
def test_to_all_but_administrators_it_does_not_exist(
    route: tuple[str, str], travel: GoldenSet, alice: Person, bob: Person, charlie: Person
) -> None:
    for client in map(signed_in, (alice, bob, charlie)):
        assert visit(client, route, travel.pk).content == client.get(f"/{uuid4()}/").content
    assert GoldenSet.objects.count() == 1
    assert visit(Client(), route, travel.pk)["Location"].startswith(reverse("sign-in"))


@pytest.mark.parametrize("route", OF_A_SET)
def test_another_administrators_set_is_the_same_as_none(
    route: tuple[str, str], travel: GoldenSet, alice: Person
) -> None:
    Person.objects.filter(pk=alice.pk).update(is_staff=True)
    client = signed_in(alice)
    real, made_up = (visit(client, route, pk) for pk in (travel.pk, uuid4()))
    assert (real.status_code, real.content) == (404, made_up.content)
    assert travel.name not in text_of(client.get(reverse("quality")))
    assert (GoldenSet.objects.count(), GoldenRun.objects.count()) == (1, 0)


def test_an_owner_who_no_longer_administers_is_kept_out(travel: GoldenSet, dana: Person) -> None:
    Person.objects.filter(pk=dana.pk).update(is_staff=False)
    assert page_of(dana, travel.get_absolute_url()).status_code == 404


# --- Bringing questions in ---------------------------------------------------------------------------


def test_a_csv_becomes_a_set(dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana)
    reply = add(
        dana, "\ufeffquestion;document;page\r\n„Wie?“;travel policy;2\r\n„Wie?“;Travel policy.txt;\r\n"
    )
    assert "“travel” was added." in text_of(reply)
    golden = GoldenSet.objects.get(owner=dana)
    rows = golden.questions.values_list("text", "document", "page")
    assert list(rows) == [("„Wie?“", "travel policy", 2), ("„Wie?“", "Travel policy.txt", None)]
    assert "1 question. It is asked as you" in text_of(reply)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty."),
        ("question,title\nHow?,Travel policy\n", "The CSV has no column document."),
        ("question,document\n", "The CSV holds no question below its first line."),
        ("question,document\nHow?,\n", "Line 2 of the CSV has no document."),
        ("question,document,page\nHow?,Travel policy,one\n", "Line 2 of the CSV has the page “one”"),
        ("question,document\nHow?,Plans\n", "can see no document with the title or file name “Plans”"),
        (f"question,document\n{'x' * 1001},Travel policy\n", "has 1,001 characters, and 1,000 are the most."),
        ("question,document\nHo\0w?,Travel policy\n", "The file holds a zero byte"),
        (b"question,document\nWof\xfcr?,Travel policy\n", "The file is not in UTF-8."),
        ("question,document\n" + "".join(f"{n}?,Travel policy\n" for n in range(2001)), "2,000 are the most"),
        (f"question,document\n{'x' * 200_000},Travel policy\n", "This is no CSV: field larger than field limit"),
        (b"x" * (2 * 1024 * 1024 + 1), "The file has more than 2 MB."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_csv_is_told_in_a_sentence(
    content: str | bytes, sentence: str, dana: Person, shelf: Collection
) -> None:
    csv.field_size_limit(131_072)  # The usual one. It is the process's, and parsers raise it.
    make_document(shelf, owner=dana)
    reply = add(dana, content)
    assert sentence in str(reply.context["form"].errors["file"])
    assert 'role="alert"' in text_of(reply)
    assert not GoldenSet.objects.exists()


def test_a_csv_tells_nothing_of_a_document_that_is_hidden(dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana, title="Project Ahorn", sensitivity=Sensitivity.RESTRICTED)
    Person.objects.filter(pk=dana.pk).update(clearance=Sensitivity.INTERNAL)
    replies = [
        add(dana, f"question,document\nWhat?,{title}\n") for title in ("Project Ahorn", "Project None")
    ]
    hidden, none = (str(reply.context["form"].errors) for reply in replies)
    assert hidden.replace("Ahorn", "None") == none


def test_two_sets_of_a_person_have_two_names(travel: GoldenSet, dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana)
    reply = add(dana, "question,document\nHow?,Travel policy\n", name=" Travel ")
    assert "You have a set “Travel” already." in str(reply.context["form"].errors["name"])


def test_the_template_is_a_csv_that_could_be_read(dana: Person) -> None:
    reply = page_of(dana, reverse("golden-template"))
    assert reply["Content-Type"] == "text/csv; charset=utf-8"
    assert reply.content.decode("utf-8-sig").startswith("question,document,page,words,refuse\r\n")


def test_a_set_is_deleted_with_its_runs(travel: GoldenSet, dana: Person) -> None:
    travel.begin()
    reply = signed_in(dana).post(reverse("golden-delete", args=[travel.pk]), follow=True)
    assert "“Travel” was deleted." in text_of(reply)
    assert (GoldenSet.objects.count(), GoldenRun.objects.count()) == (0, 0)


# --- Measuring ---------------------------------------------------------------------------------------


def test_measuring_waits_for_a_worker_and_begins_once(travel: GoldenSet, dana: Person) -> None:
    client, address = signed_in(dana), reverse("golden-runs", args=[travel.pk])
    replies = [client.post(address, headers={"HX-Request": "true"}) for _ in range(2)]
    assert all("Waits for a worker" in text_of(reply) for reply in replies)
    assert travel.runs.count() == 1
    assert "None has come yet" not in text_of(replies[1])
    GoldenRun.objects.update(created_at=timezone.now() - timedelta(minutes=5))
    assert "None has come yet" in text_of(client.get(travel.get_absolute_url()))


def test_figures_are_stored_with_what_they_were_measured_on(
    fake_models: Settings, travel: GoldenSet, dana: Person, shelf: Collection
) -> None:
    indexed(shelf, dana)
    run = measured(travel)
    assert (run.state, run.asked, run.total, run.ranks) == (DONE, 1, 1, [1])
    assert run.figures["legs"]["final"]["ndcg@10"] == 1.0
    assert (run.embedder, run.index[:7]) == ("hash-64", "chunks-")


def test_what_is_missed_and_what_changed_is_shown(
    fake_models: Settings, travel: GoldenSet, dana: Person, shelf: Collection
) -> None:
    document = indexed(shelf, dana)
    measured(travel)
    chunk_index().delete_version(document.current_version.pk)
    measured(travel)
    page = " ".join(text_of(page_of(dana, travel.get_absolute_url())).split())
    assert "1 question was missed in the first ten hits" in page
    assert '">−1.000</td>' in page
    assert "not found" in page


def test_a_run_finds_only_what_its_owner_may_see(
    fake_models: Settings, travel: GoldenSet, dana: Person, shelf: Collection
) -> None:
    indexed(shelf, dana)
    shelf.reader_groups.clear()
    shelf.editor_people.clear()
    run = measured(travel)
    assert (run.state, run.figures) == (FAILED, {})
    assert "dana can see no document with the title or file name “Travel policy”." in run.failure


def test_a_run_is_done_once_whoever_is_told_of_it(
    fake_models: Settings, travel: GoldenSet, dana: Person, shelf: Collection
) -> None:
    indexed(shelf, dana)
    run = measured(travel)
    measure(run.pk)
    measure(uuid4())
    again = GoldenRun.objects.get()
    assert again.touched_at == run.touched_at


def test_a_run_that_was_given_up_is_not_written_to(travel: GoldenSet) -> None:
    run = travel.begin()
    assert (run.claim(), run.claim()) == (True, False)
    assert run.note(asked=1)
    GoldenRun.objects.update(touched_at=timezone.now() - timedelta(minutes=11))
    assert resend() == ["The measuring of “Travel” was begun and never ended."]
    assert not run.note(asked=2)
    run.refresh_from_db()
    assert (run.state, run.failure) == (FAILED, "The worker stopped while it was measuring. Measure again.")


def test_the_reconciler_sends_a_waiting_run_again(travel: GoldenSet) -> None:
    travel.begin()
    assert resend() == ["The measuring of “Travel” waits for a worker."]


def test_a_rank_is_that_of_the_first_chunk_that_answers() -> None:
    ranking = [Judged("a", 0, [1], ""), Judged("b", 0, [1], ""), Judged("b", 1, [2], "")]
    queries = [Query(str(n), "", (Gold(*gold),)) for n, gold in enumerate([("b",), ("b", 2), ("c",)])]
    assert first_ranks(queries, [ranking] * 3) == (2, 3, None)

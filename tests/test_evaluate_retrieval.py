import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from inference import weights
from inference.catalogue import MINILM
from ingestion.evaluate.figures import CharactersFound, characters_found, figures, interval
from ingestion.evaluate.judged import Gold, Judged, JudgedSet, Query, Source, covered
from ingestion.evaluate.readers import golden_questions, parse_golden, queries_in, read_set
from ingestion.evaluate.report import as_lines, as_row
from ingestion.evaluate.retrieval import evaluate_golden, evaluate_set
from kb.errors import Rejected
from kb.models import Collection, Person, Sensitivity
from tests.builders import indexed, make_document

CORPUS = [
    {"id": "d1", "title": "Travel", "text": "Trains are booked in second class."},
    {"id": "d2", "title": "Pumps", "text": "The pump P-100 lifts 95 litres a minute."},
    {"id": "d3", "title": "Lunch", "text": "The canteen opens at noon."},
]
LEGS = {"dense", "lexical", "fused", "final"}


def write_beir(folder: Path, *, qrels: str = "q1\td1\t1\nq2\td2\t2\nq3\td3\t0\n") -> Path:
    queries = [{"id": f"q{n}", "text": text} for n, text in enumerate(("trains", "pump P-100", "noon"), 1)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "corpus.jsonl").write_text("\n".join(map(json.dumps, CORPUS)))
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)))
    (folder / "qrels.tsv").write_text(f"query-id\tcorpus-id\tscore\n{qrels}")
    return folder


def judged(document: str, ordinal: int = 0, *, text: str = "", pages: tuple[int, ...] = ()) -> Judged:
    return Judged(document, ordinal, pages, text)


# Reading judged sets


def test_a_beir_folder_is_read_with_its_grades_and_without_queries_that_nothing_answers(
    tmp_path: Path,
) -> None:
    found = read_set(write_beir(tmp_path / "toy"))
    assert (found.name, len(found.sources), found.by_document) == ("toy", 3, True)
    assert [query.gold for query in found.queries] == [(Gold("d1"),), (Gold("d2", grade=2),)]


def test_a_language_s_folder_is_named_with_the_folder_that_it_is_in(tmp_path: Path) -> None:
    assert read_set(write_beir(tmp_path / "toy" / "de")).name == "toy/de"


def test_filings_are_answered_by_pages_that_the_data_counts_from_0(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "10K.pdf").touch()
    row = {"id": "q", "text": "Revenue?", "evidence": [{"doc": "10K", "page0": 4}]}
    (tmp_path / "questions.jsonl").write_text(json.dumps(row))
    found = read_set(tmp_path)
    assert found.queries[0].gold == (Gold("10K", page=5),)
    assert not found.by_document


def test_contracts_are_called_as_their_questions_call_them(tmp_path: Path) -> None:
    (tmp_path / "contracts.jsonl").write_text(
        json.dumps({"id": "c1", "name": "Lease A", "file": "docs/c1.pdf"})
    )
    row = {"id": "q", "doc": "c1", "text": "What is the rent of Lease A?", "spans": ["Rent is 5 €."]}
    (tmp_path / "qa.jsonl").write_text(json.dumps(row))
    found = read_set(tmp_path)
    assert found.sources[0].name == "Lease A.pdf"
    assert found.queries[0].gold == (Gold("c1", passage="Rent is 5 €."),)


@pytest.mark.parametrize(
    ("damage", "reason"),
    [
        (lambda folder: (folder / "qrels.tsv").write_text("head\nq1 d1 1"), "is damaged: ValueError"),
        (lambda folder: (folder / "corpus.jsonl").write_text("{"), "line 1 of corpus.jsonl is no JSON"),
        (lambda folder: (folder / "corpus.jsonl").write_text('{"id": "d1"}'), "is damaged: KeyError"),
        (lambda folder: (folder / "qrels.tsv").write_text("head\nq1\td9\t1"), "it judges d9"),
        (lambda folder: (folder / "qrels.tsv").write_text("head\n"), "no query that anything answers"),
        (lambda folder: (folder / "queries.jsonl").unlink(), "holds no judged set"),
    ],
)
def test_a_damaged_folder_is_refused_with_the_reason(
    damage: Callable[[Path], object], reason: str, tmp_path: Path
) -> None:
    damage(write_beir(tmp_path))
    with pytest.raises(Rejected, match=reason):
        read_set(tmp_path)


def test_golden_questions_with_several_answers_are_one_question() -> None:
    rows = ["question,document,page", "Rent?,Lease A,3", "Rent?,Lease B,", "Who?,Staff list,"]
    rent, who = (each.query for each in parse_golden(rows))
    assert rent.gold == (Gold("Lease A", page=3), Gold("Lease B"))
    assert (who.text, who.gold) == ("Who?", (Gold("Staff list"),))


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ([], "no column document and no column question"),
        (["question,title"], "no column document"),
        (["question,document"], "no question below its first line"),
        (["question,document", "Rent?,"], "Line 2 of the CSV has no document"),
        (["question,document,page", "Rent?,Lease,first"], "has the page “first”"),
        (["question,document,page", "Rent?,Lease,0"], "numbers from 1 up"),
    ],
)
def test_a_wrong_csv_is_refused_with_the_line(lines: list[str], reason: str) -> None:
    with pytest.raises(Rejected, match=reason):
        parse_golden(lines)


def test_a_csv_from_a_spreadsheet_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    (tmp_path / "golden.csv").write_bytes("question,document\nRent?,Lease\n".encode("utf-8-sig"))
    assert golden_questions(tmp_path / "golden.csv")[0].query.text == "Rent?"


# What counts as found


def test_a_passage_is_held_whole_or_by_a_long_run_of_words() -> None:
    words = [f"word{n}" for n in range(60)]
    assert judged("d", text="… so the Rent IS 5 € a month").holds("rent is 5")
    assert not judged("d", text="apart").holds("art")
    assert judged("d", text=" ".join(words[:25])).holds(" ".join(words))
    assert not judged("d", text=" ".join(words[:15])).holds(" ".join(words))


def test_a_page_answers_only_in_its_own_document() -> None:
    gold = Gold("10K", page=5)
    assert gold.is_in(judged("10K", pages=(4, 5)))
    assert not gold.is_in(judged("10K", pages=(6,)))
    assert not gold.is_in(judged("8K", pages=(5,)))


def test_what_two_chunks_hold_of_a_passage_counts_once() -> None:
    words = [f"{n:04}" for n in range(40)]
    chunks = [judged("d", text=" ".join(words[:20])), judged("d", text=" ".join(words[10:30]))]
    assert covered(" ".join(words), chunks) == pytest.approx(30 / 40)


# Figures


def of(ranking: list[Judged], *gold: Gold, by_document: bool = True) -> Any:
    return figures([Query("q", "?", gold)], [ranking], by_document=by_document)


def test_figures_are_those_of_the_definitions() -> None:
    found = of([judged("x"), judged("a"), judged("y"), judged("b")], Gold("a"), Gold("b"))
    ideal = 1 + 1 / np.log2(3)
    assert found.ndcg == pytest.approx((1 / np.log2(3) + 1 / np.log2(5)) / ideal)
    assert (found.mrr, found.recall_10, found.hit) == (0.5, 1.0, 1.0)


def test_a_document_counts_once_where_documents_are_judged() -> None:
    twice = [judged("x", 0), judged("x", 1), judged("a", 0), judged("a", 1)]
    assert of(twice, Gold("a")).mrr == pytest.approx(1 / 2)
    assert of(twice, Gold("a"), by_document=False).mrr == pytest.approx(1 / 3)


def test_a_query_that_finds_nothing_counts_as_nothing() -> None:
    queries = [Query("1", "?", (Gold("a"),)), Query("2", "?", (Gold("a"),))]
    assert figures(queries, [[judged("a")], []], by_document=True).ndcg == pytest.approx(0.5)


def test_the_interval_holds_the_mean_and_does_not_change() -> None:
    values = np.random.default_rng(1).random(200)
    low, high = interval(values)
    assert low < values.mean() < high
    assert interval(values) == (low, high)


def test_characters_are_counted_where_passages_answer_only() -> None:
    passage = Query("1", "?", (Gold("a", passage="rent is five"),))
    found = characters_found([passage], [[judged("a", text="The rent is five.")]])
    assert found == CharactersFound(top=1.0, read=1.0)
    assert characters_found([Query("1", "?", (Gold("a"),))], [[judged("a")]]) is None


def test_characters_are_counted_up_to_a_reader_s_4000() -> None:
    passage = Query("1", "?", (Gold("a", passage="one two three four five six seven eight"),))
    long, short = judged("b", text="x" * 3_970), judged("a", text=passage.gold[0].passage)
    found = characters_found([passage], [[long, short]])
    assert found is not None
    assert (found.top, found.read) == (1.0, pytest.approx(22 / 32))


# Whole runs


@pytest.mark.django_db
def test_a_set_is_measured_through_the_product_s_own_search(fake_models: Settings, tmp_path: Path) -> None:
    row = as_row(evaluate_set(read_set(write_beir(tmp_path / "toy"))))
    assert {"set", "queries", "chunks", "legs", "p50_ms", "p95_ms", "chunks_per_second"} <= row.keys()
    assert (row["set"], row["queries"], row["chunks"], set(row["legs"])) == ("toy", 2, 3, LEGS)
    assert row["legs"]["final"]["ndcg@10"] == 1.0
    assert row["final_against"]["ndcg@10"] == 0.0
    assert "final (what a person gets)" in "\n".join(as_lines(row))


@pytest.mark.django_db
def test_a_file_that_cannot_be_read_is_told_and_the_rest_is_measured(
    fake_models: Settings, tmp_path: Path
) -> None:
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    sources = [
        Source("d1", "d1.txt", "Travel", "Trains are booked."),
        Source("d2", "broken.pdf", path=tmp_path / "broken.pdf"),
    ]
    found = evaluate_set(JudgedSet("toy", sources, [Query("q", "trains", (Gold("d1"),))]))
    assert found.unreadable[0].startswith("broken.pdf: ")
    assert found.legs["final"].hit == 1.0


@pytest.fixture
def lease(fake_models: Settings, shelf: Collection, dana: Person) -> None:
    document = make_document(shelf, owner=dana, title="Lease A", chunks=("The rent is five.", "No dogs."))
    indexed(document)
    secret = make_document(shelf, owner=dana, title="Plan", sensitivity=Sensitivity.RESTRICTED)
    indexed(secret)


def test_golden_questions_are_asked_as_a_person(lease: None, alice: Person) -> None:
    found = evaluate_golden(
        "ours", queries_in(parse_golden(["question,document", "What is the rent?,lease a"])), alice
    )
    assert (found.chunks, found.legs["final"].mrr) == (2, 1.0)
    assert found.chunks_per_second is None


@pytest.mark.parametrize("title", ["Plan", "No such document"])
def test_a_document_that_the_person_cannot_see_is_like_one_that_is_not_there(
    title: str, lease: None, alice: Person
) -> None:
    with pytest.raises(Rejected, match=f"alice can see no document with the title or file name “{title}”"):
        evaluate_golden("ours", queries_in(parse_golden(["question,document", f"What?,{title}"])), alice)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["nowhere"], "neither a folder with a judged set nor a CSV"),
        (["golden.csv"], "add --as USER"),
        (["."], "holds no judged set"),
        ([".", "--out", "nowhere/figures.json"], "There is no folder nowhere"),
    ],
)
def test_the_command_run_wrongly_says_what_to_do(
    arguments: list[str], reason: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(CommandError, match=reason):
        call_command("evaluate", "retrieval", *arguments)


@pytest.mark.django_db
def test_missing_weights_are_told_in_a_sentence(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRONGROOM_EMBEDDER", "no-such-model")
    with pytest.raises(CommandError, match="There is no model “no-such-model”"):
        call_command("evaluate", "retrieval", str(write_beir(tmp_path / "toy")))


@pytest.mark.models
@pytest.mark.django_db
def test_the_command_measures_in_a_data_folder_of_its_own(tmp_path: Path, settings: Settings) -> None:
    weights.prepare_one(MINILM, settings.VAR / "models")
    out = StringIO()
    figures = tmp_path / "figures.json"
    call_command(
        "evaluate",
        "retrieval",
        str(write_beir(tmp_path / "toy")),
        "--json",
        "--out",
        str(figures),
        stdout=out,
    )
    [row] = json.loads(out.getvalue())
    assert row == json.loads(figures.read_text())[0]
    assert row["legs"]["final"]["hit@10"] == 1.0
    assert not Person.objects.filter(username="evaluator").exists()

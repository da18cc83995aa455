"""Measuring answers: what is right, what a comparison says, and what a new model must get past."""

import json
import re
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.checks import Tags, run_checks
from django.core.management import CommandError, call_command
from django.urls import reverse
from pytest_django.fixtures import Settings

from ingestion.evaluate.answer_figures import answer_figures
from ingestion.evaluate.answer_report import as_answer_lines, as_answer_row, figures_row
from ingestion.evaluate.answer_sets import read_answers
from ingestion.evaluate.answers import Outcome
from ingestion.evaluate.baseline import Comparison, mcnemar
from ingestion.evaluate.expected import Expected, Said, facts_said, is_right, leaks, score
from ingestion.evaluate.judged import Gold, Judged, Query
from ingestion.evaluate.key_span import key_span
from ingestion.evaluate.made_with import changed, made_with
from ingestion.evaluate.readers import parse_golden
from ingestion.evaluate.runs import measure
from kb.errors import Rejected
from kb.models import Answer, Collection, Conversation, GoldenRun, GoldenSet, Person
from tests.builders import indexed, make_document
from tests.visiting import page_of, signed_in, text_of

CLAUSE = "The licensee shall pay a fee of five hundred dollars on the first day of each month to the licensor"
CHUNK = Judged("lease", 0, (3,), "The rent is 500 euros, due in three months.")


def expected(*gold: Gold, **fields: object) -> Expected:
    return Expected(Query("q", "What is the rent?", gold), **fields)


def outcome(question: str, *, right: bool, **fields: object) -> Outcome:
    plain = Outcome(
        question=question, ask_as="", refuse=False, refused=False, right=right, score=float(right), hit=right,
        leaked=False, supported=None, seconds=2.0, first_token=1.0, cost_usd=0.5,
    )  # fmt: skip
    return replace(plain, **fields)


# --- What is right -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "said", "right"),
    [
        (expected(words=("500  Euros", "three months")), Said("500 euros for\nthree months."), True),
        (expected(words=("500 euros", "two months")), Said("500 euros for three months."), False),
        (expected(words=("500 euros",), never=("95",)), Said("500 euros.", quotes=("It was 95.",)), False),
        (expected(words=("500 euros",)), Said("500 euros", refused=True), False),
        (expected(refuse=True), Said("I found nothing.", refused=True), True),
        (expected(refuse=True), Said("It is 500 euros."), False),
        (expected(Gold("lease", passage=CLAUSE)), Said(f"Yes. {CLAUSE}."), True),
        (expected(Gold("lease", passage=CLAUSE)), Said("Yes, a fee is paid."), False),
        (expected(Gold("lease", page=3)), Said("500 euros", cited=(CHUNK,)), True),
        (expected(Gold("lease", page=4)), Said("500 euros", cited=(CHUNK,)), False),
        (expected(reference="The rent is 500 euros. Dogs are allowed."), Said("The rent: 500 euros."), True),
        (expected(reference="The rent is 500 euros. Dogs are allowed."), Said("The rent: 50 euros."), False),
    ],
)  # fmt: skip
def test_an_answer_is_right_or_not(wanted: Expected, said: Said, right: bool) -> None:
    assert is_right(wanted, score(wanted, said)) is right


def test_a_sentence_of_the_reference_is_said_with_all_its_numbers_and_most_of_its_words() -> None:
    reference = "The rent is 500 euros. Dogs are allowed in the garden."
    assert facts_said(reference, "The rent is 500 euros") == 0.5
    assert facts_said(reference, "Dogs: allowed, garden. Rent: 500 euros") == 1.0
    assert facts_said(reference, "The rent is 501 euros") == 0.0


def test_what_must_not_be_said_is_looked_for_in_quotes_too() -> None:
    assert leaks(expected(never=("€388",)), Said("Nothing.", quotes=("A membrane is €388.",)))


@pytest.mark.parametrize(
    ("quote", "span"),
    [
        ("In 2026, a CB-150 needs 95 L for a flush.", "95 L"),
        ("The discount is 32 % for them.", "32 %"),
        ("Leave is granted by Marlies Thönnes alone.", "Marlies Thönnes"),
        ("Trains are booked in second class. From there on, wait.", "Trains are booked in second class"),
        ("Every one goes to the line manager, two weeks ahead.", "Every one goes to the line manager, two"),
    ],
)  # fmt: skip
def test_the_key_span_of_a_quote_is_what_the_question_does_not_hold(quote: str, span: str) -> None:
    assert key_span("What does a CB-150 need in 2026?", quote) == span


# --- Figures and comparisons -------------------------------------------------------------------------


def test_refusals_count_for_precision_and_recall_and_not_as_citations() -> None:
    refused = {"refused": True, "hit": None, "score": 0.0}
    found = answer_figures(
        [
            outcome("a", right=True),
            outcome("b", right=False, **refused),
            outcome("c", right=True, refuse=True, **refused),
            outcome("d", right=False, refuse=True, hit=None),
        ]
    )
    shares = (found.right, found.correct, found.citation_hit, found.refusal_precision, found.refusal_recall)
    assert [each and (each.mean, each.of) for each in shares] == [
        (0.5, 4), (0.5, 2), (1.0, 1), (0.5, 2), (0.5, 2),
    ]  # fmt: skip
    assert (found.seconds and found.seconds.p95, found.cost_usd) == (2.0, 2.0)


def test_a_set_that_cannot_be_answered_says_why() -> None:
    row = as_answer_row("ours", [outcome("a", right=False, failure="The index is away.")])
    assert "  the first that was not answered: The index is away." in list(as_answer_lines(row))


def test_the_halves_of_a_set_are_told_apart() -> None:
    row = as_answer_row("ours", [outcome("a", right=True), outcome("b", right=False)])
    halves = {"halves": [figures_row("ours, one half", [outcome("b", right=False)])]}
    told = "\n".join(as_answer_lines(row | halves))
    assert re.search(r"ours: 2 questions\n +right, of all +0\.500", told)
    assert re.search(r"ours, one half: 1 questions\n +right, of all +0\.000", told)


def test_mcnemar_is_exact() -> None:
    assert mcnemar(0, 0) == 1.0
    assert mcnemar(5, 5) == 1.0
    assert mcnemar(6, 0) == mcnemar(0, 6) == 2 / 64
    assert mcnemar(8, 1) == pytest.approx(2 * (1 + 9) / 512)


@pytest.mark.parametrize(("lost", "worse"), [(4, False), (6, True)])
def test_a_run_is_worse_only_beyond_noise(lost: int, worse: bool) -> None:
    names = [f"q{n}" for n in range(40)]
    before = as_answer_row("ours", [outcome(name, right=True) for name in names])["outcomes"]
    after = [outcome(name, right=n >= lost) for n, name in enumerate(names)]
    found = Comparison.between(
        before, as_answer_row("ours", [*after, outcome("new", right=False)])["outcomes"]
    )
    assert (found.shared, found.worsened, found.worse) == (40, tuple(names[:lost]), worse)


def test_what_answers_say_of_a_reference_counts_where_they_stay_right() -> None:
    names = [f"q{n}" for n in range(40)]
    before = as_answer_row("ours", [outcome(name, right=True) for name in names])["outcomes"]
    after = as_answer_row("ours", [outcome(name, right=True, score=0.6) for name in names])["outcomes"]
    found = Comparison.between(before, after)
    assert (found.worsened, found.p, found.worse) == ((), 1.0, True)


# --- Sets --------------------------------------------------------------------------------------------


def test_a_csv_says_what_an_answer_must_hold_and_what_is_refused() -> None:
    rows = ["question,document,page,words,refuse", "Rent?,Lease,3,500 euros| monthly ,", "Dividend?,,,,yes"]
    rent, dividend = parse_golden(rows)
    assert (rent.words, rent.refuse) == (("500 euros", "monthly"), False)
    assert (dividend.query.gold, dividend.refuse) == ((), True)
    with pytest.raises(
        Rejected, match="Line 2 of the CSV names a document for a question that is to be refused"
    ):
        parse_golden([rows[0], "Dividend?,Lease,,,yes"])


def test_a_clause_that_a_contract_lacks_is_to_be_refused(tmp_path: Path) -> None:
    contracts = [{"id": f"c{n}", "name": f"Lease {n}", "file": f"c{n}.pdf"} for n in (1, 2)]
    (tmp_path / "contracts.jsonl").write_text("\n".join(map(json.dumps, contracts)))
    rows = [
        {"id": f"q{n}", "doc": "c1" if n < 3 else "c2", "text": f"{n}?", "spans": [CLAUSE] * (n % 2)}
        for n in (1, 2, 3)
    ]
    (tmp_path / "qa.jsonl").write_text("\n".join(map(json.dumps, rows)))
    found = read_answers(tmp_path, limit=2)
    assert [(each.query.gold, each.refuse) for each in found.expected] == [
        ((Gold("c1", passage=CLAUSE),), False), ((), True),
    ]  # fmt: skip
    assert [source.id for source in found.sources] == ["c1"]


# --- A company's own set, and the gate ---------------------------------------------------------------


@pytest.fixture
def golden(fake_models: Settings, dana: Person, shelf: Collection) -> GoldenSet:
    """Two questions that a library of one document answers and refuses, as it should."""
    indexed(make_document(shelf, owner=dana))
    made = GoldenSet.objects.create(owner=dana, name="Travel")
    made.questions.create(
        text="How are trains booked in second class?", document="Travel policy", words=["second class"]
    )
    made.questions.create(text="What is the dividend of Xanadu 2019?", refuse=True)
    return made


def evaluate(*arguments: str) -> str:
    out = StringIO()
    call_command("evaluate", "answers", *arguments, stdout=out)
    return out.getvalue()


def spoil(run: GoldenRun, *, were: bool) -> None:
    """An accepted run of other models, in which many more questions were right, or wrong."""
    run.outcomes = [each | {"right": were, "score": float(were)} for each in run.outcomes]
    run.made_with = {"llm": "another"}
    run.save()
    run.accept()


def test_a_golden_set_is_asked_through_the_flow_and_nothing_of_it_stays(golden: GoldenSet) -> None:
    row = json.loads(evaluate("Travel", "--as", "dana", "--json"))[0]
    assert (row["right"]["mean"], row["citation_hit"]["of"], row["refusal_recall"]["mean"]) == (1.0, 1, 1.0)
    assert row["made_with"] == made_with()
    assert (Conversation.objects.count(), Answer.objects.count()) == (0, 0)


def test_a_run_is_accepted_and_later_ones_are_compared_with_it(golden: GoldenSet) -> None:
    evaluate("Travel", "--as", "dana", "--accept")
    assert golden.accepted() is not None
    assert "2 questions: 0 became right, 0 wrong" in evaluate(
        "Travel", "--as", "dana", "--baseline", "accepted"
    )
    with pytest.raises(CommandError, match="neither a file that --out wrote"):
        evaluate("Travel", "--as", "dana", "--baseline", "yesterday")


def test_what_is_worse_ends_with_status_1_and_is_not_accepted(golden: GoldenSet, tmp_path: Path) -> None:
    for n in range(6):
        golden.questions.create(text=f"What is the fare to Xanadu {n}?", refuse=True)
    file = tmp_path / "before.json"
    evaluate("Travel", "--as", "dana", "--out", str(file))
    golden.questions.filter(refuse=True).update(refuse=False, document="Travel policy")
    with pytest.raises(CommandError, match="Worse than the baseline"):
        evaluate("Travel", "--as", "dana", "--baseline", str(file), "--accept")
    assert golden.accepted() is None


def test_a_change_of_model_or_prompt_is_noticed_but_not_one_of_the_key(fake_models: Settings) -> None:
    before = made_with()
    options = {"model": "openai/some", "api_key": "sk-1"}
    llm = {"BACKEND": "inference.backends.litellm.Chat", "LOCATION": "cloud", "OPTIONS": options}
    fake_models.MODELS = {**fake_models.MODELS, "llm": llm}
    assert changed(before) == ("llm",)
    assert "sk-1" not in str(now := made_with())
    llm["OPTIONS"] = options | {"api_key": "sk-2"}
    assert changed(now) == ()
    assert changed(now | {"prompt": "answer-0"}) == ("prompt",)


def test_what_was_not_measured_is_told_by_a_check_and_on_the_page(golden: GoldenSet, dana: Person) -> None:
    run = golden.begin(GoldenRun.Kind.ANSWERS)
    measure(run.pk)
    run.refresh_from_db()
    signed_in(dana).post(reverse("run-accept", args=[golden.pk, run.pk]))
    assert run_checks(tags=[Tags.database], databases=["default"]) == []
    spoil(run, were=True)
    (warning,) = run_checks(tags=[Tags.database], databases=["default"])
    assert (warning.id, "--as dana --baseline accepted --accept" in warning.hint) == ("strongroom.W001", True)
    assert "Answers are not yet measured as they are made now" in text_of(page_of(dana, reverse("quality")))


def test_the_gate_of_an_index_lets_through_what_is_not_worse(golden: GoldenSet) -> None:
    evaluate("Travel", "--as", "dana", "--accept")
    spoil(golden.runs.get(), were=False)
    out = StringIO()
    call_command("reindex", stdout=out)
    assert "Run `manage.py reindex --as dana`" in out.getvalue()
    call_command("reindex", "--as", "dana", stdout=out)
    assert "2 became right, 0 wrong" in out.getvalue()
    accepted = golden.accepted()
    assert accepted and accepted.made_with == made_with()


def test_the_gate_keeps_what_is_worse_out_unless_a_person_insists(golden: GoldenSet) -> None:
    for n in range(6):
        golden.questions.create(text=f"What is the fare to Xanadu {n}?", refuse=True)
    evaluate("Travel", "--as", "dana", "--accept")
    golden.questions.update(refuse=False, document="Travel policy", words=["never said"])
    spoil(first := golden.runs.get(), were=True)
    with pytest.raises(CommandError, match="Go back with `reindex --keep`"):
        call_command("reindex", "--as", "dana", stdout=StringIO())
    assert golden.accepted() == first
    call_command("reindex", "--as", "dana", "--switch", stdout=StringIO())
    assert golden.accepted() != first


def test_another_administrator_accepts_no_run_of_mine(golden: GoldenSet, alice: Person) -> None:
    Person.objects.filter(pk=alice.pk).update(is_staff=True)
    run = golden.begin(GoldenRun.Kind.ANSWERS)
    GoldenRun.objects.update(state=GoldenRun.State.DONE)
    assert signed_in(alice).post(reverse("run-accept", args=[golden.pk, run.pk])).status_code == 404
    assert golden.accepted() is None

"""Reading all of some documents: what each step may send, what fails, what is paid once, and what is said."""

from collections.abc import Sequence
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from inference import registry
from inference.ask import ask, pose
from inference.survey.begin import begin
from inference.survey.run import Progress, run
from inference.survey.scope import documents_for, kind_of, needs_all, topic_of
from inference.survey.units import units
from ingestion import tasks
from ingestion.reconcile import resend
from kb.errors import Rejected
from kb.models import (
    Answer,
    Collection,
    Document,
    ModelCall,
    Person,
    Sensitivity,
    Survey,
    SurveyStep,
)
from kb.models.answers import LONGEST
from kb.models.chunks import Chunk
from tests.builders import indexed, make_chunk, make_document, make_key
from tests.recording_cloud import Mood, RecordingCloud
from tests.visiting import chat_of, page_of, signed_in, text_of

if TYPE_CHECKING:
    from django.http import HttpResponse

QUESTION = "Compare all contracts on notice"
ALPHA = "The notice period of the Alpha contract is four weeks."
BETA = "The notice period of the Beta contract is six months."
GAMMA = "The notice period of the Gamma contract is one year, codeword marzipan."


@pytest.fixture
def contracts(fake_models: Settings, shelf: Collection, dana: Person) -> list[Document]:
    return [
        contract(shelf, dana, "Alpha contract", ALPHA),
        contract(shelf, dana, "Beta contract", BETA),
        contract(shelf, dana, "Gamma contract", GAMMA, Sensitivity.CONFIDENTIAL),
    ]


def contract(
    shelf: Collection, owner: Person, title: str, text: str, label: Sensitivity = Sensitivity.PUBLIC
) -> Document:
    return indexed(make_document(shelf, owner=owner, title=title, sensitivity=label, chunks=[text]))


def finished(survey: Survey) -> Answer:
    list(run(survey))
    return Answer.objects.get(pk=survey.answer_id)


def states(survey: Survey) -> list[str]:
    return [step.state for step in survey.steps.all()]


def test_without_a_language_model_each_document_is_quoted_under_its_title(
    contracts: list[Document], alice: Person
) -> None:
    answer = finished(begin(alice, QUESTION))
    assert answer.text == (
        f"**Alpha contract**: {ALPHA} [1]\n\n**Beta contract**: {BETA} [2]\n\n**Gamma contract**: {GAMMA} [3]"
    )
    assert (answer.state, answer.location) == (Answer.State.DONE, Answer.Made.ON_PREMISES)
    assert [citation.quote for citation in answer.citations.all()] == [ALPHA, BETA, GAMMA]


def test_a_document_that_says_nothing_of_the_topic_is_not_quoted(
    contracts: list[Document], shelf: Collection, alice: Person, dana: Person
) -> None:
    contract(shelf, dana, "Delta contract", "Delta delivers valves and pipes to Nordholm every spring.")
    survey = begin(alice, QUESTION)
    assert "Delta" not in finished(survey).text
    assert survey.steps.get(heading="Delta contract").state == SurveyStep.State.DONE


def test_only_steps_that_may_leave_reach_the_cloud_and_the_rest_stands_below(
    cloud: RecordingCloud, contracts: list[Document], alice: Person
) -> None:
    cloud.answer = "Four weeks or more [1]."
    answer = finished(begin(alice, QUESTION))
    assert [len(request["messages"]) for request in cloud.requests] == [2, 2, 2]
    assert "marzipan" not in cloud.everything_received()
    assert "Gamma" not in cloud.everything_received()
    assert answer.text == f"Four weeks or more [1].\n\n**Gamma contract**: {GAMMA} [2]"
    assert (answer.location, answer.sensitivity) == (Answer.Made.MIXED, Sensitivity.CONFIDENTIAL)
    assert [citation.quote for citation in answer.citations.all()] == [ALPHA, GAMMA]


def test_the_merging_is_judged_by_every_chunk_that_went_into_the_findings(
    cloud: RecordingCloud, contracts: list[Document], alice: Person
) -> None:
    survey = begin(alice, QUESTION)
    for progress in run(survey):
        if progress.taken == survey.size:
            Document.objects.filter(title="Beta contract").update(sensitivity=Sensitivity.CONFIDENTIAL)
    answer = Answer.objects.get(pk=survey.answer_id)
    assert len(cloud.requests) == 2
    assert answer.text.startswith("**Alpha contract**")
    assert [call.decision for call in ModelCall.objects.filter(location="cloud")] == ["send", "send"]


def test_a_step_that_the_cloud_fails_at_is_quoted(
    cloud: RecordingCloud, contracts: list[Document], alice: Person
) -> None:
    cloud.mood, cloud.spells, cloud.answer = Mood.UNAUTHORISED, 1, "Six months [1]."
    survey = begin(alice, QUESTION)
    finished(survey)
    assert [step.model for step in survey.steps.all()] == ["extractive", "llm", "extractive"]


def test_what_could_not_be_read_is_said_and_the_rest_is_answered(
    contracts: list[Document], alice: Person, fake_models: Settings
) -> None:
    survey = begin(alice, QUESTION)
    going = run(survey)
    next(going)
    fake_models.MODELS = {
        **fake_models.MODELS,
        "extractive": {
            "BACKEND": "inference.backends.fake.Scripted",
            "LOCATION": "on-premises",
            "OPTIONS": {"failure": "It is down."},
        },
    }
    registry.forget()
    next(going)
    fake_models.MODELS = {**fake_models.MODELS, "extractive": QUOTING}
    registry.forget()
    list(going)
    answer = Answer.objects.get(pk=survey.answer_id)
    assert states(survey) == ["failed", "done", "done"]
    assert survey.steps.first().failure == "It is down."
    assert (answer.state, "Beta" in answer.text, "Alpha" in answer.text) == (Answer.State.DONE, True, False)


QUOTING = {"BACKEND": "inference.backends.extractive.Extractive", "LOCATION": "on-premises"}


def test_a_survey_that_was_left_goes_on_where_it_was(
    cloud: RecordingCloud, contracts: list[Document], alice: Person
) -> None:
    cloud.answer = "Four weeks [1]."
    survey = begin(alice, QUESTION)
    left = run(survey)
    assert [next(left), next(left)] == [Progress(0, 3, "Alpha contract"), Progress(1, 3, "Beta contract")]
    left.close()
    assert list(run(Survey.objects.get(pk=survey.pk))) == []
    Answer.objects.get(pk=survey.answer_id, state=Answer.State.STOPPED).reopen()
    taken_up = Survey.objects.get(pk=survey.pk)
    assert next(iter(run(taken_up))) == Progress(1, 3, "Beta contract")
    assert len(cloud.requests) == 1


def test_one_that_was_left_without_a_word_is_taken_up_after_a_while(
    contracts: list[Document], alice: Person
) -> None:
    survey = begin(alice, QUESTION)
    dead = run(survey)
    next(dead)
    next(dead)
    Answer.objects.update(claimed_at=timezone.now() - 2 * LONGEST)
    assert next(iter(run(Survey.objects.get(pk=survey.pk)))) == Progress(1, 3, "Beta contract")


def test_whoever_comes_second_does_nothing(contracts: list[Document], alice: Person) -> None:
    survey = begin(alice, QUESTION)
    first = run(survey)
    next(first)
    assert list(run(Survey.objects.get(pk=survey.pk))) == []
    first.close()


def test_a_stopped_survey_takes_no_further_step(contracts: list[Document], alice: Person) -> None:
    survey = begin(alice, QUESTION)
    going = run(survey)
    next(going)
    next(going)
    Answer.objects.get(pk=survey.answer_id).stop()
    assert list(going) == []
    assert states(survey) == ["done", "waiting", "waiting"]
    assert Answer.objects.get(pk=survey.answer_id).state == Answer.State.STOPPED


@pytest.mark.parametrize("taken", [0, 3])
def test_what_is_withdrawn_before_or_after_its_step_is_left_out(
    taken: int, contracts: list[Document], alice: Person, dana: Person
) -> None:
    survey = begin(alice, QUESTION)
    for progress in run(survey):
        if progress.taken == taken:
            Document.objects.filter(title="Beta contract").update(sensitivity=Sensitivity.RESTRICTED)
    answer = Answer.objects.get(pk=survey.answer_id)
    assert states(survey) == ["done", "withdrawn", "done"]
    assert "six months" not in answer.text
    assert answer.readable_by(alice)


def test_a_question_that_costs_more_than_the_limit_waits_for_consent(
    cloud: RecordingCloud, contracts: list[Document], alice: Person, fake_models: Settings
) -> None:
    fake_models.SURVEY_CALLS = 2
    survey = begin(alice, QUESTION)
    assert (survey.calls, survey.confirmed) == (3, False)
    assert survey.cost_usd == pytest.approx(0.0017, abs=0.0015)
    assert (list(run(survey)), cloud.requests) == ([], [])
    survey.confirm()
    assert finished(survey).state == Answer.State.DONE
    assert len(cloud.requests) == survey.calls


def test_the_page_offers_to_read_all_and_shows_how_far_it_is(
    contracts: list[Document], alice: Person, charlie: Person
) -> None:
    quick = list(ask(pose(alice, QUESTION)))[-1].answer
    assert "The question asks for more" in text_of(page_of(alice, chat_of(quick)))
    begun = reverse("answer-survey", args=[quick.pk])
    assert signed_in(charlie).post(begun).status_code == 404
    assert signed_in(alice).post(begun).status_code == 302
    going = run(Survey.objects.get())
    next(going)
    next(going)
    page = text_of(page_of(alice, chat_of(quick)))
    assert "Reading 2 of 3:" in page
    assert "Beta contract" in page
    list(going)
    assert "Everything was read, in 3 steps." in text_of(page_of(alice, chat_of(quick)))


def test_the_page_asks_before_it_costs_more_than_the_limit(
    cloud: RecordingCloud, contracts: list[Document], alice: Person, charlie: Person, fake_models: Settings
) -> None:
    fake_models.SURVEY_CALLS = 2
    survey = begin(alice, QUESTION)
    page = text_of(page_of(alice, chat_of(survey.answer)))
    assert "It takes about 3 calls of a language model" in page
    assert "data-stream" not in page
    agree = reverse("survey-confirm", args=[survey.answer_id])
    assert signed_in(charlie).post(agree).status_code == 404
    signed_in(alice).post(agree)
    survey.refresh_from_db()
    assert survey.confirmed


@pytest.mark.parametrize("address", ["/documents/{}/summarise/", "/api/v1/documents/{}/summary"])
def test_a_document_is_summarised_section_by_section(
    address: str, contracts: list[Document], alice: Person
) -> None:
    signed_in(alice).post(address.format(contracts[0].pk))
    survey = Survey.objects.get()
    assert (survey.kind, survey.size) == (Survey.Kind.SUMMARISE, 1)
    tasks.survey(survey.pk)
    assert Answer.objects.get().text.endswith(f"{ALPHA} [1]")


def test_the_reconciler_sends_what_nobody_works_on(contracts: list[Document], alice: Person) -> None:
    survey = begin(alice, QUESTION)
    assert list(Survey.objects.unattended()) == [survey]
    going = run(survey)
    next(going)
    assert not Survey.objects.unattended().exists()
    Answer.objects.update(claimed_at=timezone.now() - 2 * LONGEST)
    assert "The reading of 3 documents or sections waits for a worker." in resend()
    assert Answer.objects.get().state == Answer.State.RUNNING


def test_the_command_reads_all_once_its_cost_is_agreed_to(
    cloud: RecordingCloud, contracts: list[Document], alice: Person, fake_models: Settings
) -> None:
    cloud.answer, fake_models.SURVEY_CALLS = "Four weeks or more [1].", 2
    asked = ("ask", QUESTION, "--as", "alice", "--all")
    with pytest.raises(CommandError, match=r"^This takes about 3 calls .* Say --yes to agree\.$"):
        call_command(*asked)
    assert not cloud.requests
    said, progress = StringIO(), StringIO()
    call_command(*asked, "--yes", stdout=said, stderr=progress)
    assert said.getvalue().startswith("Four weeks or more [1].")
    assert "2 of 3: Beta contract\n" in progress.getvalue()


def test_the_api_reads_all_once_its_cost_is_agreed_to(
    cloud: RecordingCloud, contracts: list[Document], alice: Person, fake_models: Settings
) -> None:
    cloud.answer, fake_models.SURVEY_CALLS = "Four weeks or more [1].", 2
    tool = Client(headers={"Authorization": f"Bearer {make_key(alice)}"})

    def ask_all(**agreed: bool) -> "HttpResponse":
        return tool.post(
            "/api/v1/ask", {"question": QUESTION, "all": True, **agreed}, content_type="application/json"
        )

    refused = ask_all()
    assert (refused.status_code, cloud.requests) == (422, [])
    assert "3 calls of a language model" in refused.content.decode()
    reply = ask_all(agreed=True).json()
    assert reply["answer"].startswith("Four weeks or more [1].")
    assert [step["heading"] for step in reply["steps"]] == [
        "Alpha contract",
        "Beta contract",
        "Gamma contract",
    ]


def test_a_stranger_has_nothing_to_read(contracts: list[Document], charlie: Person) -> None:
    with pytest.raises(Rejected, match="No document that you may see"):
        begin(charlie, QUESTION)


def test_documents_are_found_by_what_they_are_called(contracts: list[Document], bob: Person) -> None:
    assert [str(document) for document in documents_for(QUESTION, bob)] == ["Alpha contract", "Beta contract"]


@pytest.mark.parametrize(
    ("text", "kind", "topic"),
    [
        ("Compare all 14 contracts on termination", Survey.Kind.COMPARE, "on termination"),
        ("Which contracts allow termination?", Survey.Kind.COMPARE, "Which allow termination"),
        ("Please summarise the annual report", Survey.Kind.SUMMARISE, "the annual"),
    ],
)
def test_a_question_says_what_each_document_is_asked(text: str, kind: Survey.Kind, topic: str) -> None:
    assert (kind_of(text), topic_of(text), needs_all(text)) == (kind, topic, True)


def test_an_ordinary_question_needs_no_survey() -> None:
    assert not needs_all("What is the notice period of the Alpha contract?")


def test_a_summary_reads_whole_sections_and_never_two_labels_at_once(shelf: Collection, dana: Person) -> None:
    document = make_document(shelf, owner=dana, title="Report", sensitivity=Sensitivity.PUBLIC, chunks=[])
    assert document.current_version
    for ordinal, (section, label) in enumerate([("A", 10), ("A", 10), ("B", 10), ("B", 30), ("C", 10)]):
        chunk = make_chunk(document.current_version, ordinal, "x" * 40, sensitivity=label)
        Chunk.objects.filter(pk=chunk.pk).update(header=f"Report › {section}")
    found = units(Survey.Kind.SUMMARISE, [document], "", dana, characters=100)
    assert ordinals(found) == [[0, 1], [2], [3], [4]]


def ordinals(found: Sequence[object]) -> list[list[int]]:
    return [[chunk.ordinal for chunk in unit.chunks] for unit in found]

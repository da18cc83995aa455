"""Without any one of these safeguards a test fails. Each is taken out of the code, and its tests are run."""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from subprocess import PIPE, Popen

import pytest

from tests.mutating import BROKEN, FAILED, PASSED

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Mutation:
    """`old` is the safeguard as it stands in the file, `new` what is left without it."""

    file: str
    old: str
    new: str
    test: str


MUTATIONS = {
    "the gateway decides by itself": Mutation(
        "inference/gateway.py",
        "if not may_read(location, judged.leaving):",
        "if False:",
        "tests/test_gateway.py::test_a_strict_question_is_refused_even_without_a_source",
    ),
    "the gateway keeps what speaks to language models from them": Mutation(
        "inference/gateway.py",
        "if call.model != QUOTED and",
        "if False and",
        "tests/test_injection.py::test_the_gateway_refuses_it_whatever_the_plan_says",
    ),
    "the gateway asks for pseudonyms where they are demanded": Mutation(
        "inference/gateway.py",
        "if call.pseudonyms is None:",
        "if False:",
        "tests/test_gateway.py::test_what_leaves_under_pseudonyms_does_not_leave_without",
    ),
    "the gateway looks for names that were left": Mutation(
        "inference/gateway.py",
        "if call.pseudonyms.left_in(call.prompt.user):",
        "if False:",
        "tests/test_gateway.py::test_a_name_that_was_left_in_the_prompt_stops_it",
    ),
    "the gateway reads labels anew": Mutation(
        "inference/judgement.py",
        "found.get(chunk, (Sensitivity.RESTRICTED, None))",
        "(Sensitivity.PUBLIC, None)",
        "tests/test_gateway.py::test_a_label_that_was_raised_since_the_question_was_routed_holds",
    ),
    "a chunk that is gone counts as Restricted": Mutation(
        "inference/judgement.py",
        "found.get(chunk, (Sensitivity.RESTRICTED, None))",
        "found.get(chunk, (Sensitivity.PUBLIC, None))",
        "tests/test_gateway.py::test_a_chunk_that_is_gone_does_not_leave",
    ),
    "what a person holds back is held back by the gateway": Mutation(
        "inference/judgement.py",
        '_Way(held_to, "the conversation"),',
        "",
        "tests/test_gateway.py::test_what_a_person_or_a_conversation_holds_back_does_not_leave",
    ),
    "each attempt is written down before it is sent": Mutation(
        "inference/backends/wire.py",
        "self._before_sending(request.read())",
        "request.read()",
        "tests/test_litellm.py::test_every_request_is_told_byte_for_byte_before_it_arrives",
    ),
    "a request leaves for the declared host only": Mutation(
        "inference/backends/wire.py",
        "if host != self._destination:",
        "if False:",
        "tests/test_litellm.py::test_another_host_than_the_declared_one_gets_nothing",
    ),
    "no word is taken of a model that does not say what it sends": Mutation(
        "inference/gateway.py",
        "if not record.begun:",
        "if False:",
        "tests/test_gateway.py::test_not_a_word_is_taken_of_a_model_that_does_not_say_what_it_sends",
    ),
    "what may leave under pseudonyms only is hidden": Mutation(
        "inference/plan.py",
        "hidden=route.leaving == Leaving.PSEUDONYMISED",
        "hidden=False",
        "tests/test_boundary.py::test_names_in_internal_text_leave_as_aliases_and_come_back",
    ),
    "what one text shows to be a name is hidden in all": Mutation(
        "inference/pseudonyms/hide.py",
        "marked = [_mark_sightings(each, sightings) for each in marked]",
        "sightings",
        "tests/test_pseudonyms.py::test_what_one_text_shows_is_hidden_in_all_of_them",
    ),
    "the call is written down before it is sent": Mutation(
        "kb/models/ledger.py",
        "call.save(force_insert=True)",
        "pass",
        "tests/test_gateway.py::test_it_writes_the_call_down_before_the_first_word",
    ),
    "what was said before goes with the question": Mutation(
        "inference/plan.py",
        '(_said_before(conversation, table), "of what was said before in this conversation"),',
        "",
        "tests/test_ask.py::test_a_person_can_keep_a_question_in_and_the_conversation_stays_in",
    ),
    "labels of today hold for what was said before": Mutation(
        "inference/plan.py",
        "for label, collection in {*documents, *chunks}]",
        "for label, collection in set()]",
        "tests/test_ask.py::test_a_label_that_is_raised_later_holds_what_was_said_in",
    ),
    "the conversation is held to what it drew on": Mutation(
        "inference/record.py",
        "answer.question.conversation.tighten(answer.sensitivity, leaving)",
        "pass",
        "tests/test_ask.py::test_a_mixed_answer_sends_only_what_may_leave_and_holds_the_conversation_to_it",
    ),
    "personal data in a question make it Confidential": Mutation(
        "inference/personal/patterns.py",
        "Sensitivity.CONFIDENTIAL if find_personal(text) else Sensitivity.INTERNAL",
        "Sensitivity.INTERNAL",
        "tests/test_boundary.py::test_personal_data_in_a_question_keeps_it_in",
    ),
    "a part cites and is shown only its own chunks": Mutation(
        "inference/plan.py",
        "parts = [_part(asked, model, allowed, ",
        "parts = [_part(asked, model, hits, ",
        "tests/test_ask.py::test_a_mixed_answer_sends_only_what_may_leave_and_holds_the_conversation_to_it",
    ),
    "no label leaves more freely than a laxer one": Mutation(
        "kb/models/routes.py",
        "label for label in Sensitivity if label <= sensitivity",
        "label for label in Sensitivity if label == sensitivity",
        "tests/test_route.py::test_no_table_lets_a_stricter_label_leave_more_freely",
    ),
    "no row reaches farther than it may": Mutation(
        "kb/models/routes.py",
        "min(said, FARTHEST.get(sensitivity, Leaving.NEVER))",
        "said",
        "tests/test_route.py::test_no_table_lets_a_stricter_label_leave_more_freely",
    ),
    "a chunk is never laxer than its document": Mutation(
        "inference/hits.py",
        "Sensitivity.strictest([chunk.sensitivity, document.sensitivity])",
        "Sensitivity(chunk.sensitivity)",
        "tests/test_retrieve.py::test_a_chunk_is_found_with_the_label_of_its_document_at_least",
    ),
    "SQL decides after the index": Mutation(
        "inference/retrieve.py",
        "visible = Chunk.objects.visible_to(person).filter(kept_to(narrowing))",
        "visible = Chunk.objects.filter(kept_to(narrowing))",
        "tests/test_retrieve.py::test_what_the_index_does_not_know_yet_is_decided_by_sql",
    ),
    "a step reads what the person may see at that moment": Mutation(
        "inference/survey/read.py",
        "rows = Chunk.objects.visible_to(person).filter(",
        "rows = Chunk.objects.filter(",
        "tests/test_survey.py::test_what_is_withdrawn_before_or_after_its_step_is_left_out",
    ),
    "a process reaches named hosts only": Mutation(
        "kb/egress.py",
        "if name in OF_THIS_MACHINE or name in self._hosts or self._is_known_address(name):",
        "if True:",
        "tests/test_egress.py::test_the_tests_themselves_are_guarded",
    ),
}


@pytest.fixture(scope="module")
def laboratory() -> Iterator[Popen[str]]:
    """A process that tests what it is told to."""
    with Popen(
        [sys.executable, "-m", "tests.mutating"], cwd=ROOT, stdin=PIPE, stdout=PIPE, text=True
    ) as process:
        yield process
        assert process.stdin
        process.stdin.close()


def verdict(laboratory: Popen[str], mutation: Mutation) -> str:
    assert laboratory.stdin and laboratory.stdout
    laboratory.stdin.write(json.dumps(asdict(mutation)) + "\n")
    laboratory.stdin.flush()
    done = json.loads(laboratory.stdout.readline())
    assert done["verdict"] != BROKEN, done["output"]
    return str(done["verdict"])


def test_as_it_stands_the_same_tests_pass(laboratory: Popen[str]) -> None:
    mutation = next(iter(MUTATIONS.values()))
    assert verdict(laboratory, replace(mutation, new=mutation.old)) == PASSED


@pytest.mark.parametrize("safeguard", MUTATIONS)
def test_without_this_a_test_fails(safeguard: str, laboratory: Popen[str]) -> None:
    assert verdict(laboratory, MUTATIONS[safeguard]) == FAILED

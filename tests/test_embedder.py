from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings

from inference import weights
from inference.backends.fake import HashEmbedder
from inference.backends.onnxruntime import OnnxEmbedder
from inference.backends.sentence_transformers import SentenceTransformerEmbedder
from inference.protocols import Embedder
from kb.errors import ModelUnavailable

TEXTS = [
    "The supplier delivers 400 screws a month. " * 30,
    "Holidays are requested four weeks ahead.",
    "„Müller & Söhne“ charge 3 € per piece.",
]
MINILM = "all-MiniLM-L6-v2"


@pytest.fixture(scope="module")
def models_dir() -> Path:
    weights.prepare(settings.VAR / "models")
    return Path(settings.VAR / "models")


@pytest.fixture(scope="module")
def minilm(models_dir: Path) -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder(MINILM, models_dir=models_dir, precision="float32")


@pytest.fixture(scope="module")
def int8(models_dir: Path) -> OnnxEmbedder:
    return OnnxEmbedder(MINILM, models_dir=models_dir)


@pytest.fixture(scope="module")
def hashing() -> HashEmbedder:
    return HashEmbedder()


@pytest.fixture(params=["minilm", "int8"])
def model(request: pytest.FixtureRequest) -> Embedder:
    chosen: Embedder = request.getfixturevalue(request.param)
    return chosen


REAL = [pytest.param(name, marks=pytest.mark.models) for name in ("minilm", "int8")]


@pytest.fixture(params=["hashing", *REAL])
def embedder(request: pytest.FixtureRequest) -> Embedder:
    chosen: Embedder = request.getfixturevalue(request.param)
    return chosen


def test_passages_are_unit_rows_in_the_order_of_the_texts(embedder: Embedder) -> None:
    rows = embedder.embed_passages(TEXTS)
    assert rows.shape == (3, embedder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(rows[1], embedder.embed_passages(TEXTS[1:2])[0], atol=1e-4)


def test_the_passage_that_answers_is_nearest_to_the_question(embedder: Embedder) -> None:
    query = embedder.embed_query("When must holidays be requested?")
    assert query.shape == (embedder.dimension,)
    assert int(np.argmax(embedder.embed_passages(TEXTS) @ query)) == 1


def test_no_passages_are_no_rows(embedder: Embedder) -> None:
    assert embedder.embed_passages([]).shape == (0, embedder.dimension)


def test_an_empty_text_has_a_vector_too(embedder: Embedder) -> None:
    assert np.linalg.norm(embedder.embed_query("")) == pytest.approx(1, abs=1e-5)


@pytest.mark.models
def test_tokens_are_counted_without_special_ones_and_without_a_limit(model: Embedder) -> None:
    assert model.window == 254
    assert model.count_tokens("Holidays are requested four weeks ahead.") == 7
    assert model.count_tokens("word " * 1000) == 1000


@pytest.mark.models
def test_a_text_of_exactly_the_window_is_read_to_its_end(model: Embedder) -> None:
    full = "word " * (model.window - 1)
    same, other = model.embed_passages([full + "screw", full + "holiday"])
    assert float(same @ other) < 0.99999
    same, other = model.embed_passages([full + "word screw", full + "word holiday"])
    assert float(same @ other) == pytest.approx(1, abs=1e-6)


@pytest.mark.models
def test_prefixes_change_the_vectors_the_window_and_the_fingerprint(
    model: SentenceTransformerEmbedder | OnnxEmbedder, models_dir: Path
) -> None:
    prefixed = type(model)(MINILM, models_dir=models_dir, query_prefix="query: ", passage_prefix="passage: ")
    assert prefixed.window == model.window - 2
    assert prefixed.fingerprint != model.fingerprint
    np.testing.assert_allclose(prefixed.embed_query("screws"), model.embed_query("query: screws"), atol=1e-5)
    np.testing.assert_allclose(
        prefixed.embed_passages(["screws"])[0], model.embed_query("passage: screws"), atol=1e-5
    )


@pytest.mark.models
def test_bfloat16_is_another_variant_that_points_the_same_way(
    minilm: SentenceTransformerEmbedder, models_dir: Path
) -> None:
    half = SentenceTransformerEmbedder(MINILM, models_dir=models_dir, precision="bfloat16")
    assert "-bfloat16-" in half.fingerprint
    assert half.fingerprint != minilm.fingerprint
    cosines = (half.embed_passages(TEXTS) * minilm.embed_passages(TEXTS)).sum(axis=1)
    assert float(cosines.min()) > 0.999


@pytest.mark.models
def test_int8_is_another_variant_that_points_much_the_same_way(
    minilm: SentenceTransformerEmbedder, int8: OnnxEmbedder
) -> None:
    assert "-int8-" in int8.fingerprint
    cosines = (int8.embed_passages(TEXTS) * minilm.embed_passages(TEXTS)).sum(axis=1)
    assert float(cosines.min()) > 0.97


@pytest.mark.models
def test_threads_may_embed_and_count_at_once(model: Embedder) -> None:
    with ThreadPoolExecutor(4) as pool:
        counts = pool.map(model.count_tokens, TEXTS * 10)
        vectors = list(pool.map(model.embed_query, TEXTS * 4))
        assert list(counts) == [model.count_tokens(text) for text in TEXTS] * 10
    np.testing.assert_allclose(vectors[:3], vectors[9:], atol=1e-5)


@pytest.mark.models
@pytest.mark.parametrize("precision", ["float32", "nonsense"])
def test_a_folder_that_holds_no_embedder_is_a_sentence(tmp_path: Path, precision: str) -> None:
    with pytest.raises(ModelUnavailable, match="cannot be loaded as an embedder"):
        SentenceTransformerEmbedder(str(tmp_path), models_dir=tmp_path, precision=precision)

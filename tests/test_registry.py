from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from inference import registry
from inference.backends.fake import HashEmbedder, Scripted
from inference.protocols import Location

FAKES: dict[str, dict[str, Any]] = {
    "embedder": {"BACKEND": "inference.backends.fake.HashEmbedder", "LOCATION": "on-premises"},
    "slm": {
        "BACKEND": "inference.backends.fake.Scripted",
        "LOCATION": "on-premises",
        "OPTIONS": {"name": "tiny", "likes": ["invoice"]},
    },
    "llm": {
        "BACKEND": "inference.backends.litellm.Chat",
        "LOCATION": "cloud",
        "OPTIONS": {"model": "openai/x"},
    },
}


@pytest.fixture(autouse=True)
def fakes(settings: Settings) -> Any:
    settings.MODELS = FAKES
    registry.forget()
    yield
    registry.forget()


def test_a_model_is_made_once_from_its_dotted_path() -> None:
    assert isinstance(registry.embedder(), HashEmbedder)
    assert registry.embedder() is registry.embedder()


def test_the_slm_writes_and_judges_with_its_options() -> None:
    assert isinstance(registry.slm(), Scripted)
    assert id(registry.slm()) == id(registry.scorer())
    assert registry.scorer().score("What is it?", [" invoice", " recipe"]) == [-0.1, -2.0]


def test_the_location_is_what_the_administrator_declared() -> None:
    assert registry.location("slm") is Location.ON_PREMISES
    assert registry.location("llm") is Location.CLOUD


def test_a_place_that_nobody_knows_is_an_error(settings: Settings) -> None:
    settings.MODELS = {"llm": {**FAKES["llm"], "LOCATION": "the moon"}}
    with pytest.raises(
        ImproperlyConfigured, match="LOCATION 'the moon'; it must be one of on-premises, cloud"
    ):
        registry.location("llm")


def test_a_model_is_named_as_the_ledger_writes_it() -> None:
    assert [registry.model_name(name) for name in ("slm", "llm")] == ["tiny", "openai/x"]


def test_a_model_that_is_not_configured_is_named() -> None:
    assert registry.is_configured("llm")
    assert not registry.is_configured("sparse")
    with pytest.raises(ImproperlyConfigured, match="no model named 'sparse'; it has embedder, llm, slm"):
        registry.sparse_encoder()


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        ({"BACKEND": "no.such.Thing"}, r"MODELS\['slm'\] cannot be made: No module named"),
        (
            {"BACKEND": FAKES["slm"]["BACKEND"], "OPTIONS": {"colour": 1}},
            "unexpected keyword argument 'colour'",
        ),
        ({}, r"MODELS\['slm'\] cannot be made: 'BACKEND'"),
        ({"BACKEND": "inference.backends.bm25.Bm25"}, "is a Bm25, which has no “generate”"),
    ],
)
def test_a_wrong_declaration_is_a_sentence(
    settings: Settings, declared: dict[str, Any], complaint: str
) -> None:
    settings.MODELS = {"slm": declared}
    with pytest.raises(ImproperlyConfigured, match=complaint):
        registry.slm()

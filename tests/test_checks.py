"""A configuration that could break a promise does not start."""

from typing import Any

import pytest
from django.core.checks import Tags
from django.core.checks.registry import registry
from pytest_django.fixtures import Settings

from kb.checks import check_llms, check_mcp, check_models, check_precision, check_routes
from kb.environment import CONFIGURATION


def ids(found: list[Any]) -> list[str]:
    return [message.id for message in found]


def test_the_shipped_configuration_is_sound() -> None:
    assert check_routes(None) + check_models(None) + check_llms(None) + check_precision(None) == []


def test_commands_make_all_checks_of_ours() -> None:
    ours = [each for each in registry.registered_checks if each.__module__.startswith("kb.")]
    assert len(ours) > 5
    assert [each for each in ours if not {CONFIGURATION, Tags.database} & set(each.tags)] == []


@pytest.mark.parametrize(
    ("label", "said"),
    [("CONFIDENTIAL", "freely"), ("RESTRICTED", "pseudonymised"), ("PUBLIC", "never")],
)
def test_a_route_that_reaches_too_far_is_refused(label: str, said: str, settings: Settings) -> None:
    """A stricter label must not leave more freely than a laxer one, either."""
    settings.ROUTES = {**settings.ROUTES, label: said}
    assert ids(check_routes(None)) == ["strongroom.E002"]


@pytest.mark.parametrize("said", ["anywhere", "", "on-premises"])
def test_a_route_of_unknown_words_is_refused(said: str, settings: Settings) -> None:
    settings.ROUTES = {**settings.ROUTES, "INTERNAL": said}
    assert ids(check_routes(None)) == ["strongroom.E001"]


def test_a_label_without_a_route_is_refused(settings: Settings) -> None:
    settings.ROUTES = {label: place for label, place in settings.ROUTES.items() if label != "INTERNAL"}
    assert ids(check_routes(None)) == ["strongroom.E001"]


def test_a_model_at_an_unknown_place_is_refused(settings: Settings) -> None:
    settings.MODELS = {**settings.MODELS, "llm": {"BACKEND": "x", "LOCATION": "somewhere"}}
    assert ids(check_models(None)) == ["strongroom.E003"]


def test_clients_at_an_unknown_place_are_refused(settings: Settings) -> None:
    assert check_mcp(None) == []
    settings.MCP_LOCATION = "on premises"
    assert ids(check_mcp(None)) == ["strongroom.E009"]


def test_an_llm_on_the_premises_has_an_address_there(settings: Settings) -> None:
    """Without one LiteLLM would call the provider, wherever that is."""
    llm = {
        "BACKEND": "inference.backends.litellm.Chat",
        "LOCATION": "on-premises",
        "OPTIONS": {"base_url": None},
    }
    settings.MODELS = {**settings.MODELS, "llm": llm}
    assert ids(check_llms(None)) == ["strongroom.E006"]


def test_a_chain_names_models_that_there_are(settings: Settings) -> None:
    llm = {"BACKEND": "x", "LOCATION": "cloud", "FALLBACK": ["nobody"]}
    settings.MODELS = {**settings.MODELS, "llm": llm}
    assert ids(check_llms(None)) == ["strongroom.E007"]


@pytest.mark.parametrize(
    ("locations", "found"),
    [
        (["cloud", "cloud", "on-premises"], []),
        (["on-premises", "cloud"], ["strongroom.E008"]),
        (["cloud", "on-premises", "cloud"], ["strongroom.E008"]),
    ],
)
def test_a_chain_does_not_go_out_after_it_was_in(
    locations: list[str], found: list[str], settings: Settings
) -> None:
    names = ["llm", "llm2", "llm3"][: len(locations)]
    chain = {name: {"BACKEND": "x", "LOCATION": place} for name, place in zip(names, locations, strict=True)}
    chain["llm"]["FALLBACK"] = names[1:]
    settings.MODELS = {**settings.MODELS, **chain}
    assert ids(check_llms(None)) == found


@pytest.mark.parametrize("name", ["embedder", "slm"])
def test_what_reads_every_document_cannot_be_in_the_cloud(name: str, settings: Settings) -> None:
    settings.MODELS = {**settings.MODELS, name: {**settings.MODELS[name], "LOCATION": "cloud"}}
    assert ids(check_models(None)) == ["strongroom.E004"]


def test_a_precision_that_no_backend_has_is_refused(settings: Settings) -> None:
    embedder = {**settings.MODELS["embedder"], "OPTIONS": {"precision": "int4"}}
    settings.MODELS = {**settings.MODELS, "embedder": embedder}
    (found,) = check_precision(None)
    assert (found.id, found.hint) == (
        "strongroom.E005",
        "Set STRONGROOM_EMBEDDER_PRECISION to one of auto, bfloat16, float32, int8.",
    )

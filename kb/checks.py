"""Configuration mistakes that could break a promise are found before anything runs."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, cast

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, Warning, register
from django.db import DatabaseError, connection

from kb.environment import CONFIGURATION
from kb.models import GoldenRun, Leaving, Sensitivity
from kb.models.routes import FARTHEST

LOCATIONS = {"on-premises", "cloud"}
PRECISIONS = {"auto", "bfloat16", "float32", "int8"}
ALWAYS_ON_PREMISES = ("embedder", "sparse", "reranker", "slm", "classifier", "extractive")


@register(CONFIGURATION)
def check_routes(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every label has a route that is known, not farther than it may be, and not freer than that of a laxer label."""
    found: list[CheckMessage] = []
    freest = Leaving.FREELY
    for label in Sensitivity:
        said = settings.ROUTES.get(label.name, "")
        if said.upper() not in Leaving.names:
            words = ", ".join(f"“{name.lower()}”" for name in Leaving.names)
            found.append(
                Error(
                    f"ROUTES says nothing valid about {label.name}.",
                    hint=f"Set it to one of {words}.",
                    id="strongroom.E001",
                )
            )
            continue
        leaving = Leaving[said.upper()]
        if leaving > min(freest, FARTHEST[label]):
            most = min(freest, FARTHEST[label]).name.lower()
            found.append(
                Error(
                    f"ROUTES lets {label.name} leave “{said}”.",
                    hint=f"At most “{most}” is allowed: the label's own limit, and no freer than a laxer label.",
                    id="strongroom.E002",
                )
            )
        freest = min(freest, leaving)
    return found


@register(Tags.database)
def check_measured(
    app_configs: Sequence[AppConfig] | None, databases: Sequence[str] | None = None, **kwargs: Any
) -> list[CheckMessage]:
    """What answers is what was measured, wherever a run of answers was accepted."""
    if not databases or GoldenRun._meta.db_table not in connection.introspection.table_names():
        return []
    # It needs the applications, which import this module.
    from ingestion.evaluate.made_with import changed

    try:
        accepted = GoldenRun.objects.exclude(accepted_at=None).order_by("-accepted_at").first()
    except DatabaseError:
        return []  # Its columns are yet to be made, by the very command that asks.
    parts = changed(accepted.made_with) if accepted else ()
    if accepted is None or not parts:
        return []
    return [
        Warning(
            f"Answers are not yet measured as they are made now: {', '.join(parts)} changed since.",
            hint=f'Run `manage.py evaluate answers "{accepted.golden_set.name}" '
            f"--as {accepted.golden_set.owner.username} --baseline accepted --accept`.",
            id="strongroom.W001",
        )
    ]


@register(CONFIGURATION)
def check_precision(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The embedder's precision is one that a backend has."""
    options = cast(Mapping[str, Any], settings.MODELS["embedder"].get("OPTIONS", {}))
    precision = options.get("precision", "auto")
    if precision in PRECISIONS:
        return []
    return [
        Error(
            f"The embedder's precision is {precision!r}.",
            hint=f"Set STRONGROOM_EMBEDDER_PRECISION to one of {', '.join(sorted(PRECISIONS))}.",
            id="strongroom.E005",
        )
    ]


@register(CONFIGURATION)
def check_recognition(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Scans and pictures can be read in the languages that the settings name."""
    from ingestion.parse import tessdata

    if tessdata.folder_with(settings.OCR_LANGUAGES):
        return []
    return [
        Warning(
            "Scans and pictures cannot be read.",
            hint=tessdata.advice(settings.OCR_LANGUAGES),
            id="strongroom.W020",
        )
    ]


@register(CONFIGURATION)
def check_models(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every model has a known location, and those that read every document are on-premises."""
    found: list[CheckMessage] = []
    for name, declared in settings.MODELS.items():
        location = declared.get("LOCATION")
        if location not in LOCATIONS:
            found.append(
                Error(
                    f"The location of the model “{name}” is {location!r}.",
                    hint="Declare “on-premises” or “cloud” (STRONGROOM_LLM_LOCATION for the LLM).",
                    id="strongroom.E003",
                )
            )
        elif name in ALWAYS_ON_PREMISES and location != "on-premises":
            found.append(
                Error(
                    f"The model “{name}” reads every document and is declared to be in the cloud.",
                    hint="Name a model that runs on-premises.",
                    id="strongroom.E004",
                )
            )
    return found


@register(CONFIGURATION)
def check_mcp(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """It is known where the models run that read through MCP."""
    if settings.MCP_LOCATION in LOCATIONS:
        return []
    return [
        Error(
            f"STRONGROOM_MCP_LOCATION is {settings.MCP_LOCATION!r}.",
            hint="Declare “cloud”, or “on-premises” if the models of all MCP clients run in the building.",
            id="strongroom.E009",
        )
    ]


@register(CONFIGURATION)
def check_llms(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """The models that answer are there, say where those on-premises are, and never go out after they were in."""
    if "llm" not in settings.MODELS:
        return []
    names = ["llm", *cast(Sequence[str], settings.MODELS["llm"].get("FALLBACK", ()))]
    if unknown := [name for name in names if name not in settings.MODELS]:
        return [
            Error(
                f"FALLBACK of the model “llm” names “{unknown[0]}”, which MODELS does not have.",
                hint=f"Name models of MODELS: {', '.join(sorted(settings.MODELS))}.",
                id="strongroom.E007",
            )
        ]
    inside = [name for name in names if settings.MODELS[name].get("LOCATION") == "on-premises"]
    after = names[names.index(inside[0]) :] if inside else []
    return [
        *(_without_address(name) for name in inside if not _address(name)),
        *(_outward(name) for name in after if name not in inside),
    ]


def _address(name: str) -> object:
    options = cast(Mapping[str, Any], settings.MODELS[name].get("OPTIONS", {}))
    return options.get("base_url", "not asked for")


def _without_address(name: str) -> Error:
    return Error(
        f"The model “{name}” is declared to be on-premises, and no address says where.",
        hint="Set STRONGROOM_LLM_BASE_URL (or STRONGROOM_LLM2_BASE_URL); without it LiteLLM would call a provider.",
        id="strongroom.E006",
    )


def _outward(name: str) -> Error:
    return Error(
        f"The model “{name}” in the cloud is to answer when one on-premises fails.",
        hint="Name the models in the cloud first: a failure must not let anything out.",
        id="strongroom.E008",
    )


@register(deploy=True)
def check_guards(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """What keeps the process in that reads a hostile file."""
    # It starts a process to try them out, and needs nothing of it otherwise.
    from ingestion.parse.confine import guards

    missing = [name for name, holds in asdict(guards()).items() if not holds]
    if not missing:
        return []
    return [
        Info(
            f"This system does not confine what reads files by: {', '.join(missing)}.",
            hint="docs/hostile.md says what each of them keeps, and what it needs.",
            id="strongroom.I001",
        )
    ]


@register(deploy=True)
def check_antivirus(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """ClamAV answers, if it is named: nothing can be brought in while it does not."""
    from ingestion.antivirus import is_there

    if not settings.CLAMD_SOCKET or is_there():
        return []
    return [
        Warning(
            f"ClamAV does not answer at {settings.CLAMD_SOCKET}, so that no file can be brought in.",
            hint="Start clamd, or set CLAMD_SOCKET to where it listens.",
            id="strongroom.W010",
        )
    ]

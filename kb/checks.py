"""Configuration mistakes that could break a promise are found before anything runs."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from kb.models import Sensitivity

LOCATIONS = {"on-premises", "cloud"}
NEVER_CLOUD = ("CONFIDENTIAL", "RESTRICTED")
ALWAYS_ON_PREMISES = ("embedder", "sparse", "reranker", "slm", "extractive")


@register
def check_routes(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Every label has a route, and the two strict ones never lead to the cloud."""
    found: list[CheckMessage] = []
    for label in Sensitivity.names:
        if settings.ROUTES.get(label) not in LOCATIONS:
            found.append(
                Error(
                    f"ROUTES says nothing valid about {label}.",
                    hint="Set it to “on-premises” or “cloud”.",
                    id="strongroom.E001",
                )
            )
    for label in NEVER_CLOUD:
        if settings.ROUTES.get(label) == "cloud":
            found.append(
                Error(
                    f"ROUTES sends {label} to the cloud.",
                    hint="Set it to “on-premises”.",
                    id="strongroom.E002",
                )
            )
    return found


@register
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

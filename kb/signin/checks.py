"""Settings of the sign-in that would let in whom nobody meant, or nobody at all, are refused before anything runs."""

from collections.abc import Sequence
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register

from kb.environment import CONFIGURATION
from kb.models import Sensitivity
from kb.signin.company import OIDC, SAML, Company
from kb.signin.second_factor import REQUIRED_OF


@register(CONFIGURATION)
def check_companies(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A provider is reached safely, knows this house, and is mapped to labels that there are."""
    found: list[CheckMessage] = []
    for kind, company in settings.COMPANIES.items():
        prefix = f"STRONGROOM_{kind.upper()}"
        if not _is_safe(company.address):
            found.append(
                Error(
                    f"The provider's address {company.address!r} is no https address.",
                    hint=f"Set {prefix}_{'ISSUER' if kind == OIDC else 'METADATA_URL'} to one; "
                    "http is for providers on this machine only.",
                    id="strongroom.E020",
                )
            )
        if unknown := sorted(set(company.clearances.values()) - set(Sensitivity.names)):
            found.append(
                Error(
                    f"{prefix}_CLEARANCE_MAP names “{unknown[0]}”, which is no label.",
                    hint=f"Name one of {', '.join(Sensitivity.names)}.",
                    id="strongroom.E021",
                )
            )
        found += [_incomplete(prefix, part) for part in _missing(kind, company)]
    return found


@register(CONFIGURATION)
def check_second_factor(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """It is said of whom a second factor is required."""
    if settings.REQUIRE_MFA in REQUIRED_OF:
        return []
    return [
        Error(
            f"STRONGROOM_REQUIRE_MFA is {settings.REQUIRE_MFA!r}.",
            hint=f"Set it to one of {', '.join(REQUIRED_OF)}.",
            id="strongroom.E023",
        )
    ]


def _missing(kind: str, company: Company) -> list[str]:
    """The last parts of the variables' names."""
    if kind == SAML:
        [app] = settings.SOCIALACCOUNT_PROVIDERS["saml"]["APPS"]
        return [] if app["settings"]["idp"]["entity_id"] else ["ENTITY_ID"]
    [app] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
    given = {"CLIENT_ID": app["client_id"], "CLIENT_SECRET": app["secret"]}
    missing = [part for part, value in given.items() if not value]
    return missing if "openid" in app["settings"]["scope"] else [*missing, "SCOPES"]


def _incomplete(prefix: str, part: str) -> Error:
    told = "does not name “openid”" if part == "SCOPES" else "is not set"
    return Error(
        f"{prefix}_{part} {told}.",
        hint="docs/sign-in.md has the variables; the provider shows ids and secrets of its clients.",
        id="strongroom.E022",
    )


def _is_safe(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme == "https":
        return bool(parts.hostname)
    return parts.scheme == "http" and _is_loopback(parts.hostname or "")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"

"""The providers at which a company's people sign in, as the environment names them. Nothing here needs Django."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from environ import FileAwareEnv

OIDC = "oidc"
SAML = "saml"
SAML_CLIENT = "company"
"""What stands for the house in the addresses that a SAML provider is told."""
SCOPES = ["openid", "profile", "email"]


@dataclass(frozen=True, slots=True)
class Company:
    """What a provider is called, and what its claims decide at each sign-in.

    `groups` gives the group for a value of the claim `groups_claim`; `clearances` the name of a label. Whoever has
    one of the values in `administrators` administers. An empty one decides nothing. With `link_by_email` somebody
    new takes over the account that has his address, if the provider has verified it.
    """

    name: str
    address: str
    groups_claim: str = "groups"
    groups: Mapping[str, str] = field(default_factory=dict)
    administrators: frozenset[str] = frozenset()
    clearances: Mapping[str, str] = field(default_factory=dict)
    link_by_email: bool = False

    @property
    def origin(self) -> str:
        """Where its sign-in page is: scheme, host and port."""
        parts = urlsplit(self.address)
        return f"{parts.scheme}://{parts.netloc}"


def companies(env: FileAwareEnv) -> dict[str, Company]:
    """The providers that are named, by the first part of their addresses here."""
    addresses = {
        OIDC: env.str("STRONGROOM_OIDC_ISSUER", default=""),
        SAML: env.str("STRONGROOM_SAML_METADATA_URL", default=""),
    }
    return {kind: _company(env, kind, address) for kind, address in addresses.items() if address}


def allauth_providers(env: FileAwareEnv, named: Mapping[str, Company]) -> dict[str, dict[str, Any]]:
    """The same as django-allauth reads it: SOCIALACCOUNT_PROVIDERS."""
    oidc = [_oidc_app(env, named[OIDC])] if OIDC in named else []
    # Also without an app: the class is chosen once, when allauth is loaded.
    providers = {"openid_connect": {"provider_class": "kb.signin.oidc.CompanyProvider", "APPS": oidc}}
    if SAML in named:
        providers["saml"] = {"APPS": [_saml_app(env, named[SAML])]}
    return providers


def _oidc_app(env: FileAwareEnv, company: Company) -> dict[str, Any]:
    return {
        "provider_id": OIDC,
        "name": company.name,
        "client_id": env.str("STRONGROOM_OIDC_CLIENT_ID", default=""),
        "secret": env.str("STRONGROOM_OIDC_CLIENT_SECRET", default=""),
        "settings": {
            "server_url": company.address.rstrip("/"),
            "scope": env.list("STRONGROOM_OIDC_SCOPES", default=SCOPES),
            "oauth_pkce_enabled": True,
        },
    }


def _saml_app(env: FileAwareEnv, company: Company) -> dict[str, Any]:
    idp = {
        "metadata_url": company.address,
        "entity_id": env.str("STRONGROOM_SAML_ENTITY_ID", default=""),
    }
    advanced = {
        "want_assertion_signed": True,
        "reject_idp_initiated_sso": True,
        # Of a house whose hosts have short names.
        "allow_single_label_domains": True,
    }
    return {
        "provider_id": SAML,
        "name": company.name,
        "client_id": SAML_CLIENT,
        "settings": {"idp": idp, "advanced": advanced},
    }


def pairs(text: str) -> dict[str, str]:
    """“value=name;value=name”. A value may hold “=” and “,”, as distinguished names do; a name may not hold “=”."""
    parts = (part.rpartition("=") for part in text.split(";") if part.strip())
    return {value.strip(): name.strip() for value, _, name in parts}


def _company(env: FileAwareEnv, kind: str, address: str) -> Company:
    these = f"STRONGROOM_{kind.upper()}"
    administrators = env.str(f"{these}_ADMIN_GROUPS", default="").split(";")
    return Company(
        name=env.str(f"{these}_NAME", default="") or "your company’s account",
        address=address,
        groups_claim=env.str(f"{these}_GROUPS_CLAIM", default="groups"),
        groups=pairs(env.str(f"{these}_GROUP_MAP", default="")),
        administrators=frozenset(value.strip() for value in administrators if value.strip()),
        clearances=pairs(env.str(f"{these}_CLEARANCE_MAP", default="")),
        link_by_email=env.bool(f"{these}_LINK_BY_EMAIL", default=False),
    )

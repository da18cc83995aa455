"""A company's SAML provider, configured as the environment would do it."""

import pytest
from allauth.socialaccount.providers import registry
from allauth.socialaccount.providers.saml.provider import SAMLProvider
from environ import FileAwareEnv
from pytest_django.fixtures import Settings

from kb.signin.company import Company, allauth_providers

PROVIDER = "https://id.acme.example/saml"


def configure(settings: Settings, monkeypatch: pytest.MonkeyPatch, *, certificate: str) -> None:
    """Known by its certificate, in place of an address of its metadata."""
    settings.COMPANIES = {"saml": Company(name="Acme", address=PROVIDER, groups={"ops": "operations"})}
    providers = allauth_providers(FileAwareEnv(), settings.COMPANIES)
    [app] = providers["saml"]["APPS"]
    app["settings"]["idp"] = {"entity_id": PROVIDER, "sso_url": PROVIDER, "x509cert": certificate}
    settings.SOCIALACCOUNT_PROVIDERS = providers
    settings.ROOT_URLCONF = "tests.saml_urls"
    monkeypatch.setitem(registry.provider_map, "saml", SAMLProvider)

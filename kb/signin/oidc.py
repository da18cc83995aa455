"""OpenID Connect, with what the library leaves out: a nonce, the issuer that was configured, and one subject."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import ProviderException
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from requests import RequestException

NONCE_BYTES = 32


class CompanyProvider(OpenIDConnectProvider):
    """Signature or channel, audience and expiry are checked by the library, as are `state` and PKCE."""

    package = "allauth.socialaccount.providers.openid_connect"

    def redirect(
        self,
        request: HttpRequest,
        process: str,
        next_url: str | None = None,
        data: Any = None,
        **kwargs: Any,
    ) -> HttpResponse:
        nonce = secrets.token_urlsafe(NONCE_BYTES)
        # In place of what the library would take over from the address that was called.
        kwargs |= {"scope": self.get_scope(), "auth_params": {**self.get_auth_params(), "nonce": nonce}}
        response: HttpResponse
        try:
            response = super().redirect(request, process, next_url, data, nonce=nonce, **kwargs)
        except RequestException as error:  # The library asks the provider where its sign-in page is.
            response = render_authentication_error(request, self, exception=error)
        return response

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """64 hexadecimal digits for issuer and subject: a subject alone is somebody else at another provider
        (OpenID Connect Core 1.0, 5.7).

        Raises:
            ProviderException: the claims are not of one person at the provider that is configured.
        """
        token, info = data.get("id_token"), data.get("userinfo")
        if not token or not token.get("sub"):
            raise ProviderException("The provider sent no ID token, or none of a person.")
        if token["iss"].rstrip("/") != self.app.settings["server_url"]:
            raise ProviderException("The provider's issuer is not the one that is configured.")
        if info and info.get("sub") != token["sub"]:
            raise ProviderException("The provider's ID token and its user information are of two people.")
        return hashlib.sha256(f"{token['iss']}\n{token['sub']}".encode()).hexdigest()


def check_nonce(login: SocialLogin) -> None:
    """
    Raises:
        PermissionDenied: the token was not made for this sign-in.
    """
    sent, came = login.state.get("nonce", ""), login.account.extra_data["id_token"].get("nonce", "")
    if not sent or not secrets.compare_digest(str(sent), str(came)):
        raise PermissionDenied("The token was made for another sign-in.")

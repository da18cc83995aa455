"""A passkey as it is kept, of which nobody has the private half."""

import hashlib
from collections.abc import Mapping

from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import Aaguid, AttestationObject, AttestedCredentialData, AuthenticatorData

NAME = b"a passkey"
ATTESTED = AuthenticatorData.FLAG.AT | AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.UV


def a_passkey(host: str = "testserver") -> Mapping[str, object]:
    """What a browser answers to a registration (WebAuthn Level 3, RegistrationResponseJSON)."""
    key = ES256.from_cryptography_key(generate_private_key(SECP256R1()).public_key())
    credential = AttestedCredentialData.create(Aaguid.NONE, NAME, key)
    data = AuthenticatorData.create(hashlib.sha256(host.encode()).digest(), ATTESTED, 0, credential)
    client = b'{"type": "webauthn.create", "challenge": "", "origin": "https://testserver"}'
    return {
        "id": websafe_encode(NAME),
        "rawId": websafe_encode(NAME),
        "type": "public-key",
        "response": {
            "clientDataJSON": websafe_encode(client),
            "attestationObject": websafe_encode(AttestationObject.create("none", data, {})),
        },
    }

"""Signing in at a company's provider by SAML, with assertions that are really signed."""

import base64
import re
import zlib
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.contrib.auth.models import Group
from django.test import Client
from onelogin.saml2.utils import OneLogin_Saml2_Utils
from pytest_django.fixtures import Settings

from kb.models import Person, Sensitivity
from tests.saml import PROVIDER, configure

START = "/sign-in/saml/company/login/"
RESPONSE = """<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"
 xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="r1" Version="2.0" IssueInstant="{now}"
 Destination="http://testserver/sign-in/saml/company/acs/" InResponseTo="{request}"><saml:Issuer>{issuer}</saml:Issuer>
<samlp:Status><samlp:StatusCode Value="urn:oasis:names:tc:SAML:2.0:status:Success"/></samlp:Status>{assertion}
</samlp:Response>"""
ASSERTION = """<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="a1" Version="2.0"
 IssueInstant="{now}"><saml:Issuer>{issuer}</saml:Issuer><saml:Subject><saml:NameID>zoe-1</saml:NameID>
<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer"><saml:SubjectConfirmationData
 NotOnOrAfter="{later}" Recipient="http://testserver/sign-in/saml/company/acs/" InResponseTo="{request}"/>
</saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{before}" NotOnOrAfter="{later}">
<saml:AudienceRestriction><saml:Audience>{audience}</saml:Audience></saml:AudienceRestriction></saml:Conditions>
<saml:AuthnStatement AuthnInstant="{now}" SessionIndex="s1"><saml:AuthnContext><saml:AuthnContextClassRef>
urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement>
<saml:AttributeStatement><saml:Attribute Name="groups"><saml:AttributeValue>ops</saml:AttributeValue>
<saml:AttributeValue>other</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion>"""
HOUSE = "http://testserver/sign-in/saml/company/metadata/"


class Identity:
    """A provider's key, and the certificate that it is known by."""

    def __init__(self) -> None:
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "id.acme.example")])
        made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        now = datetime.now(UTC)
        dated = made.not_valid_before(now - timedelta(1)).not_valid_after(now + timedelta(1))
        certificate = dated.sign(key, hashes.SHA256())
        encoding = serialization.Encoding.PEM
        plain = serialization.NoEncryption()
        self.key = key.private_bytes(encoding, serialization.PrivateFormat.PKCS8, plain).decode()
        self.certificate = certificate.public_bytes(encoding).decode()

    def answer(self, request: str, *, audience: str = HOUSE) -> str:
        """A response whose assertion is signed, as browsers carry it."""
        now = datetime.now(UTC)
        words = {
            "now": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "before": f"{now - timedelta(minutes=1):%Y-%m-%dT%H:%M:%SZ}",
            "later": f"{now + timedelta(minutes=5):%Y-%m-%dT%H:%M:%SZ}",
            "request": request,
            "issuer": PROVIDER,
            "audience": audience,
        }
        signed = OneLogin_Saml2_Utils.add_sign(ASSERTION.format(**words), self.key, self.certificate)
        text = signed.decode() if isinstance(signed, bytes) else signed
        return base64.b64encode(RESPONSE.format(assertion=text, **words).encode()).decode()


@pytest.fixture(scope="module")
def acme() -> Identity:
    return Identity()


@pytest.fixture
def house(acme: Identity, settings: Settings, monkeypatch: pytest.MonkeyPatch, db: None) -> None:
    configure(settings, monkeypatch, certificate=acme.certificate)


def come(signer: Identity, **told: str) -> Person | None:
    client = Client(headers={"host": "testserver"})
    sent = parse_qs(urlsplit(client.post(START)["Location"]).query)["SAMLRequest"][0]
    asked = zlib.decompress(base64.b64decode(sent), -15).decode()
    request = re.search(r'ID="([^"]+)"', asked).group(1)
    answer = {"SAMLResponse": signer.answer(request, **told)}
    client.post("/sign-in/saml/company/acs/", answer, follow=True)
    pk = client.session.get("_auth_user_id")
    return Person.objects.get(pk=pk) if pk else None


def test_an_assertion_of_the_provider_lets_somebody_in(house: None, acme: Identity) -> None:
    person = come(acme)
    assert person and (person.clearance, person.is_staff) == (Sensitivity.PUBLIC, False)
    assert list(person.groups.all()) == [Group.objects.get(name="operations")]
    assert come(acme) == person


def test_one_that_somebody_else_signed_does_not(house: None) -> None:
    assert come(Identity()) is None and not Person.objects.exists()


def test_one_that_is_for_another_house_does_not(house: None, acme: Identity) -> None:
    assert come(acme, audience="https://another.example/") is None


def test_one_that_nobody_here_asked_for_does_not(house: None, acme: Identity) -> None:
    client = Client(headers={"host": "testserver"})
    client.post("/sign-in/saml/company/acs/", {"SAMLResponse": acme.answer("made-up")}, follow=True)
    assert "_auth_user_id" not in client.session

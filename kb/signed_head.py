"""The head of the ledger, signed, to be kept elsewhere: whoever has it can tell later whether the ledger was rewritten.

The seals in the database prove nothing against somebody who has their key. A head that was exported before does.
"""

import base64
import hashlib
import json
from binascii import Error as NotBase64
from dataclasses import asdict, dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings
from django.utils import timezone

from kb.environment import secret
from kb.errors import Rejected
from kb.models import LedgerHead, ModelCall
from kb.models.ledger import GENESIS


@dataclass(frozen=True, slots=True)
class SignedHead:
    """How many rows the ledger had at that time (ISO 8601, UTC) and the digest of the last one.

    `signature` is Ed25519 in Base64 over the JSON of `at`, `digest` and `rows`, with sorted keys and without
    spaces; `public_key` is the raw key in Base64.
    """

    rows: int
    digest: str
    at: str
    signature: str
    public_key: str


def sign_head() -> SignedHead:
    """The head as it is now. Reads the whole chain first, because a broken one must not get a signature.

    Raises:
        Rejected: the ledger does not hold.
    """
    verdict = ModelCall.objects.verify()
    if not verdict.intact:
        raise Rejected(f"The ledger does not hold, so its head is not signed. {verdict.fault}")
    head = LedgerHead.objects.filter(pk=1).first() or LedgerHead()
    key, at = _key(), timezone.now().isoformat()
    signature = key.sign(_message(head.rows, head.digest, at))
    return SignedHead(
        head.rows, head.digest, at, _text(signature), _text(key.public_key().public_bytes_raw())
    )


def read_head(text: str) -> SignedHead:
    """The head that `manage.py ledger --head` printed.

    Raises:
        Rejected: it is damaged, was not signed by this installation, or was changed since.
    """
    try:
        head = SignedHead(**json.loads(text))
        known = base64.b64decode(head.public_key, validate=True)
        signature = base64.b64decode(head.signature, validate=True)
        message = _message(int(head.rows), str(head.digest), str(head.at))
    except (ValueError, TypeError, NotBase64) as error:
        raise Rejected(
            "This is no head of a ledger. Give the file that `manage.py ledger --head` was written to."
        ) from error
    if known != _key().public_key().public_bytes_raw():
        raise Rejected(
            "The head was signed with another key than this installation's. Give one that was exported here, "
            "or restore ledger_signing_key in the secrets folder."
        )
    try:
        Ed25519PublicKey.from_public_bytes(known).verify(signature, message)
    except InvalidSignature as error:
        raise Rejected(
            "The head was changed after it was signed. Give the file as it was exported."
        ) from error
    return head


def fault_since(head: SignedHead) -> str:
    """What tells that the ledger is not the one whose head this was; empty when it still contains that one."""
    if head.rows == 0:
        return "" if head.digest == GENESIS else "The exported head is of no ledger."
    call = ModelCall.objects.filter(sequence=head.rows).first()
    if call is None:
        rows = ModelCall.objects.count()
        return f"The ledger had {head.rows} rows on {head.at} and has {rows}: its end was cut off since."
    if call.digest != head.digest:
        return f"Row {head.rows} is not the one of {head.at}: the ledger was rewritten since."
    return ""


def as_text(head: SignedHead) -> str:
    return json.dumps(asdict(head), indent=2)


def _key() -> Ed25519PrivateKey:
    seed = secret("ledger_signing_key", settings.VAR / "secrets")
    return Ed25519PrivateKey.from_private_bytes(hashlib.sha256(seed.encode()).digest())


def _message(rows: int, digest: str, at: str) -> bytes:
    return json.dumps(
        {"at": at, "digest": digest, "rows": rows}, sort_keys=True, separators=(",", ":")
    ).encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()

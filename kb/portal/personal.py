"""What personal data stands in a document, by kind and count."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from inference.personal import Kind, unpacked
from kb.models import Chunk

NAMES: dict[Kind, Promise] = {
    Kind.PERSON: _("Names"),
    Kind.ADDRESS: _("Postal addresses"),
    Kind.POSTCODE: _("Postcodes"),
    Kind.LOCATION: _("Places"),
    Kind.ORGANISATION: _("Organisations"),
    Kind.EMAIL: _("E-mail addresses"),
    Kind.PHONE: _("Telephone numbers"),
    Kind.BIRTH_DATE: _("Dates of birth"),
    Kind.AGE: _("Ages"),
    Kind.NATIONALITY: _("Origins and religions"),
    Kind.IBAN: _("IBANs"),
    Kind.CARD: _("Card numbers"),
    Kind.TAX_ID: _("Tax numbers"),
    Kind.SSN: _("Social security numbers"),
    Kind.HEALTH_ID: _("Health insurance numbers"),
    Kind.DOCUMENT_ID: _("Licences and passports"),
    Kind.IP_ADDRESS: _("IP addresses"),
    Kind.WALLET: _("Crypto wallets"),
    Kind.SECRET: _("Passwords and keys"),
}
"""In the order in which they are shown."""


@dataclass(frozen=True, slots=True)
class Count:
    name: Promise
    places: int


def counts(chunks: Iterable[Chunk]) -> list[Count] | None:
    """How often each kind occurs; None when nobody has looked yet. Only over the chunks that are given."""
    found: Counter[Kind] = Counter()
    for chunk in chunks:
        if chunk.personal is None:
            return None
        found.update(each.kind for each in unpacked(chunk.personal))
    return [Count(name, found[kind]) for kind, name in NAMES.items() if found[kind]]

"""What an alias looks like, and what else in a text could be taken for one."""

import re

TEMPLATES: dict[str, str] = {
    "person": "Person {}",
    "organisation": "Organisation {}",
    "location": "Location {}",
    "address": "Address {}",
    "postcode": "Postcode {}",
    "e-mail address": "email{}@alias.invalid",
    "web address": "site{}.invalid",
    "phone number": "Phone number {}",
    "IP address": "IP {}",
    "IBAN": "IBAN {}",
    "card number": "Card number {}",
    "tax id": "Tax number {}",
    "social security number": "Social security number {}",
    "health insurance number": "Health insurance number {}",
    "licence or passport number": "Document number {}",
    "crypto wallet": "Wallet {}",
    "date of birth": "Date of birth {}",
    "age": "Age {}",
    "nationality": "Nationality {}",
    "secret": "Secret {}",
}
"""By kind of finding. A word says what stands there and invites no arithmetic, as a made-up date or number would.
E-mail and web addresses keep their form, because they stand inside links and angle brackets; nothing can be
registered under `.invalid` (RFC 2606)."""

OTHER, OTHER_TEMPLATE = "other", "Detail {}"
"""Of a kind without a template, and of text that only looks like an alias."""

SHOWN = frozenset({"title", "date"})
"""Kinds that stay: they say little without a name beside them, and answers need them."""

LETTERS = "bcdefghijklmnopqrtuvwxyz"
"""Of the second, third, … way in which one is named. No “s”: a model may add one, as a genitive."""

SPACE = r"[ \t\r\n\u00a0\u202f]"
"""One character; a model or a line end may put another one into an alias."""
SPACES = str.maketrans(dict.fromkeys("\t\r\n\u00a0\u202f", " "))


def kind_of(kind: str) -> str:
    """The kind under which a finding of this kind is kept."""
    return str(kind) if kind in TEMPLATES else OTHER


def alias(kind: str, number: int, form: int) -> str:
    """“Person 3” for the form 0, “Person 3b” for the form 1, and so on."""
    letters = LETTERS[(form - 1) % len(LETTERS)] * ((form - 1) // len(LETTERS) + 1) if form else ""
    return TEMPLATES.get(kind, OTHER_TEMPLATE).format(f"{number}{letters}")


def pattern_of(alias: str) -> str:
    """A regular expression for an alias or a template, with any space for a space."""
    return SPACE.join(map(re.escape, alias.split(" ")))


def bounded(alternatives: str) -> re.Pattern[str]:
    """The alternatives in either case, beside no letter or digit that would make them something else."""
    return re.compile(rf"(?<![a-z0-9])(?:{alternatives})(?![0-9])", re.IGNORECASE | re.ASCII)


LOOKS_LIKE_ALIAS = bounded(
    "|".join(
        pattern_of(template).replace(re.escape("{}"), "[0-9]+[a-z]*")
        for template in (*TEMPLATES.values(), OTHER_TEMPLATE)
    )
)

"""Numbers, dates and web addresses, beyond those that `patterns` finds; most need a word that says what they are."""

import ipaddress

import phonenumbers

from inference.personal.kinds import Kind
from inference.personal.patterns import DATE, HIGHEST_SECTION
from inference.personal.rules import CUED, NAMED, SHAPED, rule
from inference.personal.vocabulary import any_phrase

WEEKDAYS = (
    "Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday"
    "|Montag|Dienstag|Mittwoch|Donnerstag|Freitag|Samstag|Sonntag"
)
MONTHS = (
    "January|February|March|April|May|June|July|August|September|October|November|December"
    "|Januar|Februar|März|Mai|Juni|Juli|Oktober|Dezember"
)
DAY = r"\d{1,2}(?:st|nd|rd|th|\.)?"
MONTHLY = rf"(?:{DAY}[ ])?(?:{MONTHS})(?:[ ]{DAY})?,?[ ](?:19|20)\d\d"
YEARS = any_phrase("""
    in, since, during, until, till, of, year, a, an, the, from, by, after, before, to, between, and, around, early,
    late, mid, spring, summer, autumn, fall, winter, seit, bis, ab, von, vor, nach, Jahr, Jahre, Mitte, Ende, Anfang
""")
CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
CALLED = r"(?:\b(?:tel(?:efon|ephone)?|phone|fax|mobile?|handy|cell|desk|direct|durchwahl|office|home|work|ph)\b[.]?)"
REACHED = (
    r"(?:\b(?:call|ring|dial|text|reach|answering|messages|sms|whatsapp|contact|anrufen|erreichbar|anruf)\b"
    r"(?:[ ](?:me|us|him|her|them|to|at|on|via|under|unter|or))*)"
)
DIGITS = r"[+(]?\d(?:[ ()./-]{0,2}\d){5,14}(?:[ ]?x[ ]?\d{1,5})?"


REGIONS = ("US", "GB", "IE", "DE", "AT", "CH", "FR")
"""Whose telephone numbers are known without a country code."""


def is_phone(text: str) -> bool:
    """A number that is in use in one of the regions (libphonenumber)."""
    return any(_is_phone_in(region, text) for region in REGIONS)


def _is_phone_in(region: str, text: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(text, region))
    except phonenumbers.NumberParseException:
        return False


def is_card(text: str) -> bool:
    """Luhn's checksum (ISO/IEC 7812)."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def is_address(text: str) -> bool:
    """Of a machine, also one inside the company; the number of a section is none."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return False
    if address.version == 6:
        return len(text) > len("::1")
    return max(map(int, text.split("."))) > HIGHEST_SECTION


NUMBERS = (
    rule(
        Kind.CARD,
        r"(?i:\b(?:card|cc|visa|mastercard|amex|maestro|karte|kartennummer)\b)[^\d\n]{0,40}"
        r"(?P<value>(?<!\d)\d{4}(?:[ -]?\d){8,15}(?!\d))",
        NAMED,
        is_card,
    ),
    rule(Kind.CARD, r"(?<![\d.,-])[2-6]\d{3}(?:[ -]?\d){9,15}(?![.,-]?\d)", SHAPED, is_card),
    rule(
        Kind.SSN,
        r"(?i:\b(?:ssn|social[ ]security)\b)[^\d\n]{0,20}(?P<value>(?<!\d)\d{3}[ .-]?\d{2}[ .-]?\d{4}(?!\d))",
        NAMED,
    ),
    rule(
        Kind.TAX_ID,
        r"(?i:\b(?:itin|ein|utr|tin|tax(?:payer)?[ ](?:id|reference|number|identification)|steuernummer|ust-?id)\w*)"
        r"[^\d\n]{0,20}(?P<value>(?<!\d)"
        r"(?:\d{2}-\d{7}|\d{3}-\d{2}-\d{4}|\d{5}[ ]?\d{5}|\d{2,3}/\d{3}/\d{4,5}|\d{9})(?!\d))",
        NAMED,
    ),
    rule(
        Kind.DOCUMENT_ID,
        r"(?i:\b(?:driv(?:er|ing)['’]?s?[ ]licen[cs]e|passport|führerschein|reisepass|personalausweis|id[ ]card)\w*)"
        r"(?i:[ ](?:no|nr|number|nummer|is|ist|id)\b\.?|[\s:#'’,-]){0,5}"
        r"(?P<value>(?=[A-Za-z-]*\d)[A-Za-z0-9][A-Za-z0-9-]{4,18}[A-Za-z0-9])\b",
        CUED,
    ),
    rule(Kind.IP_ADDRESS, r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.-]*\d)", CUED, is_address),
    rule(
        Kind.IP_ADDRESS, r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])", SHAPED, is_address
    ),
    rule(Kind.URL, r"\b(?:https?://|www\.)[^\s<>\"')\]]+[^\s<>\"')\].,;:!?]", SHAPED),
    rule(Kind.PHONE, rf"(?i:{CALLED}|{REACHED})[ \t]*[:#]?\s*(?P<value>{DIGITS})(?![\w-])", CUED),
    rule(Kind.PHONE, rf"(?<![\w.+-])(?P<value>{DIGITS})[ -]?(?=(?i:{CALLED}))", CUED),
    rule(Kind.PHONE, r"(?<![\w.,+-])0\d{2,4}[ /]\d{2,4}(?:[ ]\d{2,4}){1,3}(?![\w.,-])", CUED),
    rule(
        Kind.PHONE,
        r"(?<![\w.,+-])(?:\(\d{2,5}\)[ ]?|[+0]\d{1,4}[ ./-]|\d{3}[.-])\d{2,4}(?:[ ./-]?\d{2,4}){1,4}(?![\w-]|[.,]\d)",
        CUED,
        is_phone,
    ),
    rule(
        Kind.POSTCODE,
        r"(?i:\b(?:zip|postcode|postal[ ]code|plz|postleitzahl)\b)(?:[ ]code)?\s*[:=]?\s*"
        r"(?P<value>(?:[A-Z]{1,2}[ -])?\d{3}(?:[ -]?\d\d?)?(?:[ ]?[A-Z]{2})?(?:-\d{3,4})?"
        r"|[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2})\b",
        CUED,
    ),
    rule(
        Kind.AGE,
        r"\b(?P<value>\d{1,3})(?:-|[ ])?(?:years?(?:[ ]|-)old|yrs?[ ]old|y/o|yo\b|Jahre?[ ](?:alt|jung)|-?jährig)",
        CUED,
    ),
    rule(
        Kind.AGE,
        r"(?i:\b(?:aged?(?:[ ]of)?|turn(?:s|ed|ing)?|im[ ]Alter[ ]von|Alter:"
        r"|when[ ](?:he|she|they|I|we)[ ](?:was|were)))"
        r"[ ](?P<value>\d{1,3})\b(?![%.,:/-]?\d|[ ]?(?:%|per|degrees|percent))",
        CUED,
    ),
    rule(Kind.DATE, rf"(?<![\w./-])(?:{DATE}|{MONTHLY})(?:[ T,]{{1,2}}{CLOCK})?(?![\w-])", CUED),
    rule(Kind.DATE, rf"\b(?i:{YEARS})[ ](?P<value>(?:19|20)\d\d)\b(?![.,-]?\d)", CUED),
    rule(Kind.DATE, rf"\b(?i:{WEEKDAYS})\b", CUED),
)

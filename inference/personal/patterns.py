"""Personal data and credentials by pattern, with the checksum where the number has one: the quick look."""

import ipaddress
import re
from collections.abc import Callable

from inference.markings import find_marking
from inference.personal.kinds import Finding, Kind
from kb.models import Sensitivity

PER_WORDS = 100
CUE_REACH = 40
"""Characters before a number in which the word that says what it is may stand."""
HIGHEST_SECTION = 31
"""Of four numbers with dots between them, all as small as this make “6.1.5.2” a section of a contract."""


def find_personal(text: str) -> tuple[Finding, ...]:
    """In the order of the text, without overlap; where two kinds fit, the more telling one stands."""
    found: list[Finding] = []
    for kind, pattern in PATTERNS.items():
        for match in pattern.finditer(text):
            start, end = match.span(1 if pattern.groups else 0)
            if _holds(kind, text, start, end) and not any(
                start < old.end and old.start < end for old in found
            ):
                found.append(Finding(kind, start, end))
    return tuple(sorted(found, key=lambda finding: finding.start))


def density(text: str) -> float:
    """Findings per 100 words."""
    return PER_WORDS * len(find_personal(text)) / max(len(text.split()), 1)


def question_sensitivity(text: str) -> Sensitivity:
    """What an employee types is INTERNAL, unless it carries personal data or a document's marking."""
    marking = find_marking(text)
    personal = Sensitivity.CONFIDENTIAL if find_personal(text) else Sensitivity.INTERNAL
    return Sensitivity.strictest([personal, marking.sensitivity if marking else Sensitivity.INTERNAL])


def _holds(kind: Kind, text: str, start: int, end: int) -> bool:
    """Whether what looks like this kind is one: its checksum, its cue, or what it is known not to be."""
    check = CHECKS.get(kind)
    return check is None or check(text[start:end], text[max(0, start - CUE_REACH) : start])


DATE = (
    r"\d{1,2}[./-]\s?\d{1,2}[./-]\s?\d{2,4}|\d{4}-\d{2}-\d{2}"
    r"|\d{1,2}\.?\s[A-ZÄ][a-zä]{2,8}\.?\s\d{4}|[A-Z][a-z]{2,8}\s\d{1,2},?\s\d{4}"
)
CREDENTIAL = r"""
    -----BEGIN\ (?:[A-Z]+\ )*PRIVATE\ KEY----- | \bA[KS]IA[0-9A-Z]{16}\b | \bgh[pousr]_[A-Za-z0-9]{30,}
    | \bsk-[A-Za-z0-9_-]{20,} | \bxox[abprs]-[A-Za-z0-9-]{10,} | \bsrm_[A-Za-z0-9_-]{20,} | \bAIza[\w-]{35}
    | \beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,} | \b[a-z][a-z0-9+]{2,12}://[^\s:/@]{1,64}:[^\s:/@]{3,64}@[\w.-]+
    | (?:\b|_)(?i:password|passwort|kennwort|passphrase|pwd|secret|api[ _-]?key|access[ _-]?key|token)
        ["'`]?\s?(?:[:=]|\bis\b|\blautet\b|\blautet:|\bist\b)?\s?["'`]?
        (?=[^\s"'`]*\d)(?=[^\s"'`]*[A-Za-z])[A-Za-z0-9!#$%&+/=?@^_~-]{8,128}"""
PATTERNS: dict[Kind, re.Pattern[str]] = {
    Kind.SECRET: re.compile(CREDENTIAL, re.VERBOSE),
    Kind.IBAN: re.compile(r"\b[A-Z]{2}\d{2}(?:[ \u00a0]?[A-Z0-9]{4}){2,7}(?:[ \u00a0]?[A-Z0-9]{1,3})?\b"),
    Kind.CARD: re.compile(
        r"(?<![\d.,-])(?:[3-6]\d{12,18}|[3-6]\d{3}(?: \d{4}){3}|[3-6]\d{3}(?:-\d{4}){3}"
        r"|3[47]\d\d \d{6} \d{5})(?![.,-]?\d)"
    ),
    Kind.TAX_ID: re.compile(r"(?<!\d)[1-9]\d(?: ?\d{3}){3}(?!\d)"),
    Kind.SSN: re.compile(r"(?<![\d-])(?!000|666|9)\d{3}-(?!00)\d{2}-(?!0000)\d{4}(?![\d-])"),
    Kind.BIRTH_DATE: re.compile(
        rf"(?i:\bborn(?: on)?|\bdate of birth|\bdob|\bbirth ?day|\bgeboren(?: am)?"
        rf"|\bgeb\.(?: am)?|\bgeburts(?:datum|tag))"
        rf"[\s:|*]{{1,5}}({DATE})"
    ),
    Kind.EMAIL: re.compile(r"\b[\w.+-]{1,64}@(?:[\w-]{1,63}\.){1,4}[A-Za-z]{2,12}\b"),
    Kind.PHONE: re.compile(
        r"(?<![\w+])(?<!\d[ -])(?:\+|00)[1-9](?:[ ()./-]{0,2}\d){7,14}(?!\d)|(?<![\w.])\(\d{3}\) ?\d{3}-\d{4}(?!\d)"
        r"|(?<![\w.-])\d{3}-\d{3}-\d{4}(?![\d-])|(?<![\w.,])0[1-9]\d{1,4} ?[/-] ?\d(?:[ -]?\d){4,9}(?!\d)"
        r"|(?<=[:.] )0[1-9]\d{1,3} \d(?:[ -]?\d){4,9}(?!\d)"
    ),
    Kind.IP_ADDRESS: re.compile(r"(?<![\w.-])\d{1,3}(?:\.\d{1,3}){3}(?![\w.-]*\d)"),
}
ROLE_ADDRESS = re.compile(
    r"(?:info|support|office|contact|kontakt|sales|vertrieb|press|presse|news|service|help|helpdesk|hello|hallo|"
    r"no-?reply|jobs|careers|karriere|datenschutz|privacy|dpo|legal|security|admin|postmaster|webmaster|"
    r"orders?|einkauf|billing|accounts?|team|it|hr|marketing|feedback|media|ir|investors?)@",
    re.IGNORECASE,
)
EXAMPLE_DOMAIN = re.compile(r"@(?:[\w-]+\.)*example(?:\.\w+)?\Z", re.IGNORECASE)
TAX_CUE = re.compile(r"steuer|tax|idnr|\btin\b|identifikationsnummer", re.IGNORECASE)
VERSION_CUE = re.compile(
    r"(?:\bv|version|release|firmware|build|section|§|kapitel|chapter)\.?\s*\Z", re.IGNORECASE
)


def _is_iban(text: str, before: str) -> bool:
    """ISO 13616: the first four characters to the end, letters as 10 to 35, remainder 1 by 97."""
    compact = re.sub(r"\s", "", text)
    number = "".join(str(int(character, 36)) for character in compact[4:] + compact[:4])
    return 15 <= len(compact) <= 34 and int(number) % 97 == 1


def _is_card(text: str, before: str) -> bool:
    """ISO/IEC 7812: 13 to 19 digits with Luhn's checksum."""
    digits = [int(character) for character in text if character.isdigit()]
    doubled = [digit * 2 - 9 * (digit > 4) for digit in digits[-2::-2]]
    return 13 <= len(digits) <= 19 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_tax_id(text: str, before: str) -> bool:
    """The German identification number: ISO 7064 MOD 11,10. One number in ten fits, so it needs its name too."""
    *digits, check = (int(character) for character in text if character.isdigit())
    product = 10
    for digit in digits:
        product = ((digit + product) % 10 or 10) * 2 % 11
    return (11 - product) % 10 == check and bool(TAX_CUE.search(before))


def _is_personal_address(text: str, before: str) -> bool:
    return not ROLE_ADDRESS.match(text) and not EXAMPLE_DOMAIN.search(text)


def _is_public_ip(text: str, before: str) -> bool:
    """A machine inside the company is nobody's; the number of a version or a section is no address."""
    if max(map(int, text.split("."))) <= HIGHEST_SECTION or VERSION_CUE.search(before):
        return False
    try:
        return ipaddress.ip_address(text).is_global
    except ValueError:
        return False


CHECKS: dict[Kind, Callable[[str, str], bool]] = {
    Kind.IBAN: _is_iban,
    Kind.CARD: _is_card,
    Kind.TAX_ID: _is_tax_id,
    Kind.EMAIL: _is_personal_address,
    Kind.IP_ADDRESS: _is_public_ip,
}

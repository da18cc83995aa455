"""Postal addresses by their shape: house numbers, words of streets, units, postcodes, countries."""

from functools import cache

import regex

from inference.personal.dictionary import is_common
from inference.personal.kinds import Kind
from inference.personal.rules import CUED, Rule, rule
from inference.personal.vocabulary import (
    PLAIN_STREETS,
    STREET_ENDINGS,
    STREET_OPENERS,
    STREET_TYPES,
    STREET_WORDS_BEFORE_NUMBER,
    UNITS,
    any_of,
    any_phrase,
    countries,
)

LETTERS = regex.compile(r"\p{L}{2,}")
NUMBER = r"\d{1,5}\p{L}?(?:[-/–]\d{1,4}\p{L}?)?"
WORD = r"(?:\p{Lu}\p{L}{0,3}\.|\p{Lu}[\p{L}\p{M}'’-]*)"
SMALL = (
    r"(?:de|da|do|dos|das|del|della|delle|degli|dei|di|la|las|los|le|les|du|des|von|der|den|zu|zum|zur|am|an|of|the|y|e"
    r"|et|al|el|u|v)"
)
NAME = rf"{WORD}(?:[ ](?:{SMALL}[ ]){{0,2}}(?:{WORD}|\d{{1,2}}(?:st|nd|rd|th)?\b)){{0,4}}"
GAP = r"(?:,?[ \t]+|[ \t]*,?[ \t]*\n[ \t>?|,]*(?:\n[ \t>?|,]*)?)"
"""Between two parts of an address: a blank, a comma, or the end of a line; a quoted mail has “>” there."""
UNIT = rf"(?:{any_of(UNITS)})\.?[ ]\#?\d{{1,5}}\p{{L}}?\b"
ZIP = r"(?:\d{4,6}(?:-\d{3,4})?|\d{3}[ ]\d{2}|\d{4}[ ][A-Z]{2}|[A-Z]{1,2}\d[A-Z\d]?[ ]\d[A-Z]{2})(?![\w-]|[ ]\d)"
CORNER = rf"(?:the[ ])?corner[ ]of[ ][^\n,;:]{{3,50}}?[ ]and[ ](?:\p{{Ll}}{{2,3}}[ ])?{NAME}"
MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec|Mär|Mai|Okt|Dez)\p{Ll}*\b"
LOCATED = any_phrase("""
    lives at, live at, lived at, lives in, lived in, live in, located at, located on, resides at, moved to, meet me at,
    restaurant is at, office is at, station is on, sent to, delivered to, shipped to, enter on, address is, address to,
    address with, address:, the same:, wohnt in, wohnhaft in, Adresse lautet, Adresse:, Anschrift:
""")


def is_street(text: str) -> bool:
    """“During 1971” ends like “Kurring 19”, but its words are in the dictionary."""
    return not all(is_common(word) for word in LETTERS.findall(text))


@cache
def addresses() -> tuple[Rule, ...]:
    country = rf"(?:{countries()})\b"
    region = r"\p{L}{2,3}"
    end = rf"(?:{country}|{region}{GAP}{ZIP}|{ZIP})"
    tail = (
        rf"(?:{GAP}(?:{UNIT}(?:[ ]{NAME}(?=[.,\n]|$|{GAP}{country}))?|{region}{GAP}{ZIP}|{country}(?:[ ]{ZIP})?|{ZIP}"
        rf"|{NAME}(?={GAP}(?:{NAME}{GAP})?{end}))){{0,5}}(?:,[ ]{NAME}(?=[.?!]?\s*$))?"
    )
    two = rf"(?:{NUMBER}[ ]){{1,2}}"
    before = rf"(?:{NUMBER}[ ]){{0,2}}"
    ending = rf"\p{{L}}+(?:{any_of(STREET_ENDINGS)})\.?"
    streets = (
        rf"{two}{NAME}[ ](?i:{any_of(STREET_TYPES)})\b\.?(?:[ ]{NUMBER}\b)?",
        rf"{before}{NAME}[ ](?:{any_of(PLAIN_STREETS)})\b(?:[ ]{NUMBER}\b)?",
        rf"{before}(?:{any_of(STREET_OPENERS)})\.?[ ](?:{SMALL}[ ]){{0,2}}{NAME}(?:,?[ ]{NUMBER}\b)?",
        rf"{before}{NAME}[ ](?:{any_of(STREET_WORDS_BEFORE_NUMBER)})\.?[ ]{NUMBER}\b\.?",
        rf"{two}{NAME}(?:[ ]{NUMBER})?\b\.?(?={GAP}{UNIT})",
        rf"{two}{NAME}[ ]{NUMBER}(?={GAP}{NAME}{GAP}(?:{region}{GAP})?{ZIP})",
        rf"{before}ul\.[ ]{NAME}[ ]{NUMBER}\b",
        CORNER,
        rf"{before}(?:P\.?[ ]?O\.?[ ]?Box|Postfach|Postbox|Postboks|Apartado)[ ]\d[\d ]*\d",
        r"(?i:PSC|Unit|CMR)[ ]\d+,?[ ](?i:Box)[ ]\d+",
        r"(?:USN[SV]|USS|USCGC)[ ]\p{Lu}\p{L}+(?=\s+[AFD]PO)",
    )
    worded = rf"{before}(?:{WORD}[ ]){{0,3}}\p{{Lu}}{ending}[ ]{NUMBER}\b\.?"
    military = r"(?:\s+(?i:[AFD]PO[ ]A[AEP])[ ]\d{5})?"
    return (
        *(rule(Kind.ADDRESS, rf"(?<![\w.]){street}{military}{tail}", CUED) for street in streets),
        rule(Kind.ADDRESS, rf"(?<![\w.]){worded}{tail}", CUED, is_street),
        rule(Kind.ADDRESS, rf"^{NAME}\n+[ ]*{country}$", CUED),
        rule(
            Kind.ADDRESS,
            rf"\b(?i:{LOCATED})\s+(?!(?:{NUMBER}[ ])?{MONTH})"
            rf"(?P<value>(?:{NAME}[ ]{NUMBER}\b\.?|{two}{NAME}(?:[ ]{NUMBER}\b\.?)?){tail})",
            CUED,
        ),
        rule(Kind.ADDRESS, rf"\b{UNIT}{tail}", CUED),
        rule(Kind.ADDRESS, rf"\b{country}[ ]{ZIP}", CUED),
        rule(Kind.ADDRESS, rf"\b(?:D|A|CH)-\d{{4,5}}[ ]{WORD}", CUED),
    )

"""The kind of thing that would answer a question, and what such a thing looks like."""

import re
from dataclasses import dataclass

MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|januar|februar|märz|mai|juni|juli|oktober|dezember"
)
NUMBER_WORDS = (
    "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|dozen|hundred|once|twice|half|third|quarter"
    "|zwei|drei|vier|fünf|sechs|sieben|acht|neun|zehn|elf|zwölf"
)
COLOURS = (
    "black|white|gr[ae]y|red|blue|green|yellow|brown|orange|silver|schwarz|weiß|grau|rot|blau|grün|gelb|braun"
)


@dataclass(frozen=True, slots=True)
class Kind:
    """`called` names it for people; `asks` finds it in a question and `holds` in a text."""

    called: str
    asks: re.Pattern[str]
    holds: re.Pattern[str]


def _any(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


NUMBER = Kind(
    "a number",
    _any(
        r"\bhow (many|much|long|often|soon|far|high|large|old|quickly|loud)\b|\b(limit|rate|torque|amount|range)\b"
        r"|\bwie (viele?n?|hoch|lange|oft|groß)\b"
    ),
    _any(rf"\d|\b({NUMBER_WORDS})\b"),
)
KINDS = (
    Kind(
        "a telephone number",
        _any(r"\b((tele)?phone|mobile|extension|fax)( number)?\b.*\?|\btelefonnummer\b"),
        _any(r"\+?\d[\d /()-]{5,}\d|\bextension \d"),
    ),
    Kind(
        "an amount of money",
        _any(r"\b(prices?|costs?|salary|wages?|fee|budget|dividend|preis|kostet|gehalt)\b"),
        _any(r"[€$£¥]|\b(eur|euros?|usd|dollars?|pounds?|percent|prozent)\b|_eur\b|\d ?%"),
    ),
    Kind(
        "a weight",
        _any(r"\b(weighs?|weight|heavy|wiegt|schwer|gewicht)\b"),
        _any(r"\d ?(mg|g|kg|t|lbs?|tonn?e[sn]?)\b"),
    ),
    Kind(
        "a share",
        _any(r"\b(discount|percentage|what share|rabatt|wie viel prozent)\b"),
        _any(r"\d ?%|\bper ?cent\b|\bprozent\b"),
    ),
    Kind("a colour", _any(r"\b(colou?r|farbe)\b"), _any(rf"\b({COLOURS})\b")),
    Kind(
        "a date",
        _any(r"\b(when|(what|which|in which|in what) (year|date|day|month)|deadline|wann)\b"),
        _any(
            rf"\b(1[0-9]{{3}}|20[0-9]{{2}})\b|\b\d\d?:\d\d\b|\b({MONTHS}|century|jahrhundert)\b"
            r"|\b(mon|tues|wednes|thurs|fri|satur|sun)days?\b|\b(day|week|month|year|tag|woche|monat|jahr)(e?[ns])?\b"
        ),
    ),
    NUMBER,
    Kind(
        "a name",
        _any(r"\b(who|whom|whose|wer|wem|wen|wessen)\b"),
        # Not in any case: two capitals are what makes a name.
        re.compile(
            r"[A-ZÄÖÜ][\w.’'-]+ (?:(?:of|von|van|de|der|the) )?[A-ZÄÖÜ][\w-]+|\b(?:Mr|Ms|Mrs|Dr|Frau|Herr)\b"
        ),
    ),
)
"""In the order in which they are tried: a price is a number too."""


def kind_of(question: str) -> Kind | None:
    """None where anything may be the answer."""
    return next((kind for kind in KINDS if kind.asks.search(question)), None)

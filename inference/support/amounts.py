"""Numbers as they are meant: “twelve” is 12, “1,000” is 1000, “5 %” is “5 percent”, and dates are their parts."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

NUMBER = re.compile(
    r"(?<![\w.,])(?<!\w[-/])(?P<number>\d+(?:[.,’'\u00a0\u202f]\d+)*)(?:st|nd|rd|th)?(?![\w/])"
)
"""Not the digits of codes such as AX-4471-B or 3T3, which are words."""
ISO_DATE = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{1,2})-(?P<day>\d{1,2})\b")
POINTED_DATE = re.compile(r"\b(?P<day>\d{1,2})\. ?(?P<month>\d{1,2})\. ?(?P<year>\d{4})\b")
GROUPED = re.compile(r"\d{1,3}(?:[.,’'\u00a0\u202f]\d{3})+")
GROUPING = re.compile(r"[.,’'\u00a0\u202f]")
NEXT_WORD = re.compile(r"[\s\u00a0-]{0,2}([^\W\d_]+|[%‰€$£°])")
CURRENCY_BEFORE = re.compile(r"(€|\$|£|EUR|USD|GBP|CHF)[\s\u00a0]?\Z")
WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")
MONTH_BESIDE = re.compile(r"[\s\u00a0,.]{1,2}(?:of )?(?=\d)")

_ENGLISH = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty"
)
_GERMAN = (
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn sechzehn "
    "siebzehn achtzehn neunzehn zwanzig"
)
TENS = {
    word: 10 * tens
    for words in (
        "twenty thirty forty fifty sixty seventy eighty ninety",
        "zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    )
    for tens, word in enumerate(words.split(), 2)
}
SMALL = {word: value for words in (_ENGLISH, _GERMAN) for value, word in enumerate(words.split())}
SCALES = {
    "hundred": 100, "hundert": 100, "thousand": 1_000, "tausend": 1_000, "million": 1_000_000,
    "millionen": 1_000_000, "billion": 1_000_000_000, "milliarde": 1_000_000_000, "milliarden": 1_000_000_000,
}  # fmt: skip
UNITS = {
    word: words.split()[0]
    for words in (
        "day days tag tage tagen", "week weeks woche wochen", "month months monat monate monaten",
        "year years jahr jahre jahren", "hour hours h stunde stunden", "minute minutes min minuten",
        "second seconds s sekunde sekunden", "percent % prozent", "€ eur euro euros", "$ usd dollar dollars",
        "£ gbp pound pounds", "chf franken", "km kilometre kilometres kilometer", "m metre metres meter meters",
        "kg kilogram kilograms", "mg milligram milligrams", "g gram grams gramm",
    )
    for word in words.split()
}  # fmt: skip
"""Each spelling → the first of its row."""
MONTHS = {
    word: month
    for words in (
        "january february march april may june july august september october november december",
        "jan feb mar apr may jun jul aug sep oct nov dec",
        "januar februar märz april mai juni juli august september oktober november dezember",
    )
    for month, word in enumerate(words.split(), 1)
}
MONTH = "month of the year"
YEARS = range(1500, 2101)


@dataclass(frozen=True, slots=True)
class Amount:
    """A number in a text. `values` are its readings: “1.000” is 1 in English and 1000 in German."""

    text: str
    values: frozenset[float]
    unit: str = ""

    @property
    def is_year(self) -> bool:
        return not self.unit and len(self.text) == 4 and self.text.isdecimal() and int(self.text) in YEARS

    def is_in(self, others: Iterable["Amount"]) -> bool:
        """Whether one of the others is as much, and not of something else."""
        return any(
            self.values & other.values and (self.unit == other.unit or not (self.unit and other.unit))
            for other in others
        )

    def is_meant_in(self, others: Sequence["Amount"]) -> bool:
        """The same, but a bare number is not enough where others are of the same unit: section 7.4 is no 7.4 hours."""
        alike = [other for other in others if self.unit and other.unit == self.unit]
        return self.is_in(alike or others)


def amounts(text: str) -> tuple[Amount, ...]:
    """All of them, in no order. “One” and “ein” are none: they are articles more often."""
    dates = [*ISO_DATE.finditer(text), *POINTED_DATE.finditer(text)]
    parts = [part for date in dates for part in _of_date(date)]
    for date in dates:
        text = text[: date.start()] + " " * len(date[0]) + text[date.end() :]
    return (*parts, *_in_digits(text), *_in_words(text))


def _of_date(date: re.Match[str]) -> Iterator[Amount]:
    yield Amount(date["year"], frozenset({float(date["year"])}))
    yield Amount(date["day"], frozenset({float(date["day"])}))
    yield Amount(date[0], frozenset({float(date["month"])}), MONTH)


def _in_digits(text: str) -> Iterator[Amount]:
    for match in NUMBER.finditer(text):
        following = NEXT_WORD.match(text, match.end())
        word = following[1].casefold() if following else ""
        scale = SCALES.get(word, 1)
        unit = UNITS.get(word, "") or _currency(text[: match.start()])
        said = text[match.start() : following.end()] if following and (unit or scale > 1) else match[0]
        yield Amount(said, frozenset(value * scale for value in _readings(match["number"])), unit)


def _currency(before: str) -> str:
    found = CURRENCY_BEFORE.search(before)
    return UNITS.get(found[1].casefold(), "") if found else ""


def _readings(number: str) -> Iterator[float]:
    if GROUPED.fullmatch(number):
        yield float(GROUPING.sub("", number))
    marks = GROUPING.findall(number)
    if len(marks) == 1 and marks[0] in ".,":
        yield float(number.replace(",", "."))
    elif not marks:
        yield float(number)
    elif len(set(marks)) > 1:
        whole, _, fraction = number.rpartition(marks[-1])
        yield float(f"{GROUPING.sub('', whole)}.{fraction}")


def _in_words(text: str) -> Iterator[Amount]:
    for match in WORD.finditer(text):
        word = match[0].casefold()
        if month := MONTHS.get(word):
            if _beside_a_number(text, match):
                yield Amount(match[0], frozenset({float(month)}), MONTH)
        elif (value := _spelled(word)) is not None:
            yield _written(text, match, value)


def _written(text: str, match: re.Match[str], value: int) -> Amount:
    following = NEXT_WORD.match(text, match.end())
    word = following[1].casefold() if following else ""
    scale, unit = SCALES.get(word, 1), UNITS.get(word, "")
    said = text[match.start() : following.end()] if following and (unit or scale > 1) else match[0]
    return Amount(said, frozenset({float(value * scale)}), unit)


def _spelled(word: str) -> int | None:
    tens, _, ones = word.partition("-")
    if ones:
        return TENS[tens] + SMALL[ones] if tens in TENS and ones in SMALL else None
    value = SMALL.get(word, TENS.get(word))
    return None if value == 1 else value


def _beside_a_number(text: str, month: re.Match[str]) -> bool:
    """“May 2026” and “3 May”, but not “may”."""
    before = text[: month.start()].rstrip(" .\u00a0")
    return before[-1:].isdecimal() or bool(MONTH_BESIDE.match(text, month.end()))

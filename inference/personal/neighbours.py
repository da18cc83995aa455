"""What findings tell of the text around them: letterheads, lists of names, and later mentions of a person."""

from collections.abc import Iterator, Sequence

import regex

from inference.personal.dictionary import is_common
from inference.personal.kinds import Finding, Kind
from inference.personal.names import OCCUPATION, WORD
from inference.personal.vocabulary import LEGAL_FORMS, any_of

QUOTED = " \t>?*|"
"""What stands before a line of a quoted mail or a table."""
LINE = regex.compile(r"^[ \t>?*|]*(?P<value>\p{Lu}[^\n\d:;!?]{1,60}?)[ \t.]*$", regex.MULTILINE)
"""A short line without a number, as names and organisations stand over an address."""
FULL_NAME = regex.compile(rf"{WORD}(?:[ ]+(?:\p{{Lu}}\.?|{WORD}|\p{{Ll}}{{2,3}})){{1,3}}")
JOB = regex.compile(rf"\p{{Lu}}[\p{{L}} -]*\b{OCCUPATION}")
FIRM = regex.compile(rf"\b(?:{any_of(LEGAL_FORMS)})\b\.?$|,|\b(?:and|und)\b|&")
HEAD = 3
"""Lines over an address or a number that may name whose it is."""
BLANK = 1
"""Empty lines that may stand between two lines of a letterhead."""
MENTION = 3
"""Letters that a part of a name has at least to count as a mention of it."""
LISTED = regex.compile(rf"{WORD}(?:,[ ]{WORD}){{1,20}},?[ ](?:and|und|or|oder|&)[ ]{WORD}")
ITEM = regex.compile(WORD)
REACHES = frozenset({Kind.ADDRESS, Kind.PHONE, Kind.EMAIL})


def letterheads(text: str, found: Sequence[Finding]) -> Iterator[Finding]:
    """The lines over an address or a telephone number: a person first, then an organisation."""
    lines = list(LINE.finditer(text))
    for each in found:
        if each.kind in REACHES:
            yield from _named(_head(text, lines, each.start))


def listed(text: str, found: Sequence[Finding]) -> Iterator[Finding]:
    """Of “A, B and C” all three, when one of them is a person's or an organisation's name."""
    for match in LISTED.finditer(text):
        inside = {each.kind for each in found if match.start() <= each.start and each.end <= match.end()}
        kind = next((kind for kind in (Kind.PERSON, Kind.ORGANISATION) if kind in inside), None)
        if kind:
            yield from (Finding(kind, *item.span()) for item in ITEM.finditer(text, *match.span()))


def mentions(text: str, found: Sequence[Finding]) -> Iterator[Finding]:
    """Every further place of a part of a person's name that is no common word."""
    people = [text[each.start : each.end] for each in found if each.kind is Kind.PERSON]
    parts = {part for name in people for part in ITEM.findall(name) if _tells(part)}
    if parts:
        pattern = regex.compile(rf"\b(?:{'|'.join(sorted(parts, key=len, reverse=True))})\b")
        yield from (Finding(Kind.PERSON, *match.span()) for match in pattern.finditer(text))


def _tells(part: str) -> bool:
    return len(part) >= MENTION and not is_common(part)


def _head(text: str, lines: Sequence["regex.Match[str]"], start: int) -> list["regex.Match[str]"]:
    """The short lines right above the line that begins with what is at `start`, the top one first."""
    below = text.rfind("\n", 0, start) + 1
    if text[below:start].strip(QUOTED):
        return []
    head: list[regex.Match[str]] = []
    for line in reversed([line for line in lines if line.end() < below]):
        between = text[line.end() : below]
        if len(head) == HEAD or between.strip(QUOTED + "\n") or between.count("\n") > BLANK + 1:
            break
        head.insert(0, line)
        below = line.start()
    return head


def _named(head: Sequence["regex.Match[str]"]) -> Iterator[Finding]:
    for line in head:
        kind = _kind(line["value"], head[0]["value"])
        if kind:
            yield Finding(kind, *line.span("value"))


def _kind(words: str, first: str) -> Kind | None:
    if FIRM.search(words):
        return Kind.ORGANISATION
    if not FULL_NAME.fullmatch(first):
        return None  # A heading, rather than somebody's name.
    if words == first:
        return Kind.PERSON
    return Kind.TITLE if JOB.fullmatch(words) else Kind.ORGANISATION

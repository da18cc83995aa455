"""Text to sentences by rule, for English and German: quick, without a model, and with exact places.

A row of a pipe table, a heading and an item of a list are sentences of their own. Where a full stop may
stand for an abbreviation as well as for an end, the next word decides.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

WRAPPED_LINE = 50
"""Characters. A shorter line that ends without a full stop stands on its own instead of being wrapped."""

LOOK_BACK = 60
"""Characters before a full stop that say whether it is an abbreviation's."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


NEVER_END = _words(
    "dr prof mr mrs ms st hr fr frl dipl ing hon rev gen sgt capt jr nr nos art abs ziff kap bd vgl ca evtl "
    "ggf bzw inkl exkl zzgl abzgl mind max min tel str vs cf fig figs eq sec vol pp approx est incl jan feb "
    "aug sept oct okt nov dez e.g i.e z.b d.h u.a o.ä i.d.r s.o s.u i.v.m o.g sog bspw geb gem lt zz"
)
MAY_END = _words(
    "inc ltd corp co llc plc bros etc usw usf u.s u.k e.u a.m p.m ag ph.d b.sc m.sc al ff ed eds dept"
)
"""Abbreviations that also stand at the end of a sentence."""
STARTERS = _words(
    "the this that these those a an it its he she they we you i in on at for from if when while after before "
    "as by to there here all any no each every our their his her however please but and or so with what who "
    "how why where both der die das dies diese dieser dieses ein eine einer es er sie wir ihr ich im am bei "
    "für von wenn als nach vor wer was wie wo bitte alle jede jeder auch aber und oder mit zum zur zu auf aus"
)
"""Words that begin a sentence far more often than they follow an abbreviation."""
MONTHS = _words("januar jänner februar märz april mai juni juli august september oktober november dezember")
BEFORE_ORDINAL = _words("am vom zum bis der die das dem den des im ab seit und beim jeder jede jedes jeden")

SPECIAL_LINE = re.compile(r"[ \t]*(?:\||#{1,6}[ \t]|[-*+•◦▪–][ \t]|\(?(?:\d{1,3}|[a-z])[.)][ \t])")
MARKER = re.compile(r"[ \t]*(?:#{1,6}[ \t]+|[-*+•◦▪–][ \t]+(?:\[[ xX]\][ \t]+)?)?")
TABLE_ROW = re.compile(r"[ \t]*\|")
CLOSING = "\"'”’»“)]*_"
PAUSE = re.compile(r"(?<![.!?…])[.!?…]++[\"'”’»“)\]*_]*+(?=\s)")
NEXT_WORD = re.compile(r"\s++[\"'“„‘«(\[*_]*+(\w+|.)")
LAST_WORD = re.compile(r"[^\s(\[\"'“„‘«]+\Z")
LINE = re.compile(r"[^\n]*\n?")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence as it stands: `text` is `source[start:end]`, in characters, without white space around it."""

    text: str
    start: int
    end: int


def split(text: str) -> list[Sentence]:
    """The sentences in order, without overlap. Bullets and the hashes of headings belong to none."""
    return [
        sentence
        for start, end in _blocks(text)
        for piece in _ends(text, start, end)
        if (sentence := _trimmed(text, *piece)) is not None
    ]


def _blocks(text: str) -> Iterator[tuple[int, int]]:
    """Spans that no sentence crosses: paragraphs, headings, list items, rows of tables."""
    start, before = 0, ""
    for line in LINE.finditer(text):
        if line.start() > start and _begins_block(before.strip(), line.group()):
            yield start, line.start()
            start = line.start()
        before = line.group()
    yield start, len(text)


def _begins_block(before: str, line: str) -> bool:
    """Whether `line` does not go on with what the line `before` it began."""
    if not before or not line.strip() or SPECIAL_LINE.match(line) or before.startswith(("#", "|")):
        return True
    return len(before) < WRAPPED_LINE and not line.lstrip()[0].islower() and before[-1] not in ",;-–"


def _ends(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """The spans of a block's sentences."""
    if TABLE_ROW.match(text, start, end):
        yield start, end
        return
    begin = start
    for pause in PAUSE.finditer(text, start, end):
        following = NEXT_WORD.match(text, pause.end(), end)
        if following is None or _is_end(text[begin : pause.start()], pause.group(), following[1]):
            yield begin, pause.end()
            begin = pause.end()
    yield begin, end


def _is_end(before: str, pause: str, following: str) -> bool:
    """Whether the sentence that began with `before` ends at this pause, given the next word."""
    if following[0].islower():
        return False
    full_stop = pause.rstrip(CLOSING) == "."
    return not (full_stop and _is_abbreviation(before[-LOOK_BACK:], following))


def _is_abbreviation(before: str, following: str) -> bool:
    """Whether the full stop after `before` belongs to its last word: “Dr.”, “z. B.”, “Nr. 5”, “3. März”."""
    last = LAST_WORD.search(before)
    if last is None:
        return False
    word, earlier = last.group().lower(), before[: last.start()].split()
    if word.isdigit():
        return _is_ordinal(word, earlier, following)
    if word in NEVER_END:
        return True
    if word == "no":
        return following[0].isdigit()
    if len(word) == 1 and earlier and re.fullmatch(r"\w\.", earlier[-1]):
        return True
    ambiguous = word in MAY_END or len(word) == 1
    return ambiguous and following.lower() not in STARTERS


def _is_ordinal(number: str, earlier: list[str], following: str) -> bool:
    if len(number) > 2:
        return False
    return not earlier or following.lower() in MONTHS or earlier[-1].lower() in BEFORE_ORDINAL


def _trimmed(text: str, start: int, end: int) -> Sentence | None:
    if marker := MARKER.match(text, start, end):
        start = marker.end()
    piece = text[start:end]
    start += len(piece) - len(piece.lstrip())
    stripped = piece.strip()
    if not any(character.isalnum() for character in stripped):
        return None
    return Sentence(stripped, start, start + len(stripped))

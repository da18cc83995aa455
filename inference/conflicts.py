"""Where the sources of an answer give different values for the same thing.

A conflict that is none is worse than one that is missed. So two statements are in conflict only if they come from
two documents, say the same but for their values, and give these in the same unit; and if the documents are editions
of one, or both statements speak of the same name or code that the question asks for.
"""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from uuid import UUID

from inference.cite import Cited
from inference.editions import edition_of, family_of, outdated
from inference.evidence.wanted import Wanted, wanted
from inference.hits import Hit
from inference.pack import Packed
from inference.rows import Statement, statements
from inference.sentences import split

CURRENCY = r"[€$£¥]"
VALUE = re.compile(
    rf"(?P<currency>{CURRENCY}) ?(?P<sum>\d[\d.,]*\d|\d)"
    r"|(?<![\w-])(?P<number>\d[\d.,]*\d|\d)(?: |-)?(?P<unit>%|°C|[^\W\d_]+)"
)
"""An amount with its currency, or a number with the word after it; no part of a code such as CB-300."""
WORD = re.compile(r"[^\W_][\w-]*")
ALIKE = 0.8
"""Share of the shorter statement's words that the longer one must hold."""
FEWEST = 3
"""Words besides values. Of fewer, nobody can say what the values are of."""
MOST = 3
"""Conflicts that are shown."""

Kept = Mapping[str, int | str | bool]
"""A `Conflict` as JSON."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """`said` is what the answer stands on, and `other` what another document says. Rows of tables are read out."""

    chunk: int
    said: str
    other_chunk: int
    other: str
    other_is_outdated: bool

    def kept(self) -> Kept:
        return {
            "chunk": self.chunk,
            "said": self.said,
            "other_chunk": self.other_chunk,
            "other": self.other,
            "other_is_outdated": self.other_is_outdated,
        }


def conflicts(question: str, cited: Sequence[Cited], shown: Sequence[Packed]) -> list[Conflict]:
    """Of what the answer cites with all that was shown for it, at most `MOST`. What is outdated stands second."""
    asked = wanted(question)
    hits = [source.hit for source in shown]
    old = outdated(question, hits)
    found: dict[frozenset[tuple[int, str]], Conflict] = {}
    others = [(hit, statement) for hit in hits for statement in _statements(hit)]
    for citation in cited:
        own = citation.source.hit
        said = next((each.text for each in _statements(own) if each.source == citation.quote), citation.quote)
        for hit, other in others:
            if hit.document != own.document and _differ((own, said), (hit, other.text), asked, old):
                pair = frozenset({(own.chunk, citation.quote), (hit.chunk, other.source)})
                if pair not in found or hit.document in old:
                    found[pair] = Conflict(own.chunk, said, hit.chunk, other.text, hit.document in old)
    return list(found.values())[:MOST]


def _statements(hit: Hit) -> list[Statement]:
    return statements(split(hit.text))


def _differ(ours: tuple[Hit, str], theirs: tuple[Hit, str], asked: Wanted, old: Set[UUID]) -> bool:
    """Whether both statements say the same thing of the same subject, with other values in the same units."""
    (hit, said), (other_hit, other) = ours, theirs
    if not _same_but_for_values(said, other):
        return False
    if family_of(hit.title) == family_of(other_hit.title):
        # Where the question asks for an edition by name, that another one says something else is no conflict.
        return bool({hit.document, other_hit.document} & old) or (
            edition_of(hit.title) == edition_of(other_hit.title)
        )
    subjects = {subject.casefold() for subject in asked.names | asked.numbers}
    return any(subject in said.casefold() and subject in other.casefold() for subject in subjects)


def _same_but_for_values(one: str, two: str) -> bool:
    ours, theirs = _values(one), _values(two)
    if not ours or not theirs or ours.keys() != theirs.keys():
        return False
    if any(ours[unit] & theirs[unit] for unit in ours):
        return False
    words, others = _words(one), _words(two)
    shorter = min(len(words), len(others))
    return shorter >= FEWEST and len(words & others) >= ALIKE * shorter


def _values(text: str) -> dict[str, set[str]]:
    """Unit → the values that stand with it."""
    found: dict[str, set[str]] = {}
    for match in VALUE.finditer(text):
        unit = match["currency"] or match["unit"].casefold()
        found.setdefault(unit, set()).add(match["sum"] or match["number"])
    return found


def _words(text: str) -> frozenset[str]:
    return frozenset(word.casefold() for word in WORD.findall(VALUE.sub(" ", text)))

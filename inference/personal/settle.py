"""Of all that was said of a text, what stands: one kind for each place."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from operator import attrgetter

from inference.personal.kinds import Finding, Kind
from inference.personal.neighbours import letterheads, listed, mentions
from inference.personal.rules import CUED, MODEL, SHAPED, Scored

ENDING = frozenset({Kind.PERSON, Kind.ORGANISATION, Kind.ADDRESS, Kind.LOCATION})


def settled(text: str, said: Sequence[Scored]) -> tuple[Finding, ...]:
    """In the order of the text. What stands around a finding overrules the model; a mention overrules nothing."""
    found = surest(said)
    told = [Scored(each, CUED) for step in (letterheads, listed) for each in step(text, found)]
    known = surest([*said, *told])
    again = [Scored(each, MODEL) for each in mentions(text, known)]
    final = surest([*(Scored(each, SHAPED) for each in known), *again])
    return tuple(sorted((_without_stop(text, each) for each in final), key=attrgetter("start")))


def surest(said: Iterable[Scored]) -> list[Finding]:
    """The surest of what overlaps, of equals the longest; what overlaps and is of one kind becomes one."""
    found: list[Finding] = []
    for each in sorted(said, key=_rank):
        found = _with(found, each.finding)
    return found


def _rank(scored: Scored) -> tuple[float, int, int]:
    finding = scored.finding
    return -scored.score, finding.start - finding.end, finding.start


def _with(found: list[Finding], new: Finding) -> list[Finding]:
    others = [old for old in found if new.start < old.end and old.start < new.end]
    if any(old.kind is not new.kind for old in others):
        return found
    start = min(each.start for each in [new, *others])
    end = max(each.end for each in [new, *others])
    return [*(old for old in found if old not in others), Finding(new.kind, start, end)]


def _without_stop(text: str, found: Finding) -> Finding:
    """A stop at its end is the sentence's rather than the abbreviation's."""
    if found.kind in ENDING and text[found.end - 1] == ".":
        return replace(found, end=found.end - 1)
    return found

"""What a text says of its own sensitivity, in English and German.

A marking is a classification statement: a line or a sentence of its own in the head or the foot of a text, or
a line that every page repeats. The same words within a sentence, in a heading or in a list are no marking.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from inference.sentences import split
from kb.models import Sensitivity

HEAD_LINES = 10
"""Lines with words, from the beginning, in which a marking may stand."""
FOOT_LINES = 4
PAGE_FURNITURE = 3
"""A line that stands this often in a text is the head or the foot of its pages."""
LONGEST_LINE = 400
"""Characters; of a longer one only this much is read."""

LEVELS: dict[Sensitivity, str] = {
    Sensitivity.RESTRICTED: r"""
        (?:strictly|highly|most|extremely)\ (?:private\ (?:and|&)\ )?confidential | (?:top\ )?secret
        | restricted
        | eyes\ only | board\ (?:members\ )?only | tlp:\s?(?:red|amber\+strict)
        | streng\ (?:vertraulich|geheim) | (?:persönlich\ und\ )?streng\ vertraulich | geheim
        | vs-vertraulich""",
    Sensitivity.CONFIDENTIAL: r"""
        (?:(?:company|business|commercial(?:ly)?|client|customer|hr|personnel|proprietary\ (?:and|&)|private\ (?:and|&)
            |privileged\ (?:and|&))[ -])?confidential(?:\ (?:and|&)\ (?:proprietary|privileged|personal))?
        | commercial[- ]in[- ]confidence | in\ confidence | tlp:\s?amber
        | (?:persönlich\ (?:und|&)\ |firmen)?vertraulich(?:e\ information(?:en)?)? | vs-nfd
        | (?:vs\s?[-–]\s?)?nur\ für\ den\ dienstgebrauch""",
    Sensitivity.INTERNAL: r"""
        for\ internal\ use\ (?:by|of|within|at)\ [\w’'\ -]{3,60}
        | (?:for\ )?(?:company[ -])?internal(?:\ (?:use|only|document|distribution))?(?:\ only)?
        | for\ employees\ only
        | employees\ only | (?:for\ )?staff(?:\ use)?\ only
        | (?:not\ for|no)\ (?:external|public)\ (?:distribution|release)
        | tlp:\s?green | (?:nur\ )?(?:für\ den|zum)\ internen\ gebrauch(?:\ bestimmt)?
        | nur\ (?:für\ mitarbeiter(?:innen)?|intern)
        | betriebsintern | firmenintern | intern(?:es\ dokument)?
        | nicht\ zur\ weitergabe\ (?:an\ dritte|nach\ außen)""",
    Sensitivity.PUBLIC: r"""
        (?:company[ -])?public(?:\ (?:document|information|release))?
        | (?:approved\ |released\ )?for\ (?:public|immediate)\ release
        | unrestricted | tlp:\s?(?:clear|white) | öffentlich(?:es\ dokument)?
        | zur\ (?:sofortigen\ )?veröffentlichung(?:\ freigegeben)?""",
}
CUE = r"""
    (?:(?:document|information|security|data)\ )?
        (?:classification|sensitivity|confidentiality|protection|handling|marking)(?:\ (?:level|label|class))?
    | (?:dokumenten|sicherheits|informations)?(?:klassifizierung|klassifikation|einstufung)
    | vertraulichkeit(?:sstufe|sklasse)? | schutzklasse"""
STATEMENT = r"""
    (?:this|the)\ (?:document|presentation|report|memo|file|paper|page|deck|record)\ is
        (?:\ (?:classified|marked|labell?ed)(?:\ as)?)?\ [“"']?
    | (?:dieses|das)\ (?:dokument|papier|protokoll)\ ist(?:\ als)?\ [„"']?"""
BEFORE = re.compile(rf"(?:{CUE})\s*[:=|]\s*|{STATEMENT}", re.IGNORECASE | re.VERBOSE)
LEVEL = {
    level: re.compile(rf"(?:{words})(?![\w-])", re.IGNORECASE | re.VERBOSE) for level, words in LEVELS.items()
}
AFTER = re.compile(
    r"(?:\s*(?:[-–—:/·•(]|,(?=\s(?:not|do|for|only|nur|nicht)\b))\s*(?:[\w’'&.+]+[ )]*){1,7})?[\s.!\])”\"']*"
)
SUBJECT = re.compile(r"(?:subject|betreff)\s*:\s*(?:(?:re|fwd?|aw|wg)\s*:\s*)*", re.IGNORECASE)
IN_BRACKETS = re.compile(r"\[([^\]]{4,40})\](?=\s)")
NOT_A_MARKING = re.compile(r"\s*(?:#{1,6}\s|[-*+•]\s+\w|\(?\w{1,3}[.)]\s)")
DECORATION = " \t*_|[](){}=~<>«»“”\"'-–—#•·"
SEPARATED = re.compile(r"\s+[|·•–—]\s+|\s{3,}|\t")
SPACED_OUT = re.compile(r"(?:\w ){5,}\w")
EVERYDAY = re.compile(r"(?:internal|public|intern|öffentlich)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Marking:
    """`words` are the marking as it stands, from character `start` of the text."""

    sensitivity: Sensitivity
    words: str
    start: int


def find_marking(text: str) -> Marking | None:
    """The strictest marking of the text; of equals the first."""
    found = [marking for line in _candidates(text) if (marking := _read(line)) is not None]
    return max(found, key=lambda marking: marking.sensitivity, default=None)


def _candidates(text: str) -> Iterator[re.Match[str]]:
    """The lines that may be markings: head, foot, and what pages repeat."""
    lines = [line for line in re.finditer(r"[^\n]+", text) if line.group().strip()]
    often = Counter(line.group().strip() for line in lines)
    for place, line in enumerate(lines):
        at_edge = place < HEAD_LINES or place >= len(lines) - FOOT_LINES
        if at_edge or often[line.group().strip()] >= PAGE_FURNITURE:
            yield line


def _read(line: re.Match[str]) -> Marking | None:
    """The strictest marking in the line."""
    words = line.group().strip()
    if NOT_A_MARKING.match(words):
        return None
    found = [
        Marking(level, part.strip(), line.start() + max(0, line.group().find(part)))
        for part in _parts(words)
        if (level := _level(part, field=part != words)) is not None
    ]
    return max(found, key=lambda marking: marking.sensitivity, default=None)


def _parts(words: str) -> list[str]:
    """What in a line may be the marking: all of it, a field of a running head, a tag, or a sentence of its own."""
    if SPACED_OUT.fullmatch(words):
        return [words.replace(" ", "")]
    subject = SUBJECT.match(words)
    if tag := IN_BRACKETS.match(words, subject.end() if subject else 0):
        return [tag.group()]
    if words.startswith("|"):
        return [words]
    sentences = [sentence.text for sentence in split(words[:LONGEST_LINE])]
    return [words, *SEPARATED.split(words), *sentences]


def _level(part: str, *, field: bool) -> Sensitivity | None:
    """The level that the part states, if it states nothing else.

    An everyday word such as “Internal” counts in a field of a line only when it is in capitals or brackets.
    """
    bare = part.strip(DECORATION)
    cue = BEFORE.match(bare)
    bare = bare[cue.end() :].strip(DECORATION) if cue else bare
    for level, pattern in LEVEL.items():
        stated = pattern.match(bare)
        if stated and AFTER.fullmatch(bare, stated.end()):
            doubtful = field and not cue and not part.startswith("[") and not bare.isupper()
            return None if doubtful and EVERYDAY.fullmatch(bare) else level
    return None

"""Yes and no: which words a text denies, and which say the opposite of each other."""

import re
from collections.abc import Sequence
from functools import lru_cache

from inference.terms import content_terms

_NEGATIONS = """
    no not never neither nor none nothing nobody without cannot can't don't doesn't didn't isn't aren't wasn't weren't
    won't wouldn't shouldn't couldn't hasn't haven't hadn't mustn't lack lacks lacking unable fails failed
    nicht nie niemals kein keine keinen keinem keiner keines ohne weder nichts niemand
"""
NEGATIONS = frozenset(_NEGATIONS.split())
WORD = re.compile(r"\w[\w’']*")
REACH = 3
"""Content words after a negation that it denies."""
OPPOSITES = """
    increase decrease; increases decreases; increased decreased; increase reduce; increased reduced; rise fall;
    higher lower; high low; more less; more fewer; greater smaller; larger smaller; longer shorter; before after;
    earlier later; first last; maximum minimum; most least; allowed forbidden; allowed prohibited; allow prohibit;
    permitted prohibited; required optional; mandatory voluntary; mandatory optional; include exclude;
    included excluded; including excluding; accept reject; accepted rejected; approve reject; approved rejected;
    enable disable; enabled disabled; start end; begin end; open closed; buyer seller; employer employee;
    lessor lessee; landlord tenant; licensor licensee; internal external; public private; positive negative;
    present absent; promote inhibit; promotes inhibits; activate inhibit; activates inhibits; improve worsen;
    always never; all none; older younger; better worse; true false; success failure; succeed fail;
    upregulate downregulate; gain loss; above below; active inactive; dependent independent; same different;
    erlaubt verboten; zulässig unzulässig; höher niedriger; mehr weniger; vor nach; vorher nachher; größer kleiner;
    länger kürzer; früher später; steigt sinkt; erhöht gesenkt; intern extern; öffentlich privat; käufer verkäufer;
    vermieter mieter; arbeitgeber arbeitnehmer; maximal minimal; höchstens mindestens; immer nie
"""


def denies(text: str) -> bool:
    return any(_negates(word) for word in WORD.findall(text))


def denied(words: Sequence[str], terms: Sequence[frozenset[int]]) -> frozenset[int]:
    """The terms of the content words that follow a negation. `terms` are those of each word."""
    found: set[int] = set()
    left = 0
    for word, own in zip(words, terms, strict=True):
        if _negates(word):
            left = REACH
        elif own and left:
            found |= own
            left -= 1
    return frozenset(found)


def _negates(word: str) -> bool:
    return word.casefold().replace("’", "'") in NEGATIONS


@lru_cache
def opposites(language: str) -> tuple[tuple[frozenset[int], frozenset[int]], ...]:
    """Pairs of terms, each the opposite of the other, both ways round."""
    pairs = (pair.split() for pair in OPPOSITES.split(";"))
    terms = [(content_terms(one, language), content_terms(other, language)) for one, other in pairs]
    return tuple(pair for one, other in terms if one and other for pair in ((one, other), (other, one)))

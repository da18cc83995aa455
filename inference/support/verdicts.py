"""Whether the sources say a claim, how surely, and why not, in words."""

from dataclasses import dataclass
from enum import StrEnum

from inference.support.compare import Comparison
from inference.support.names import is_telling

SUPPORTED, WEAK = 0.5, 0.25
"""Scores from which a claim is supported, or at least not unsupported."""
ALIKE = 0.75
"""Share of the claim's words in the source from which both speak of the same."""
SLIGHT = 0.5
"""Share below which the words themselves are the reason."""


class Verdict(StrEnum):
    SUPPORTED = "supported"
    WEAK = "weak"
    UNSUPPORTED = "unsupported"
    NO_SOURCE = "no source"


@dataclass(frozen=True, slots=True)
class Judgement:
    """`score` is 0 to 1, higher is surer. `reason` is a sentence without its full stop, empty where all is well."""

    verdict: Verdict
    score: float
    reason: str = ""


WORD_FOR_WORD = Judgement(Verdict.SUPPORTED, 1.0)
NO_SOURCE = Judgement(Verdict.NO_SOURCE, 0.0, "It names no source")


def judge(compared: Comparison, score: float) -> Judgement:
    """What cannot be so whatever the score says comes first: numbers and names that the source does not hold."""
    if reason := _hard(compared):
        return Judgement(Verdict.UNSUPPORTED, min(score, WEAK), reason)
    if compared.partial_names:
        name = " ".join(compared.partial_names[0])
        verdict = Verdict.WEAK if score >= WEAK else Verdict.UNSUPPORTED
        return Judgement(verdict, min(score, SUPPORTED), f"“{name}” is only partly in the source")
    if score >= SUPPORTED and (reason := _reservation(compared)):
        return Judgement(Verdict.WEAK, SUPPORTED, reason)
    if score >= SUPPORTED:
        return Judgement(Verdict.SUPPORTED, score)
    return Judgement(Verdict.WEAK if score >= WEAK else Verdict.UNSUPPORTED, score, _soft(compared))


def _hard(compared: Comparison) -> str:
    for amount in compared.missing_amounts:
        if amount.is_year and compared.has_other_years and compared.together >= SLIGHT:
            return f"The source says this of another year than {amount.text}"
        return f"“{amount.text}” is not in the source"
    for name in compared.missing_names:
        if any(map(is_telling, name)):
            return f"“{' '.join(name)}” is not in the source"
    if compared.other_model:
        return f"The source speaks of {compared.other_model} instead"
    if compared.other_column:
        return f"The source gives another figure for {compared.other_column}"
    if compared.together >= ALIKE and compared.contradicts:
        return "The source says the opposite"
    return ""


def _reservation(compared: Comparison) -> str:
    if all(source.shown.outdated for source in compared.sources):
        return "It stands in an older edition"
    return f"The source gives this figure for {compared.other_row}" if compared.other_row else ""


def _soft(compared: Comparison) -> str:
    if compared.together < SLIGHT:
        return "Few of its words are in the source"
    return "The source does not plainly say it"

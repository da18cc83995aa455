"""What must come of a question, and whether an answer is that."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.sentences import split
from inference.terms import content_terms
from ingestion.evaluate.judged import Gold, Judged, Query

NUMBER = re.compile(r"\d+(?:[.,]\d+)*")
FACT = 0.6
"""Share of the content words of a reference's sentence that an answer must hold to say the same."""
ENOUGH_FACTS = 0.5
"""Share of the reference's sentences that a right answer says."""


@dataclass(frozen=True, slots=True)
class Expected:
    """A question with what answers it in `query.gold`, and how the answer is judged.

    With `refuse` nothing answers it, and saying so is right. Else what is right is the first that is given of:
    every one of `words` stands in the answer; it says half of the sentences of `reference`; it holds a gold
    passage; it cites what answers. One of `never` in the answer makes it wrong in any case.
    """

    query: Query
    words: tuple[str, ...] = ()
    reference: str = ""
    never: tuple[str, ...] = ()
    refuse: bool = False
    ask_as: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """What was answered, without markers. `cited` are the chunks that it cites, `quotes` what it quotes of them;
    `refused`: it says that it found nothing."""

    text: str
    cited: tuple[Judged, ...] = ()
    quotes: tuple[str, ...] = ()
    refused: bool = False


def score(expected: Expected, said: Said) -> float:
    """0 to 1: of `reference`, the share of its sentences that are said; else 1 for a right answer."""
    if leaks(expected, said):
        return 0.0
    if expected.refuse or said.refused:
        return float(expected.refuse and said.refused)
    if expected.words:
        text = _plain(said.text)
        return float(all(_plain(word) in text for word in expected.words))
    if expected.reference:
        return facts_said(expected.reference, said.text)
    if passages := [gold.passage for gold in expected.query.gold if gold.passage]:
        answer = Judged("", 0, (), said.text)
        return float(any(answer.holds(passage) for passage in passages))
    return float(hits(expected.query.gold, said.cited))


def is_right(expected: Expected, score: float) -> bool:
    by_reference = expected.reference and not expected.words and not expected.refuse
    return score >= (ENOUGH_FACTS if by_reference else 1.0)


def hits(gold: Sequence[Gold], cited: Sequence[Judged]) -> bool:
    """Whether any citation stands on a document, page or passage that answers."""
    return any(each.is_in(chunk) for each in gold for chunk in cited)


def leaks(expected: Expected, said: Said) -> bool:
    """Whether the answer or its quotes hold what they must not."""
    told = _plain(" ".join([said.text, *said.quotes]))
    return any(_plain(word) in told for word in expected.never)


def facts_said(reference: str, text: str) -> float:
    """The share of the reference's sentences of which the text holds every number and most content words."""
    facts = [each.text for each in split(reference)]
    return sum(_says(text, fact) for fact in facts) / len(facts) if facts else 0.0


def _says(text: str, fact: str) -> bool:
    if not set(NUMBER.findall(fact)) <= set(NUMBER.findall(text)):
        return False
    wanted = content_terms(fact)
    return len(wanted & content_terms(text)) >= FACT * len(wanted)


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())

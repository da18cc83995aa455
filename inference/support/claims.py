"""Claims → judgements, embedded together."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from inference import registry
from inference.support.compare import Comparison, Features
from inference.support.model import shipped
from inference.support.reading import Reading, Source
from inference.support.verdicts import WORD_FOR_WORD, Judgement, judge
from kb.errors import ModelUnavailable

log = logging.getLogger("strongroom.support")

FRAGMENT = 4
"""Words. What is shorter says something only after its question."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence, or a few words that answer a question, and the sources that it cites: at least one."""

    text: str
    question: str
    sources: Sequence[Source]
    language: str = ""

    @property
    def compared(self) -> Comparison:
        question = Reading(self.question, self.language)
        return Comparison(Reading(self.text, self.language), question, self.sources)

    @property
    def in_full(self) -> str:
        return f"{self.question} {self.text}" if len(self.text.split()) <= FRAGMENT else self.text


def judged(claims: Sequence[Claim]) -> list[Judgement]:
    """One for each claim. What stands in its source word for word takes no work; the others are embedded."""
    compared = [None if _is_word_for_word(claim) else claim.compared for claim in claims]
    pairs = [(claim, each) for claim, each in zip(claims, compared, strict=True) if each]
    scored = iter(
        judge(each, shipped().score(features))
        for (_, each), features in zip(pairs, features_of(pairs), strict=True)
    )
    return [next(scored) if each else WORD_FOR_WORD for each in compared]


def features_of(pairs: Sequence[tuple[Claim, Comparison]]) -> list[Features]:
    """Of each claim beside its sources. Two short texts are embedded for each."""
    near = _nearness(pairs) if pairs else []
    return [compared.features(cosine) for (_, compared), cosine in zip(pairs, near, strict=True)]


def _nearness(pairs: Sequence[tuple[Claim, Comparison]]) -> list[float]:
    """The cosine of each claim and the statement most like it; 0 without an embedder, so that doubt remains."""
    claims, said = [claim.in_full for claim, _ in pairs], [each.statement.text for _, each in pairs]
    try:
        vectors = registry.embedder().embed_passages([*claims, *said])
    except ModelUnavailable as error:
        log.warning("Sentences are checked by their words alone: %s", error)
        return [0.0] * len(pairs)
    return [
        float(ours @ theirs)
        for ours, theirs in zip(vectors[: len(pairs)], vectors[len(pairs) :], strict=True)
    ]


def _is_word_for_word(claim: Claim) -> bool:
    return any(source.says_word_for_word(claim.text) for source in claim.sources)

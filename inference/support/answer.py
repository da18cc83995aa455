"""Every sentence of an answer beside the chunks that it cites: restored text beside the original, so nothing leaves."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from inference.cited_sentences import CitedSentence
from inference.support.claims import Claim, judged
from inference.support.reading import Source
from inference.support.verdicts import NO_SOURCE, Judgement, Verdict

SHORTEST = 4
"""Words of a sentence that should name a source. What has fewer is a heading or a phrase."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A sentence of an answer, and whether its sources say it."""

    sentence: CitedSentence
    judgement: Judgement

    @property
    def stands(self) -> bool:
        """Whether a source says it, if not plainly."""
        return self.judgement.verdict in (Verdict.SUPPORTED, Verdict.WEAK)


def check(
    sentences: Iterable[CitedSentence], sources: Mapping[int, Source], *, question: str, language: str = ""
) -> list[Checked]:
    """Those that cite something, and those that should. `sources` are by the marker that the answer has for them.

    Where nothing is cited at all, nothing is checked: the answer is that nothing was found.
    """
    if not sources:
        return []
    sentences = list(sentences)
    # A model may write “[1[99]]”: without the marker that there is not, what is left looks like one.
    cited = {each: [sources[marker] for marker in each.markers if marker in sources] for each in sentences}
    claims = {
        each: Claim(each.words, question, read, language)
        for each, read in cited.items()
        if read and each.words
    }
    found = dict(zip(claims, judged(list(claims.values())), strict=True))
    return [
        Checked(each, found.get(each, NO_SOURCE)) for each in sentences if each in found or _states(each.text)
    ]


def _states(text: str) -> bool:
    """Neither a heading, nor a question, nor what leads to a list."""
    return len(text.split()) >= SHORTEST and not text.rstrip("*_ ").endswith((":", "?"))

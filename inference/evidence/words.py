"""Which of a question's words a text holds, and what they weigh."""

import math
from collections.abc import Sequence, Set
from dataclasses import dataclass

from inference.evidence.wanted import Wanted
from inference.terms import content_terms

COMPOUNDING = frozenset({"de", "nl", "sv", "da", "no", "fi"})
"""Languages (ISO 639-1) that write compounds as one word, so that a word may stand inside another."""
STEM_ENDING = 2
"""Letters that a word may lose or change at its end and still be the same, inside a compound."""
SHORTEST_STEM = 5


@dataclass(frozen=True, slots=True)
class Text:
    """A text to look for words in."""

    folded: str
    terms: frozenset[int]


class Words:
    """The content words of one question, beside the texts that were found for it."""

    def __init__(self, asked: Wanted, found: Sequence[str]) -> None:
        self._asked = asked
        self._inside = asked.language in COMPOUNDING
        self.texts = [self.text(each) for each in found]
        held = [self.held(text) for text in self.texts]
        holders = {word: sum(word in each for each in held) for word in asked.words}
        # Words that few texts hold tell more: the inverse document frequency of BM25, in a form above 0.
        self._weights = {word: math.log(1 + len(found) / (0.5 + n)) for word, n in holders.items()}
        self.unsaid = tuple(word for word, n in holders.items() if not n)
        """Those that no text holds, as they were asked."""

    def text(self, text: str) -> Text:
        return Text(text.casefold(), content_terms(text, self._asked.language))

    def held(self, text: Text) -> frozenset[str]:
        return frozenset(word for word in self._asked.words if self._holds(text, word))

    def share(self, held: Set[str]) -> float:
        """The weight of those that are held in that of all, from 0 to 1; of a question without words, 1."""
        total = sum(self._weights.values())
        return sum(self._weights[word] for word in held) / total if total else 1.0

    def _holds(self, text: Text, word: str) -> bool:
        if any(terms <= text.terms for terms in self._asked.words[word]):
            return True
        return self._inside and (stem := _stem(word)) != "" and stem in text.folded


def _stem(word: str) -> str:
    """What stays of a word inside a compound; empty where it is too short to tell."""
    stem = word.casefold()[: max(SHORTEST_STEM, len(word) - STEM_ENDING)]
    return stem if len(stem) >= SHORTEST_STEM else ""

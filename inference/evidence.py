"""Whether what was found answers the question at all, before any model is asked.

Saying “not found” is an answer that people can rely on only if it is neither rare nor frequent by accident,
so the thresholds come from the sample's golden set, where they were chosen on half of the questions.
"""

import re
from collections.abc import Sequence

from inference.retrieve import Hit
from inference.terms import content_terms

CLOSE = 0.55
"""Cosine. A passage this near to the question is about it, whatever words it uses."""
NEAR = 0.25
"""Cosine. Below it a passage is about something else, even if it shares words."""
COVERED = 0.6
"""Share of the question's content words that the best passages must hold between them when none is close."""
TOP = 5
"""Hits that are looked at."""
IDENTIFIER = re.compile(r"\b(?=\w*\d)\w[\w./-]*\w\b")
"""Anything with a digit and at least two characters: years, part numbers, clauses, amounts."""


def suffices(question: str, hits: Sequence[Hit]) -> bool:
    """Whether the best hits can answer the question: near enough, and holding every number that it names."""
    best = hits[:TOP]
    if not best or not _holds_identifiers(question, best):
        return False
    similarity = max(hit.similarity for hit in best)
    return similarity >= CLOSE or (similarity >= NEAR and _coverage(question, best) >= COVERED)


def _holds_identifiers(question: str, hits: Sequence[Hit]) -> bool:
    wanted = {word.casefold() for word in IDENTIFIER.findall(question)}
    text = " ".join(f"{hit.header} {hit.text}" for hit in hits).casefold()
    return all(word in text for word in wanted)


def _coverage(question: str, hits: Sequence[Hit]) -> float:
    wanted = content_terms(question)
    held = content_terms(" ".join(f"{hit.header} {hit.text}" for hit in hits))
    return len(wanted & held) / len(wanted) if wanted else 0.0

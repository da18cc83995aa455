"""A follow-up question → one that stands alone, so that retrieval knows what “it” is."""

import re
from collections.abc import Sequence

from inference.protocols import Turn
from inference.terms import content_terms

LEANS_BACK = re.compile(
    r"^(and|but|so|what about|how about|und|aber|und was)\b"
    r"|\b(it|its|they|them|their|that|those|these|this|he|she|his|her|one|there|er|sie|es|dessen|deren|dort)\b",
    re.IGNORECASE,
)
TERSE = 2
"""Content words. A question with no more than these rarely names its own subject."""


def standalone(question: str, history: Sequence[Turn]) -> str:
    """The question, preceded by the one before it where it leans on that."""
    if not history or not _leans_back(question):
        return question
    return f"{history[-1].question} {question}"


def _leans_back(question: str) -> bool:
    return bool(LEANS_BACK.search(question)) or len(content_terms(question)) <= TERSE

"""“Yes” or “no”, where a statement says it in so many words. Everything else is left to the reader."""

import re
from enum import StrEnum

ASKS = re.compile(
    r"^\W*(is|are|do|does|can|could|may|must|should|will"
    r"|ist|sind|darf|dürfen|kann|können|gibt|werden|wird)\b",
    re.IGNORECASE,
)
ASKS_LEAVE = re.compile(
    r"^\W*(may|can|could|is it allowed|am i allowed|darf|dürfen|kann|können)\b", re.IGNORECASE
)
NEGATIVE = re.compile(
    r"\b(not|no|never|cannot|can't|don't|doesn't|isn't|mustn't|forbidden|prohibited|nobody|none|impossible"
    r"|nicht|kein|keine|keinen|nie|niemals|verboten|unzulässig)\b",
    re.IGNORECASE,
)
PERMITS = re.compile(
    r"\b(may be|may|is allowed|are allowed|is permitted|are permitted|erlaubt|dürfen|darf|zulässig)\b",
    re.IGNORECASE,
)
HEDGED = re.compile(
    r"\b(only|unless|except|excepted|if|without|until|but|however|other than|not only|no more than|not more than"
    r"|nur|außer|wenn|sofern|falls|ohne|aber|jedoch|bis)\b",
    re.IGNORECASE,
)
OPPOSITE = re.compile(r"\b(not|no|never|forbidden|without|nicht|kein\w*|verboten|ohne)\b", re.IGNORECASE)


class Decided(StrEnum):
    YES = "yes"
    NO = "no"


def asks_yes_or_no(question: str) -> bool:
    return bool(ASKS.search(question))


def is_polar(statement: str) -> bool:
    """Whether it allows or denies something."""
    return bool(NEGATIVE.search(statement) or PERMITS.search(statement))


def decided(question: str, statement: str) -> Decided | None:
    """None where the statement hedges, or does not decide a question that a yes or a no would answer.

    A statement that permits answers only a question for leave: “may be booked” does not say that it is done.
    """
    if not asks_yes_or_no(question) or OPPOSITE.search(question) or HEDGED.search(statement):
        return None
    negations = len(NEGATIVE.findall(statement))
    if negations == 1:
        return Decided.NO
    if not negations and ASKS_LEAVE.search(question) and PERMITS.search(statement):
        return Decided.YES
    return None

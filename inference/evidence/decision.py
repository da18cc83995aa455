"""Whether what was found answers the question: the log-odds of the statement that speaks best for it.

The weights are those of a logistic regression on half of the sample's golden questions and half of XQuAD's articles
(questions with their passage, and with passages of other articles only); docs/answers.md has what they reach on the
other halves. `manage.py evaluate answers sample` prints it for the sample.
"""

from collections.abc import Sequence

from inference.evidence.signs import Evidence, Signs
from inference.hits import Hit

NEARNESS, SAID, AROUND, FOUND = 5.1, 2.5, 4.9, 2.0
NUMBERS, NAMES, FITS, ELSEWHEN = 1.1, 3.0, 0.5, -3.5
UNREAD = 1.5
"""Where the embedder does not read the question's language, so that nearness says little."""
INTERCEPT = -11.4
STRICTNESS = 1.0
"""Taken off the regression, which counts both faults alike: here a wrong answer weighs more than a refusal."""


def answerable(evidence: Evidence, *, read: bool) -> bool:
    """`read`: whether the embedder reads the question's language."""
    return any(_log_odds(signs, read=read) > STRICTNESS for signs in evidence.signs())


def contributory(evidence: Evidence, part: Sequence[Hit], *, read: bool) -> bool:
    """Whether a part of evidence that suffices would do alone, were it not for what else the question asks."""
    return any(_log_odds(signs, read=read) > 0 for signs in evidence.signs(part))


def _log_odds(signs: Signs, *, read: bool) -> float:
    return worth(signs) + INTERCEPT + (0.0 if read else UNREAD)


def worth(signs: Signs) -> float:
    """Without the intercept: comparable within one question, higher is better."""
    return (
        NEARNESS * signs.nearness
        + SAID * signs.said
        + AROUND * signs.around
        + FOUND * signs.found
        + NUMBERS * signs.numbers
        + NAMES * signs.names
        + FITS * signs.fits
        + ELSEWHEN * signs.elsewhen
    )

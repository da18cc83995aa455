"""Passages → category and sensitivity. On-premises only.

The sensitivity is decided in this order:

1. What the text says of itself. A marking decides, a lax one as well; only when the votes are sure of a label two steps
   stricter does theirs stand until a person has looked.
2. Personal data and credentials set a limit that no marking undercuts. Where only few passages hold them, those
   passages are stricter than the document (`ingestion.passages`), and the document stays as it is.
3. Without a marking the votes decide: nearest exemplars, words of audience, the SLM, and what was learned from labels
   that people confirmed. The collection's default counts as a vote too, because whoever chose the shelf knew
   something. When the two likeliest labels are close, the stricter one is taken.
4. The collection's minimum is the floor of everything.

Without the SLM the document is RESTRICTED until a person has looked at it. The category needs no SLM.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import numpy as np

from inference import registry
from inference.markings import Marking, find_marking
from inference.protocols import Vectors
from ingestion.audience import audience_words
from ingestion.categorise import CategoryOption, nearest_category
from ingestion.classifier import classifier_vote
from ingestion.learned import learned_vote
from ingestion.limits import NO_LIMIT, limit_of
from ingestion.votes import (
    LABELS,
    Ballot,
    Judge,
    Vote,
    Weights,
    audience_vote,
    exemplar_vote,
    probabilities,
    representatives,
    slm_vote,
)
from kb.errors import StrongroomError
from kb.models import Document, Sensitivity

WEIGHTS = Weights()
PASSAGES = 6
"""How many are embedded to judge the whole."""
EXCERPT = 150
"""Characters that the SLM reads: two thirds of a second on one core. With 300 it is right as often."""
CLOSE = 0.15
"""Difference of two probabilities below which the stricter label is taken."""
SURE = 0.5
"""Probability below which a person should look."""
DEFAULT_ODDS = 1.0
"""What the collection's default adds to its label, in natural logarithms of odds."""
ONE_STEP = Sensitivity.INTERNAL - Sensitivity.PUBLIC
FEW = 0.25
"""Share of the passages. What no more of them hold makes those passages stricter, and not their document."""
MARKED, RULED = 0.95, 0.9
"""Confidence in a marking and in a rule."""
REASON_LENGTH = 500
"""Characters."""
QUOTE_LENGTH = 80


@dataclass(frozen=True, slots=True)
class Label:
    """`category` is "" when there is none to choose from; `reason` is a sentence for people; `confidence` is 0..1.

    `ballot` has the votes, also where something else decided; it is None when the SLM could not vote. `passage` is the
    place of the passage that speaks most for what the votes decided.
    """

    category: str
    sensitivity: Sensitivity
    decided_by: Document.DecidedBy
    reason: str
    confidence: float
    needs_review: bool
    ballot: Ballot | None = None
    passage: int = 0


def classify(
    title: str,
    passages: Sequence[str],
    *,
    categories: Sequence[CategoryOption],
    floor: Sensitivity,
    default: Sensitivity | None,
    subject: UUID,
) -> Label:
    """Embeds up to six passages and calls the SLM once, and the classifier of the house if there is one, through the
    gateway; `subject` is the version.

    Raises:
        ModelUnavailable: the embedder failed. A failure of the others is no error.
    """
    places = representatives(passages, PASSAGES)
    shown = [passages[place] for place in places]
    vectors = registry.embedder().embed_passages([f"{title}\n{passage}" for passage in shown])
    category = nearest_category(title, vectors, categories)
    text = "\n".join(shown)
    try:
        slm = slm_vote(f"{title}\n{text}".strip()[:EXCERPT], subject=subject)
        classifier = classifier_vote(f"{title}\n{text}".strip(), subject=subject)
    except StrongroomError as error:
        return _without_slm(category, error)
    ballot = _ballot(vectors, text, slm, classifier, default)
    label = _by_votes(category, ballot, text)
    label = replace(label, passage=places[_telling(label.sensitivity, shown, vectors)])
    return _at_least(floor, _limited(_marked(label, passages), passages))


def choose(shares: Vote) -> Sensitivity:
    """The likeliest label, or the stricter of the two likeliest when they are close."""
    second, first = map(int, np.argsort(shares, kind="stable")[-2:])
    if shares[first] - shares[second] < CLOSE:
        return Sensitivity.strictest([LABELS[first], LABELS[second]])
    return LABELS[first]


def _ballot(vectors: Vectors, text: str, slm: Vote, classifier: Vote, default: Sensitivity | None) -> Ballot:
    vector = vectors.mean(axis=0)
    votes = {
        **WEIGHTS.weigh(exemplar_vote(vectors), audience_vote(text), slm),
        Judge.SHELF: np.array([DEFAULT_ODDS * (label == default) for label in LABELS]),
        Judge.LEARNED: learned_vote(vector),
        Judge.CLASSIFIER: classifier,
    }
    return Ballot(votes, vector)


def _by_votes(category: str, ballot: Ballot, text: str) -> Label:
    shares = probabilities(ballot.total)
    chosen = choose(shares)
    confidence = float(shares[LABELS.index(chosen)])
    return Label(
        category=category,
        sensitivity=chosen,
        decided_by=Document.DecidedBy.MODEL,
        reason=_explanation(chosen, shares, text) + _learned(ballot),
        confidence=confidence,
        needs_review=confidence < SURE,
        ballot=ballot,
    )


def _telling(label: Sensitivity, shown: Sequence[str], vectors: Vectors) -> int:
    """Which of the passages that were looked at speaks most for the label, by likeness and words."""
    shares = [
        probabilities(WEIGHTS.exemplars * exemplar_vote(vectors[[row]]) + audience_vote(passage))
        for row, passage in enumerate(shown)
    ]
    return int(np.argmax([share[LABELS.index(label)] for share in shares]))


def _explanation(chosen: Sensitivity, shares: Vote, text: str) -> str:
    share = {label: f"{label.label} ({shares[place]:.0%})" for place, label in enumerate(LABELS)}
    first = LABELS[int(shares.argmax())]
    if first == chosen:
        reading = f"It reads like {share[chosen]} text."
    else:
        reading = f"It reads like {share[first]} or {share[chosen]} text, and the stricter label stands."
    words = " and ".join(f"“{word}”" for word in audience_words(text)[chosen])
    return f"{reading} It says {words}." if words else reading


def _learned(ballot: Ballot) -> str:
    """What the learned vote says, where there is one."""
    vote = ballot.votes[Judge.LEARNED]
    return (
        f" Labels that people confirmed speak for {LABELS[int(vote.argmax())].label}." if vote.any() else ""
    )


def _marked(label: Label, passages: Sequence[str]) -> Label:
    marking = _marking(passages)
    if marking is None:
        return label
    words = f"The text is marked “{marking.words[:QUOTE_LENGTH].rstrip(' .:')}”."
    if label.sensitivity - marking.sensitivity > ONE_STEP and label.confidence >= SURE:
        reason = f"{words} {label.reason} The stricter label stands until a person has looked."
        return replace(label, reason=reason[:REASON_LENGTH], needs_review=True)
    return replace(
        label,
        sensitivity=marking.sensitivity,
        decided_by=Document.DecidedBy.MARKING,
        reason=words,
        confidence=MARKED,
        needs_review=False,
    )


def _marking(passages: Sequence[str]) -> Marking | None:
    """The document's own marking stands in its first or its last passage."""
    found = [marking for text in (*passages[:1], *passages[1:][-1:]) if (marking := find_marking(text))]
    return max(found, key=lambda marking: marking.sensitivity, default=None)


def _limited(label: Label, passages: Sequence[str]) -> Label:
    """Not laxer than the personal data and the credentials demand."""
    limit = limit_of("\n".join(_counting(passages)))
    if limit.sensitivity <= label.sensitivity:
        return label
    return replace(
        label,
        sensitivity=limit.sensitivity,
        decided_by=Document.DecidedBy.RULE,
        reason=limit.reason,
        confidence=RULED,
        needs_review=False,
    )


def _counting(passages: Sequence[str]) -> list[str]:
    """All of them, but for a few that have a limit of their own: those are stricter by themselves."""
    free = [passage for passage in passages if limit_of(passage) is NO_LIMIT]
    return free if len(free) >= (1 - FEW) * len(passages) else list(passages)


def _at_least(floor: Sensitivity, label: Label) -> Label:
    if floor <= label.sensitivity:
        return label
    return replace(
        label,
        sensitivity=floor,
        decided_by=Document.DecidedBy.COLLECTION,
        reason=f"Nothing in this collection is laxer than {floor.label}. {label.reason}"[:REASON_LENGTH],
        confidence=1.0,
        needs_review=False,
    )


def _without_slm(category: str, error: StrongroomError) -> Label:
    return Label(
        category=category,
        sensitivity=Sensitivity.RESTRICTED,
        decided_by=Document.DecidedBy.NOBODY,
        reason=f"The on-premises model could not judge it, so it is Restricted until a person has. {error}"[
            :REASON_LENGTH
        ],
        confidence=0.0,
        needs_review=True,
    )

"""Questions without a good answer: what people ask that the library does not answer, alike ones together.

Everything stays on this machine.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from django.db.models import Exists, OuterRef, Q

from inference import registry
from inference.protocols import Vectors
from inference.retrieve import retrieve
from kb.models import Answer, Citation, Document, Feedback, Person

MOST = 400
"""Questions that are compared, the newest first."""
ALIKE = 0.4
"""Cosine distance between two groups, as the mean over their pairs, below which they are one."""
NEAREST = 3
"""Documents that are named for a question."""
LOOKED_AT = 12
"""Hits that they are taken from."""


@dataclass(frozen=True, slots=True)
class _Poor:
    """A question, the id of who asked it, and why its answer was not good."""

    text: str
    person: int
    at: datetime
    refused: bool
    complained: bool
    unsupported: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Questions that ask for the same. `question` is the most central of `wordings`; the newest is `last`.

    `refused`, `complained` and `unsupported` count answers that said nothing was found, that somebody complained of,
    and that a citation does not hold; one answer may count in several.
    """

    question: str
    wordings: tuple[str, ...]
    asked: int
    people: int
    last: datetime
    refused: int
    complained: int
    unsupported: int


def gaps(person: Person, since: datetime) -> list[Gap]:
    """Of questions that this person may read, whoever asked them; the most frequent first. Embeds them: seconds.

    Raises:
        ModelUnavailable: the embedder is missing or failed.
    """
    poor = _poor_answers(person, since)
    if not poor:
        return []
    vectors = registry.embedder().embed_passages([each.text for each in poor])
    found = [_gap([poor[place] for place in group], vectors[group]) for group in _groups(vectors)]
    return sorted(found, key=lambda gap: (gap.asked, gap.last), reverse=True)


def nearest(gap: Gap, person: Person) -> list[Document]:
    """The documents, of those that this person may see, that come nearest to answering. One search.

    Raises:
        ModelUnavailable, IndexUnavailable: a part of the house is away.
    """
    hits = retrieve(gap.question, person, limit=LOOKED_AT).hits
    ids = list(dict.fromkeys(hit.document for hit in hits))[:NEAREST]
    found = Document.objects.visible_to(person).select_related("owner").in_bulk(ids)
    return [found[each] for each in ids if each in found]


def _poor_answers(person: Person, since: datetime) -> list[_Poor]:
    """The newest first. One query."""
    complaints = Feedback.objects.filter(answer=OuterRef("pk"), helpful=False, resolved_at=None)
    doubtful = Citation.objects.filter(answer=OuterRef("pk"), supported=False)
    asked = Answer.objects.filter(
        pk__in=Answer.objects.readable_by(person).values("pk"),
        state=Answer.State.DONE,
        question__created_at__gte=since,
    ).annotate(complained=Exists(complaints), unsupported=Exists(doubtful))
    poor = asked.filter(Q(found=False) | Q(complained=True) | Q(unsupported=True))
    rows = poor.order_by("-question__created_at").values_list(
        "question__text",
        "question__conversation__person",
        "question__created_at",
        "found",
        "complained",
        "unsupported",
    )
    return [
        _Poor(text, asker, at, not found, complained, unsupported)
        for text, asker, at, found, complained, unsupported in rows[:MOST]
    ]


def _groups(vectors: Vectors) -> Iterator[list[int]]:
    """Places of the vectors that belong together."""
    if len(vectors) == 1:
        yield [0]
        return
    # A second of imports, for one page.
    from sklearn.cluster import AgglomerativeClustering

    clusters = AgglomerativeClustering(
        n_clusters=None, distance_threshold=ALIKE, metric="cosine", linkage="average"
    )
    labels = clusters.fit_predict(vectors)
    for label in range(labels.max() + 1):
        yield np.flatnonzero(labels == label).tolist()


def _gap(poor: Sequence[_Poor], vectors: Vectors) -> Gap:
    """The most central question is the one nearest to the mean."""
    central = int(np.argmax(vectors @ vectors.mean(axis=0)))
    return Gap(
        question=poor[central].text,
        wordings=tuple(dict.fromkeys(each.text for each in poor)),
        asked=len(poor),
        people=len({each.person for each in poor}),
        last=max(each.at for each in poor),
        refused=sum(each.refused for each in poor),
        complained=sum(each.complained for each in poor),
        unsupported=sum(each.unsupported for each in poor),
    )

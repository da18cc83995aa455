"""What would be sent → how it may leave, by the labels and the routes that the database has at this moment."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from kb.models import Chunk, Document, Leaving, RouteRule, Sensitivity


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a text and its chunks add up to.

    `labels` are pairs of a chunk's id and its label; `rule` says what decided.
    """

    sensitivity: Sensitivity
    leaving: Leaving
    labels: tuple[tuple[int, Sensitivity], ...]
    rule: str


def judge(
    text: Sensitivity, held_to: Leaving, chunks: Iterable[int], documents: Iterable[UUID] = ()
) -> Judgement:
    """`text` is the label of all that is neither chunk nor of a document, `held_to` how that may leave at most.

    A chunk or document that is no longer there counts as RESTRICTED. Two queries, and one for documents.
    """
    chunks = tuple(chunks)
    table = RouteRule.objects.table()
    rows = Chunk.objects.filter(pk__in=chunks).values_list(
        "pk", "sensitivity", "version__document__sensitivity", "version__document__collection"
    )
    found = {pk: (Sensitivity.strictest([own, document]), shelf) for pk, own, document, shelf in rows}
    facts = [(chunk, *found.get(chunk, (Sensitivity.RESTRICTED, None))) for chunk in chunks]
    told = _labels_of(tuple(documents))
    ways = [
        _Way(held_to, "the conversation"),
        _Way(table.leaving(text), "the question", text),
        *(_Way(table.leaving(label, shelf), f"chunk {chunk}", label) for chunk, label, shelf in facts),
        *(_Way(table.leaving(label, shelf), f"document {pk}", label) for pk, label, shelf in told),
    ]
    decisive = min(ways, key=lambda way: way.leaving)
    return Judgement(
        sensitivity=Sensitivity.strictest([text, *(label for _, label, _ in (*facts, *told))]),
        leaving=decisive.leaving,
        labels=tuple((chunk, label) for chunk, label, _ in facts),
        rule=str(decisive),
    )


def _labels_of(documents: tuple[UUID, ...]) -> list[tuple[UUID, Sensitivity, int | None]]:
    """Of each its label and its collection."""
    if not documents:
        return []
    rows = Document.objects.live().filter(pk__in=documents).values_list("pk", "sensitivity", "collection")
    found = {pk: (Sensitivity(label), shelf) for pk, label, shelf in rows}
    return [(pk, *found.get(pk, (Sensitivity.RESTRICTED, None))) for pk in documents]


@dataclass(frozen=True, slots=True)
class _Way:
    """How something may leave, and why."""

    leaving: Leaving
    what: str
    label: Sensitivity | None = None

    def __str__(self) -> str:
        """The rule in words: “chunk 7 as Confidential never leaves”."""
        labelled = f"{self.what} as {self.label.label}" if self.label else self.what
        return f"{labelled} {self.leaving.label}"

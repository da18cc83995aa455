"""What would be sent → how it may leave, by the labels and the routes that the database has at this moment."""

from collections.abc import Iterable
from dataclasses import dataclass

from kb.models import Chunk, Leaving, RouteRule, Sensitivity


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a text and its chunks add up to.

    `labels` are pairs of a chunk's id and its label; `rule` says what decided.
    """

    sensitivity: Sensitivity
    leaving: Leaving
    labels: tuple[tuple[int, Sensitivity], ...]
    rule: str


def judge(text: Sensitivity, held_to: Leaving, chunks: Iterable[int]) -> Judgement:
    """`text` is the label of all that is not a chunk, `held_to` how that may leave at most. Two queries.

    A chunk that is no longer there counts as RESTRICTED.
    """
    chunks = tuple(chunks)
    table = RouteRule.objects.table()
    rows = Chunk.objects.filter(pk__in=chunks).values_list(
        "pk", "sensitivity", "version__document__sensitivity", "version__document__collection"
    )
    found = {pk: (Sensitivity.strictest([own, document]), shelf) for pk, own, document, shelf in rows}
    facts = [(chunk, *found.get(chunk, (Sensitivity.RESTRICTED, None))) for chunk in chunks]
    ways = [
        (held_to, f"the conversation {held_to.label}"),
        _way("the question", text, table.leaving(text)),
        *(_way(f"chunk {chunk}", label, table.leaving(label, shelf)) for chunk, label, shelf in facts),
    ]
    leaving, rule = min(ways, key=lambda each: each[0])
    return Judgement(
        sensitivity=Sensitivity.strictest([text, *(label for _, label, _ in facts)]),
        leaving=leaving,
        labels=tuple((chunk, label) for chunk, label, _ in facts),
        rule=rule,
    )


def _way(what: str, label: Sensitivity, leaving: Leaving) -> tuple[Leaving, str]:
    """How it may leave, and the rule in words: “chunk 7 as Confidential never leaves”."""
    return leaving, f"{what} as {label.label} {leaving.label}"

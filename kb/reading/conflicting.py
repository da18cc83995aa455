"""Where the sources of an answer disagree, as one person may read it."""

from collections.abc import Iterator
from dataclasses import dataclass

from kb.models import Answer, Chunk, Person


@dataclass(frozen=True, slots=True)
class Side:
    """What one document says. `address` opens it there."""

    said: str
    title: str
    address: str
    outdated: bool = False


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Two documents that give different values. The first is the one that the answer stands on."""

    one: Side
    other: Side

    def __iter__(self) -> Iterator[Side]:
        yield from (self.one, self.other)


def disagreements(answer: Answer, person: Person) -> tuple[Disagreement, ...]:
    """Those of which the person may see both sides now. At most one query."""
    if not answer.conflicts:
        return ()
    ids = {each[side] for each in answer.conflicts for side in ("chunk", "other_chunk")}
    visible = Chunk.objects.visible_to(person).filter(pk__in=ids).select_related("version__document")
    chunks = {chunk.pk: chunk for chunk in visible}
    return tuple(
        Disagreement(
            _side(chunks[each["chunk"]], each["said"]),
            _side(chunks[each["other_chunk"]], each["other"], outdated=each["other_is_outdated"]),
        )
        for each in answer.conflicts
        if {each["chunk"], each["other_chunk"]} <= chunks.keys()
    )


def _side(chunk: Chunk, said: str, *, outdated: bool = False) -> Side:
    document = chunk.version.document
    address = f"{document.get_absolute_url()}?chunk={chunk.ordinal}#chunk-{chunk.ordinal}"
    return Side(said, document.title, address, outdated)

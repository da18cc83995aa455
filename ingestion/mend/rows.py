"""A run of chunks replaced by another in SQL; what cites it or was made from it follows.

Its points are written later (`ingestion.mend.follow`): the chunks are marked until then.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import F
from django.utils import timezone

from inference.personal import packed
from ingestion.mend.judge import Judged
from ingestion.mend.state import State
from kb.models import Answer, Chunk, Citation, LabelVotes, Sensitivity, Version

FAR = 1_000_000_000
"""Above every ordinal: chunks that move step there first, because no two may share an ordinal on the way."""


def replace_run(version: Version, rows: Sequence[Chunk], made: Sequence[Judged]) -> list[Chunk]:
    """The rows that hold the new run. Call it in a transaction, with `rows` in order and locked."""
    now, first, last = timezone.now(), rows[0].ordinal, rows[-1].ordinal
    more = len(made) - len(rows)
    if more > 0:
        _move(version, after=last, by=more, now=now)
    spare = rows[len(made) :]
    fresh = [Chunk(version=version, ordinal=last + place) for place in range(1, more + 1)]
    run = [*rows[: len(made)], *fresh]
    for chunk, judged in zip(run, made, strict=True):
        _write(chunk, judged, Sensitivity(version.document.sensitivity), now)
    _hand_on(rows, run)
    Chunk.objects.filter(pk__in=[chunk.pk for chunk in spare]).delete()
    if more < 0:
        _move(version, after=last, by=more, now=now)
    _keep_speaking_place(version, after=first, by=more)
    return run


def states(rows: Sequence[Chunk]) -> tuple[State, ...]:
    return tuple(State.of(row) for row in rows)


def _write(chunk: Chunk, judged: Judged, document: Sensitivity, now: datetime) -> None:
    state = judged.state
    chunk.text, chunk.headings, chunk.header = state.text, list(state.headings), judged.header
    chunk.first_page, chunk.last_page = state.first_page, state.last_page
    chunk.start, chunk.end = state.start, state.end
    chunk.excluded = state.excluded
    chunk.edited_by_id, chunk.edited_at = state.edited_by, state.edited_at
    chunk.own_sensitivity = state.own_sensitivity
    chunk.sensitivity = Sensitivity.strictest([document, state.label.sensitivity])
    chunk.sensitivity_by, chunk.sensitivity_reason = state.sensitivity_by, state.sensitivity_reason
    chunk.personal, chunk.instruction = packed(judged.personal), judged.instruction
    chunk.unindexed_since = now
    chunk.save()


def _move(version: Version, *, after: int, by: int, now: datetime) -> None:
    tail = version.chunks.filter(ordinal__gt=after)
    tail.update(ordinal=F("ordinal") + FAR + by, unindexed_since=now)
    version.chunks.filter(ordinal__gte=FAR).update(ordinal=F("ordinal") - FAR)


def _hand_on(rows: Sequence[Chunk], run: Sequence[Chunk]) -> None:
    """Who was shown one of the old chunks was shown some of each new one; a citation goes where its words went."""
    old, new = {row.pk for row in rows}, {chunk.pk for chunk in run}
    shown = Answer.objects.filter(shown__in=old).distinct()
    for answer in shown:
        answer.shown.add(*new)
    for citation in Citation.objects.filter(chunk__in=old):
        holding = [chunk for chunk in run if citation.quote in chunk.text]
        if holding and citation.chunk_id not in {chunk.pk for chunk in holding}:
            _cite(citation, holding[0])
        elif citation.chunk_id not in new:
            _cite(citation, run[0])


def _cite(citation: Citation, chunk: Chunk) -> None:
    start = chunk.text.find(citation.quote)
    citation.chunk = chunk
    citation.start, citation.end = (start, start + len(citation.quote)) if start >= 0 else (None, None)
    citation.save(update_fields=["chunk", "start", "end"])


def _keep_speaking_place(version: Version, *, after: int, by: int) -> None:
    """The passage that spoke most for the document's label has another number now."""
    votes = LabelVotes.objects.filter(document=version.document_id, passage__gt=after)
    votes.update(passage=F("passage") + by)

"""What an editor does to chunks. Each change is a row that can be taken back, and stands in the audit.

The chunk changes in SQL at once; its point follows by a task after the transaction (`ingestion.mend.follow`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from ingestion import tasks
from ingestion.mend.aim import Aim, aimed_at, locked, run_of
from ingestion.mend.change import changed
from ingestion.mend.judge import Judged, floored, judged, raise_section, raised
from ingestion.mend.rows import replace_run, states
from ingestion.mend.state import State, kept, read
from ingestion.passages import AS_ITS_DOCUMENT, OwnLabel
from ingestion.relabel import spread
from kb.errors import Denied, Rejected
from kb.models import Chunk, Document, Event, Mending, Person, Sensitivity, Version

Kind = Mending.Kind


def edit(aim: Aim, *, text: str, headings: Sequence[str]) -> Mending:
    """Other words, or other headings above them.

    Raises:
        Denied: the person may not change the document, or would not see the passage any more.
        Overtaken: somebody else has changed it since.
        Rejected: it would be empty or too long, or the document is being read.
        ModelUnavailable: the embedder, which measures it, is down.
    """
    return _mend(aim, Kind.EDIT, {"text": text, "headings": list(headings)})


def split(aim: Aim, *, at: int) -> Mending:
    """Two passages of one, cut before the character `at`. Raises as `edit` does."""
    return _mend(aim, Kind.SPLIT, {"at": at})


def merge(aim: Aim) -> Mending:
    """One passage of this and the next. Raises as `edit` does."""
    return _mend(aim, Kind.MERGE, {}, length=2)


def exclude(aim: Aim) -> Mending:
    """Neither found nor shown to a model any more. Raises as `edit` does."""
    return _mend(aim, Kind.EXCLUDE, {})


def include(aim: Aim) -> Mending:
    """Found again. Raises as `edit` does."""
    return _mend(aim, Kind.INCLUDE, {})


def embed_again(aim: Aim) -> None:
    """Writes the point of one chunk anew. Raises as `edit` does."""
    with transaction.atomic():
        [chunk] = aimed_at(aim, length=1)
        chunk.unindexed_since = timezone.now()
        chunk.save(update_fields=["unindexed_since"])
        _tell(chunk.version, aim.person, f"passage {chunk.ordinal + 1} embedded again")


def undo(document: Document, person: Person) -> Mending:
    """Takes the last change of the document's chunks back, whoever made it.

    A label that was decided since stays as strict as it is.

    Raises:
        Denied: the person may not change the document, or not see what he would change.
        Rejected: there is nothing to take back, or the document is being read.
        ModelUnavailable: the embedder, which measures the passages, is down.
    """
    with transaction.atomic():
        version = locked(document, person)
        last = Mending.objects.standing().filter(version=version).last()
        if last is None:
            raise Rejected("There is no change to take back.")
        before, after = read(last.before), read(last.after)
        rows = run_of(version, person, last.ordinal, length=len(after))
        since = _decided_since(states(rows), after)
        restored = [floored(state, since) for state in before]
        _check_clearance(restored, person)
        replace_run(version, rows, judged(version, restored))
        last.undone_at, last.undone_by = timezone.now(), person
        last.save(update_fields=["undone_at", "undone_by"])
        _tell(version, person, f"{last}, taken back")
        spread(version.document)
    return last


def _mend(aim: Aim, kind: Mending.Kind, detail: Mapping[str, Any], *, length: int = 1) -> Mending:
    with transaction.atomic():
        rows = aimed_at(aim, length=length)
        version, first, before = rows[0].version, rows[0].ordinal, states(rows)
        known = {row.instruction for row in rows}
        wanted = changed(kind, before, detail)
        if wanted == before:
            raise Rejected("Nothing was changed: the passage is like that already.")
        signed = _signed(before, wanted, aim.person, timezone.now())
        after = raised(version, signed, first=first)
        _check_clearance(after, aim.person)
        made = judged(version, after)
        run = replace_run(version, rows, made)
        _raise_section(version, run)
        _suspect(version, made, known)
        mending = Mending.objects.create(
            version=version,
            kind=kind,
            ordinal=first,
            detail=detail,
            before=kept(before),
            after=kept(after),
            sensitivity=_strictest(version, before, after),
            person=aim.person,
        )
        _tell(version, aim.person, str(mending))
        spread(version.document)
    return mending


def _signed(
    before: Sequence[State], after: Sequence[State], person: Person, now: datetime
) -> Sequence[State]:
    """With who changed the words, where an edit did: cutting and joining change none."""
    if len(before) == len(after) == 1 and before[0].text != after[0].text:
        return (replace(after[0], edited_by=person.pk, edited_at=now),)
    return after


def _check_clearance(run: Sequence[State], person: Person) -> None:
    strictest = Sensitivity.strictest([state.label.sensitivity for state in run])
    if strictest > person.clearance:
        raise Denied(
            f"The passage would be {strictest.label}, which is above your own clearance. "
            "Ask somebody who may see it to change it."
        )


def _raise_section(version: Version, run: Sequence[Chunk]) -> None:
    """What stands below a marking that was written in is as strict as the marking says."""
    if any(chunk.sensitivity_by == Document.DecidedBy.MARKING for chunk in run):
        for chunk in raise_section(version, first=run[0].ordinal, last=run[-1].ordinal):
            chunk.save()


def _suspect(version: Version, made: Sequence[Judged], known: set[str]) -> None:
    """Words that speak to models, and were not there before, wait for a person's look again."""
    if any(each.instruction and each.instruction not in known for each in made):
        Version.objects.filter(pk=version.pk).update(suspicious=True, cleared_at=None)


def _strictest(version: Version, *runs: Sequence[State]) -> Sensitivity:
    labels = (state.label.sensitivity for run in runs for state in run)
    return Sensitivity.strictest([version.document.sensitivity, *labels])


def _decided_since(now: Sequence[State], left: Sequence[State]) -> OwnLabel:
    """The strictest label that somebody decided since the change left its run as in `left`."""
    labels = zip((state.label for state in now), (state.label for state in left), strict=True)
    since = [label for label, was in labels if label.sensitivity != was.sensitivity]
    return max(since, key=lambda label: label.sensitivity, default=AS_ITS_DOCUMENT)


def _tell(version: Version, person: Person, note: str) -> None:
    """Says it in the audit, without any of the text, and tells the workers."""
    Event.objects.create(person=person, verb=Event.Verb.MEND, subject=version.document_id, note=note)
    transaction.on_commit(lambda: tasks.send_mended(version.pk))

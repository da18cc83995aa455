"""What becomes of an answer, written down: what it draws on before it is made, and how it ended after."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from django.db import transaction
from django.db.models.functions import Greatest

from inference.cite import CitedAnswer
from inference.earlier import chunks_of, documents_of
from inference.evidence.missing import Missing
from inference.hits import Hit
from inference.plan import Asked, Plan
from inference.support.answer import Checked
from kb.models import Answer, Chunk, Citation, Document, Leaving, RouteTable, Sensitivity
from kb.webhooks.outbox import tell_of_answer

NOTHING_FOUND = "I found nothing in the documents you may see that answers this."
WRITTEN = ("text", "found", "location", "model", "reason", "parts", "support", "conflicts")
DIGITS = 3
"""Of a score of support."""


class Clock:
    """Wall time of each step, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step] = round(now - self._last, 3)
        self._last = now


def carry(answer: Answer, asked: Asked) -> None:
    """What a follow-up was understood as, and that its answer stands on what the earlier ones were made from too.

    So nobody reads in it what he may not read there.
    """
    documents = documents_of(asked.history)
    answer.understood_as = "" if asked.query == answer.question.text else asked.query
    answer.drew_on_count = documents.count()
    with transaction.atomic():
        answer.save(update_fields=["understood_as", "drew_on_count"])
        answer.drew_on.set(documents)
        answer.shown.set(chunks_of(asked.history))


def pin(answer: Answer, chosen: Plan, table: RouteTable) -> None:
    """Before anything is generated: what the answer draws on, and that the conversation is now this strict."""
    answer.left_out = _by_document(chosen.left_out)
    answer.save(update_fields=["left_out"])
    hold(answer, chosen.asked, [source.hit for source in chosen.packed], table)


def hold(answer: Answer, asked: Asked, hits: Sequence[Hit], table: RouteTable) -> None:
    """What the answer draws on: it and its conversation are held to the strictest of that."""
    found_in = Document.objects.filter(pk__in={hit.document for hit in hits})
    documents = found_in | documents_of(asked.history)
    # By the labels of now: one may have risen since the search, and what this answer began with may have been refused.
    stricter = Greatest("sensitivity", "version__document__sensitivity")
    now = Chunk.objects.filter(pk__in={hit.chunk for hit in hits}).values_list(stricter, flat=True)
    found = (hit.sensitivity for hit in hits)
    answer.sensitivity = Sensitivity.strictest([asked.sensitivity, *found, *now])
    answer.drew_on_count = documents.count()
    ways = [table.leaving(hit.sensitivity, hit.collection) for hit in hits]
    with transaction.atomic():
        answer.save(update_fields=["sensitivity", "drew_on_count"])
        answer.drew_on.set(documents)
        answer.shown.set(
            {*(hit.chunk for hit in hits), *chunks_of(asked.history).values_list("pk", flat=True)}
        )
        leaving = Leaving.strictest([asked.leaving, *ways])
        answer.question.conversation.tighten(answer.sensitivity, leaving)


def _by_document(hits: Sequence[Hit]) -> list[list[object]]:
    """Pairs of a document's id and how many of the hits are of it."""
    return [[str(document), count] for document, count in Counter(hit.document for hit in hits).items()]


def record(answer: Answer, cited: CitedAnswer, chosen: Plan, clock: Clock) -> None:
    """The finished answer with its citations. A model that cited nothing found nothing."""
    answer.state = Answer.State.DONE
    answer.seconds = clock.seconds
    said = replace(cited, text=cited.text or NOTHING_FOUND)
    with transaction.atomic():
        if _store(answer, said, chosen, (*WRITTEN, "state", "seconds")):
            tell_of_answer(answer)


def keep(answer: Answer, cited: CitedAnswer, chosen: Plan) -> None:
    """What there is of an answer that breaks off, with the citations that hold. `settle` says how it ended."""
    if cited.text:
        _store(answer, cited, chosen, WRITTEN)


def _store(answer: Answer, cited: CitedAnswer, chosen: Plan, fields: Sequence[str]) -> bool:
    """Whether the answer was still this writer's to save."""
    begun = replace(chosen, parts=chosen.parts[: len(cited.parts)])
    answer.text = cited.text
    answer.found = bool(cited.citations)
    answer.location = begun.location
    answer.model = begun.model
    answer.reason = begun.reason
    answer.parts = [
        {"start": at.start, "end": at.end, "location": part.location, "model": part.name}
        for at, part in zip(cited.parts, begun.parts, strict=True)
    ]
    answer.support = [_support(checked) for checked in cited.support]
    with transaction.atomic():
        # Not its sensitivity: that may have been raised meanwhile.
        if not _save(answer, fields):
            return False
        answer.citations.all().delete()
        Citation.objects.bulk_create(
            Citation(
                answer=answer,
                marker=citation.marker,
                chunk_id=citation.source.hit.chunk,
                quote=citation.quote,
                start=citation.start,
                end=citation.end,
                supported=citation.supported,
            )
            for citation in cited.citations
        )
    return True


def _support(checked: Checked) -> dict[str, object]:
    judgement = checked.judgement
    return {
        "start": checked.sentence.start,
        "end": checked.sentence.end,
        "verdict": judgement.verdict,
        "score": round(judgement.score, DIGITS),
        "reason": judgement.reason,
    }


def _save(answer: Answer, fields: Sequence[str]) -> bool:
    """Whether the answer was still this writer's to save."""
    return answer.mine().update(**{field: getattr(answer, field) for field in fields}) == 1


def record_nothing(answer: Answer, asked: Sensitivity, missing: Missing, clock: Clock) -> None:
    """An honest “not found”, with what is missing: no model was called, and nothing left."""
    answer.missing = missing.kept()
    answer.text, answer.found = NOTHING_FOUND, False
    answer.sensitivity = asked
    answer.location = Answer.Made.NOWHERE
    answer.reason = "No source was near enough to the question, so no model was called."
    answer.state = Answer.State.DONE
    answer.seconds = clock.seconds
    written = ("text", "found", "missing", "sensitivity", "location", "reason", "state", "seconds")
    with transaction.atomic():
        if _save(answer, written):
            tell_of_answer(answer)


def settle(answer: Answer, state: Answer.State, *, failure: str = "") -> None:
    """How an answer ended that was not finished. It may be asked for again."""
    answer.state, answer.failure = state, failure
    _save(answer, ("state", "failure"))

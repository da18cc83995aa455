"""What becomes of an answer, written down: what it draws on before it is made, and how it ended after."""

import time

from django.db import transaction
from django.db.models.functions import Greatest

from inference.cite import CitedAnswer
from inference.evidence.missing import Missing
from inference.plan import Plan
from kb.models import Answer, Chunk, Citation, Document, Leaving, RouteTable, Sensitivity

NOTHING_FOUND = "I found nothing in the documents you may see that answers this."
RECORDED = ("text", "found", "location", "model", "reason", "parts", "conflicts", "state", "seconds")


class Clock:
    """Wall time of each step, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step] = round(now - self._last, 3)
        self._last = now


def pin(answer: Answer, chosen: Plan, table: RouteTable) -> None:
    """Before anything is generated: what the answer draws on, and that the conversation is now this strict."""
    hits = [source.hit for source in chosen.packed]
    documents = Document.objects.filter(pk__in={hit.document for hit in hits})
    # By the labels of now: one may have risen since the search, and what this answer began with may have been refused.
    stricter = Greatest("sensitivity", "version__document__sensitivity")
    now = Chunk.objects.filter(pk__in={hit.chunk for hit in hits}).values_list(stricter, flat=True)
    found = (hit.sensitivity for hit in hits)
    answer.sensitivity = Sensitivity.strictest([chosen.asked.sensitivity, *found, *now])
    answer.drew_on_count = documents.count()
    ways = [table.leaving(hit.sensitivity, hit.collection) for hit in hits]
    with transaction.atomic():
        answer.save(update_fields=["sensitivity", "drew_on_count"])
        answer.drew_on.set(documents)
        answer.shown.set(hit.chunk for hit in hits)
        leaving = Leaving.strictest([chosen.asked.leaving, *ways])
        answer.question.conversation.tighten(answer.sensitivity, leaving)


def record(answer: Answer, cited: CitedAnswer, chosen: Plan, clock: Clock) -> None:
    """The finished answer with its citations. A model that cited nothing found nothing."""
    answer.text = cited.text or NOTHING_FOUND
    answer.found = bool(cited.citations)
    answer.location = chosen.location
    answer.model = chosen.model
    answer.reason = chosen.reason
    answer.parts = [
        {"start": at.start, "end": at.end, "location": part.location, "model": part.name}
        for at, part in zip(cited.parts, chosen.parts, strict=True)
    ]
    answer.state = Answer.State.DONE
    answer.seconds = clock.seconds
    with transaction.atomic():
        # Not its sensitivity: that may have been raised meanwhile.
        answer.save(update_fields=RECORDED)
        answer.citations.all().delete()
        Citation.objects.bulk_create(
            Citation(
                answer=answer,
                marker=citation.marker,
                chunk_id=citation.source.hit.chunk,
                quote=citation.quote,
                supported=citation.supported,
            )
            for citation in cited.citations
        )


def record_nothing(answer: Answer, asked: Sensitivity, missing: Missing, clock: Clock) -> None:
    """An honest “not found”, with what is missing: no model was called, and nothing left."""
    answer.missing = missing.kept()
    answer.text, answer.found = NOTHING_FOUND, False
    answer.sensitivity = asked
    answer.location = Answer.Made.NOWHERE
    answer.reason = "No source was near enough to the question, so no model was called."
    answer.state = Answer.State.DONE
    answer.seconds = clock.seconds
    answer.save()


def settle(answer: Answer, state: Answer.State, *, failure: str = "") -> None:
    """How an answer ended that was not finished. It may be asked for again."""
    Answer.objects.filter(pk=answer.pk).update(state=state, failure=failure)
    answer.state, answer.failure = state, failure

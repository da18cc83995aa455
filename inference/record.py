"""What becomes of an answer, written down: what it draws on before it is made, and how it ended after."""

import time
from collections.abc import Sequence

from django.db import transaction

from inference import registry
from inference.cite import CitedAnswer
from inference.pack import Packed
from inference.route import Route
from kb.models import Answer, Citation, Document, Sensitivity

NOTHING_FOUND = "I found nothing in the documents you may see that answers this."


class Clock:
    """Wall time of each step, in seconds."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = time.monotonic()

    def lap(self, step: str) -> None:
        now = time.monotonic()
        self.seconds[step] = round(now - self._last, 3)
        self._last = now


def pin(answer: Answer, asked: Sensitivity, packed: Sequence[Packed]) -> None:
    """Before anything is generated: what the answer draws on, and that the conversation is now this strict."""
    documents = Document.objects.filter(pk__in={source.hit.document for source in packed})
    answer.sensitivity = Sensitivity.strictest([asked, *(source.hit.sensitivity for source in packed)])
    answer.drew_on_count = documents.count()
    with transaction.atomic():
        answer.save(update_fields=["sensitivity", "drew_on_count"])
        answer.drew_on.set(documents)
        answer.question.conversation.raise_to(answer.sensitivity)


def record(answer: Answer, cited: CitedAnswer, route: Route, clock: Clock) -> None:
    """The finished answer with its citations. A model that cited nothing found nothing."""
    answer.text = cited.text or NOTHING_FOUND
    answer.found = bool(cited.citations)
    answer.location = registry.location(route.model)
    answer.model = registry.model_name(route.model)
    answer.reason = route.reason
    answer.state = Answer.State.DONE
    answer.seconds = clock.seconds
    with transaction.atomic():
        # Not its sensitivity: that may have been raised meanwhile.
        answer.save(update_fields=["text", "found", "location", "model", "reason", "state", "seconds"])
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


def record_nothing(answer: Answer, asked: Sensitivity, clock: Clock) -> None:
    """An honest “not found”: no model was called, and nothing left."""
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

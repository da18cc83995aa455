"""What labels say at the very moment of sending: a label that was raised since the search takes effect at once."""

from collections.abc import Collection as Several
from collections.abc import Sequence

from django.db.models.functions import Greatest

from inference.hits import Hit
from kb.errors import Unavailable
from kb.models import Answer, Chunk, Conversation, Person, Sensitivity


def labels_now(chunks: Several[int]) -> dict[int, Sensitivity]:
    """Of each of these chunks, no laxer than its document's. One that is gone counts as RESTRICTED. One query."""
    stricter = Greatest("sensitivity", "version__document__sensitivity")
    held = Chunk.objects.filter(pk__in=chunks).annotate(label=stricter).values_list("pk", "label")
    return dict.fromkeys(chunks, Sensitivity.RESTRICTED) | {pk: Sensitivity(label) for pk, label in held}


def check_sources(answer: Answer, hits: Sequence[Hit]) -> None:
    """Call it right before the hits are sent for this answer. Three queries.

    Raises:
        Unavailable: one of them, or the conversation, is stricter than when it was found, or no longer the person's
            to see. Asking again begins with what may be seen now.
    """
    thread = Conversation.objects.get(pk=answer.question.conversation_id)
    visible = Chunk.objects.visible_to(Person.objects.get(pk=thread.person_id))
    seen = set(visible.filter(pk__in={hit.chunk for hit in hits}).values_list("pk", flat=True))
    now = labels_now({hit.chunk for hit in hits})
    withdrawn = any(hit.chunk not in seen or now[hit.chunk] > hit.sensitivity for hit in hits)
    if withdrawn or thread.sensitivity > answer.sensitivity:
        raise Unavailable(
            "The label of a source was changed while the question was being answered. Ask again."
        )

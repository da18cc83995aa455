"""Whether what was found is still the person's to see, at the very moment of sending."""

from collections.abc import Sequence

from inference.hits import Hit
from kb.errors import Unavailable
from kb.models import Answer, Chunk, Conversation, Person


def check_sources(answer: Answer, hits: Sequence[Hit]) -> None:
    """Call it when the answer is pinned, before anything is sent for it. Where it may go is for the gateway to decide.

    Three queries.

    Raises:
        Unavailable: a source was withdrawn from the person, or the conversation became stricter than what was asked.
            Asking again begins with what may be seen now.
    """
    thread = Conversation.objects.get(pk=answer.question.conversation_id)
    visible = Chunk.objects.visible_to(Person.objects.get(pk=thread.person_id))
    shown = {hit.chunk for hit in hits}
    if visible.filter(pk__in=shown).count() < len(shown) or thread.sensitivity > answer.sensitivity:
        raise Unavailable(
            "The label of a source was changed while the question was being answered. Ask again."
        )

"""Whether what was found is still the person's to see, at the very moment of sending."""

from collections.abc import Sequence

from inference.hits import Hit
from kb.errors import Unavailable
from kb.models import Answer, Chunk, Conversation, Person


def check_sources(answer: Answer, hits: Sequence[Hit]) -> None:
    """Call it when the answer is pinned, before anything is sent for it. Where it may go is for the gateway to decide.

    Three queries.

    Raises:
        Unavailable: a source was withdrawn from the person, or a source or the conversation became stricter than the
            answer was pinned to. Asking again begins with what may be seen now.
    """
    thread = Conversation.objects.get(pk=answer.question.conversation_id)
    shown = {hit.chunk for hit in hits}
    still = Chunk.objects.visible_to(Person.objects.get(pk=thread.person_id)).filter(
        pk__in=shown,
        sensitivity__lte=answer.sensitivity,
        version__document__sensitivity__lte=answer.sensitivity,
    )
    if still.count() < len(shown) or thread.sensitivity > answer.sensitivity:
        raise Unavailable(
            "The label of a source was changed while the question was being answered. Ask again."
        )

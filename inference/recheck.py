"""Whether what was found is still the person's to see, at the very moment of sending."""

from collections.abc import Sequence

from inference.hits import Hit
from kb.errors import Unavailable
from kb.models import Answer, Chunk, Question


def check_sources(answer: Answer, hits: Sequence[Hit]) -> None:
    """Call it when the answer is pinned, before anything is sent for it. Where it may go is for the gateway to decide.

    Two queries, and one more where the question was asked with a key that is kept to collections.

    Raises:
        Unavailable: a source was withdrawn from the person, or a source or the conversation became stricter than the
            answer was pinned to. Asking again begins with what may be seen now.
    """
    question = Question.objects.select_related("conversation__person", "key__person").get(
        pk=answer.question_id
    )
    thread = question.conversation
    shown = {hit.chunk for hit in hits}
    still = Chunk.objects.visible_to(question.asker).filter(
        pk__in=shown,
        sensitivity__lte=answer.sensitivity,
        version__document__sensitivity__lte=answer.sensitivity,
    )
    if still.count() < len(shown) or thread.sensitivity > answer.sensitivity:
        raise Unavailable(
            "The label of a source was changed while the question was being answered. Ask again."
        )

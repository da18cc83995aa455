"""What would be sent for a question, before it is asked. Nothing of it is kept."""

from django.db import transaction

from inference.ask import pose, preview
from inference.plan import Plan
from kb.models import Conversation, Leaving, Person


def rehearse(
    person: Person, text: str, *, conversation: Conversation | None = None, leaving: Leaving = Leaving.FREELY
) -> Plan | None:
    """By which plan the question would be answered; None where nothing found is near enough. Calls no generator.

    Raises:
        Rejected: the question is empty or too long.
    """
    with transaction.atomic():
        question = pose(person, text, conversation=conversation, leaving=leaving)
        planned = preview(question)
        transaction.set_rollback(True)
    return planned

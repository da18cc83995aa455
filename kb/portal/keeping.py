"""Whether a conversation is held to stay in the building, as its form says."""

from inference import registry
from kb.models import Conversation, Leaving, RouteRule


def keeping(conversation: Conversation) -> dict[str, bool]:
    """What `_keeping.html` shows: whether there is a model outside at all, and whether nothing said may reach it.

    One query where there is one.
    """
    outside = registry.is_outside("llm")
    return {"outside": outside, "stays": outside and _stays(conversation)}


def _stays(conversation: Conversation) -> bool:
    by_label = RouteRule.objects.table().leaving(conversation.sensitivity)
    return Leaving.strictest([conversation.leaving, by_label]) == Leaving.NEVER

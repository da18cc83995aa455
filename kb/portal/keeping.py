"""What stays in the building, as the pages for asking say: labels, and conversations that are held to it."""

from django.utils.text import get_text_list
from django.utils.translation import gettext as _

from inference import registry
from kb.models import Conversation, Leaving, RouteRule, Sensitivity


def kept_in() -> str:
    """The labels of which nothing leaves out of any collection, in words: “Confidential and Restricted”. One query."""
    table = RouteRule.objects.table()
    places = [None, *(collection for collection, _label in table.special)]
    kept = [label for label in Sensitivity if not any(table.leaving(label, place) for place in places)]
    return get_text_list([str(label.label) for label in kept], _("and"))


def keeping(conversation: Conversation) -> dict[str, bool]:
    """What `_keeping.html` shows: whether there is a model outside at all, and whether nothing said may reach it.

    One query where there is one.
    """
    outside = registry.is_outside("llm")
    return {"outside": outside, "stays": outside and _stays(conversation)}


def _stays(conversation: Conversation) -> bool:
    by_label = RouteRule.objects.table().leaving(conversation.sensitivity)
    return Leaving.strictest([conversation.leaving, by_label]) == Leaving.NEVER

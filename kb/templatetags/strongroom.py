"""What templates say everywhere in the same way: how sensitive a thing is, and where it was thought about."""

import re
from collections.abc import Mapping, Set
from dataclasses import dataclass
from uuid import UUID

from django import template
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.paginator import Page
from django.template import Context
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString

from kb.models import Chunk, Collection, Document, Feedback, Person, Reveal, Sensitivity, Version, Webhook
from kb.models.library import UNDONE, Stage

register = template.Library()

RULE = re.compile(r"[|:\-\s]*")
"""The line below a table's header, or an empty one."""


@register.inclusion_tag("_sensitivity.html")
def sensitivity(level: int) -> dict[str, Sensitivity]:
    """The chip of a label: a word and a shape."""
    return {"sensitivity": Sensitivity(level)}


@register.inclusion_tag("_where.html")
def where(location: str, model: str = "") -> dict[str, str]:
    """The chip of a place; in the cloud with the model's name."""
    return {"location": location, "model": model}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A decorative picture of the sprite; words beside it say what it means."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons.svg"),
        name,
    )


@register.simple_tag
def demonstration() -> bool:
    """Whether the cloud is the stand-in that `up --demo-cloud` runs."""
    return bool(settings.DEMO_CLOUD)


@register.filter
def may_upload(person: Person | AnonymousUser) -> bool:
    return Collection.objects.editable_by(person).exists()


@register.simple_tag
def waiting_for(person: Person) -> int:
    """Documents and passages whose label waits for this person, and documents that are suspicious."""
    labels = Document.objects.to_review_by(person).count() + Chunk.objects.to_review_by(person).count()
    return labels + Document.objects.suspicious_to(person).count()


@register.simple_tag
def complaints_to_resolve(person: Person | AnonymousUser) -> int:
    """Complaints about documents that this person manages."""
    # Every page asks, mostly nobody complains, and whose documents they are takes long to find out.
    if not Feedback.objects.waiting().exists():
        return 0
    return Feedback.objects.to_resolve_by(person).count()


@register.simple_tag
def webhooks_off(person: Person | AnonymousUser) -> int:
    """Webhooks of this person that somebody or something else switched off."""
    return Webhook.objects.owned_by(person).filter(active=False).exclude(off_because="").count()


@register.inclusion_tag("_reveals.html", takes_context=True)
def reveals_told(context: Context, owner: Person | AnonymousUser) -> dict[str, object]:
    """What of this person's was opened by an administrator, until he says that he knows."""
    told = list(Reveal.objects.to_tell(owner).select_related("document", "person"))
    return {
        "reveals": told,
        "visible": _visible({reveal.document_id for reveal in told}, owner) if told else set(),
        "request": context["request"],
        "csrf_token": context.get("csrf_token"),
    }


def _visible(documents: Set[UUID], person: Person | AnonymousUser) -> set[UUID]:
    visible = Document.objects.visible_to(person).filter(pk__in=documents)
    return set(visible.values_list("pk", flat=True))


@dataclass(frozen=True, slots=True)
class Step:
    """One stage of a version on its way: `state` is done, now or next."""

    label: str
    state: str
    seconds: float | None


@register.simple_tag
def stages(version: Version) -> list[Step]:
    """The seven stages, from reading the file to ready."""
    way = [stage for stage in Stage if stage is not Stage.QUEUED and stage not in UNDONE]
    return [
        Step(
            label=str(stage.label),
            state="now" if place == version.step else "done" if place < version.step else "next",
            seconds=version.seconds.get(stage.value),
        )
        for place, stage in enumerate(way, 1)
    ]


@register.filter
def unpiped(text: str) -> str:
    """The text on one line, with the rows of its tables as words: for previews."""
    rows = (line.strip("| ").replace("|", "·") for line in text.splitlines() if not RULE.fullmatch(line))
    return " ".join(row for row in rows if row)


@register.filter
def value_of(values: Mapping[UUID, str], key: UUID) -> str:
    return values.get(key, "")


@register.filter
def signed(difference: float | None) -> str:
    """A difference with its sign, a dash where there is nothing to compare with, and no sign where it rounds to 0."""
    if difference is None:
        return "–"
    shown = f"{difference:+.3f}"
    return shown[1:] if float(shown) == 0 else shown.replace("-", "−")


@register.simple_tag
def page_numbers(page: Page[object]) -> list[int | str]:
    """The numbers that a pager shows, with an ellipsis where some are left out."""
    return list(page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1))

"""What would be sent for a question, as a person reads it before it is asked."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from django.urls import reverse

from inference.plan import Part, Plan
from inference.protocols import Location
from kb.models import Leaving


@dataclass(frozen=True, slots=True)
class PreviewSource:
    """Passages of one document that have one label, by the numbers under which they would be sent."""

    title: str
    address: str
    sensitivity: int
    markers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """What one model would get: the exact text, and its size in bytes of UTF-8."""

    model: str
    location: str
    passages: int
    sources: tuple[PreviewSource, ...]
    system: str
    user: str
    size: int


@dataclass(frozen=True, slots=True)
class Preview:
    """`reason` is the sentence that the answer would carry. Without parts no model would be called."""

    parts: tuple[PreviewPart, ...] = ()
    reason: str = ""
    pseudonymised: bool = False

    @property
    def leaves(self) -> bool:
        return any(part.location == Location.CLOUD for part in self.parts)


def previewed(planned: Plan | None) -> Preview:
    if planned is None:
        return Preview()
    return Preview(
        parts=tuple(_part(part) for part in planned.parts),
        reason=planned.reason,
        pseudonymised=planned.leaving == Leaving.PSEUDONYMISED,
    )


def _part(part: Part) -> PreviewPart:
    prompt = part.prompt
    return PreviewPart(
        model=part.name,
        location=part.location,
        passages=len(part.packed),
        sources=tuple(_sources(part)),
        system=prompt.system,
        user=prompt.user,
        size=len(f"{prompt.system}{prompt.user}".encode()),
    )


def _sources(part: Part) -> Iterator[PreviewSource]:
    """The passages of a document stand together already."""
    for (document, label), group in groupby(
        part.packed, lambda each: (each.hit.document, each.hit.sensitivity)
    ):
        passages = list(group)
        yield PreviewSource(
            title=passages[0].hit.title,
            address=reverse("document", args=[document]),
            sensitivity=label,
            markers=tuple(each.shown.marker for each in passages),
        )

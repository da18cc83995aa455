"""What would be sent for a question, as a person reads it before it is asked."""

from dataclasses import dataclass

from inference.plan import Part, Plan
from inference.protocols import Location
from kb.models import Leaving
from kb.portal.readings import Source, shown


@dataclass(frozen=True, slots=True)
class PreviewPart:
    """What one model would get: the exact text, and its size in bytes of UTF-8."""

    model: str
    location: str
    sources: tuple[Source, ...]
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
        sources=shown(part.packed),
        system=prompt.system,
        user=prompt.user,
        size=len(f"{prompt.system}{prompt.user}".encode()),
    )

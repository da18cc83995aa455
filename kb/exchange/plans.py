"""What would be sent for a question, before anything is."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from inference.plan import Part, Plan
from kb.models import Leaving

NOTHING_SENT = "No source is near enough to the question, so nothing would be sent."


@dataclass(frozen=True, slots=True)
class PlannedSource:
    """A passage that a model would be shown."""

    marker: int
    document: UUID
    title: str
    pages: Sequence[int]
    sensitivity: str


@dataclass(frozen=True, slots=True)
class PlannedPart:
    """What one model would get: `system` and `user` word for word; `size` is theirs, in bytes of UTF-8."""

    location: str
    model: str
    sources: Sequence[PlannedSource]
    system: str
    user: str
    size: int


@dataclass(frozen=True, slots=True)
class Planned:
    """What would be sent for a question. `leaving` is “never”, “pseudonymised” or “freely”."""

    parts: Sequence[PlannedPart]
    leaving: str
    reason: str


def planned(plan: Plan | None) -> Planned:
    if plan is None:
        return Planned((), Leaving.NEVER.name.lower(), NOTHING_SENT)
    return Planned([_planned_part(part) for part in plan.parts], plan.leaving.name.lower(), plan.reason)


def _planned_part(part: Part) -> PlannedPart:
    system, user = part.prompt.system, part.prompt.user
    return PlannedPart(
        location=part.location,
        model=part.name,
        sources=[
            PlannedSource(
                each.shown.marker,
                each.hit.document,
                each.hit.title,
                each.hit.pages,
                each.hit.sensitivity.name,
            )
            for each in part.packed
        ],
        system=system,
        user=user,
        size=len(f"{system}{user}".encode()),
    )

"""Labels and collections → what may leave the building, and what stays. Pure, and driven by one table."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.text import get_text_list

from inference.hits import Hit
from inference.protocols import Location
from kb.models import Leaving, RouteTable, Sensitivity


@dataclass(frozen=True, slots=True)
class Route:
    """Which parts of the evidence a model outside may read, which stay, and why, in a sentence.

    `leaving` is how the first part leaves; NEVER when nothing does.
    """

    outside: tuple[Hit, ...]
    inside: tuple[Hit, ...]
    leaving: Leaving
    reason: str


Enough = Callable[[Sequence[Hit]], bool]
"""Whether these hits answer the question on their own."""


def may_read(location: Location, leaving: Leaving) -> bool:
    """Whether a model at this location may read text that leaves like this."""
    return location == Location.ON_PREMISES or leaving > Leaving.NEVER


def choose(asked: Leaving, why: str, hits: Sequence[Hit], *, table: RouteTable, enough: Enough) -> Route:
    """What may leave goes outside, if it answers on its own; the rest stays, and is read only if it does as well.

    `asked` is how the question may leave, with all that was said before it; `why` says what held that back.
    """
    hits = tuple(hits)
    if asked == Leaving.NEVER:
        return Route((), hits, Leaving.NEVER, f"Answered on-premises because {why}.")
    ways = {hit.chunk: table.leaving(hit.sensitivity, hit.collection) for hit in hits}
    outside = tuple(hit for hit in hits if ways[hit.chunk] > Leaving.NEVER)
    inside = tuple(hit for hit in hits if ways[hit.chunk] == Leaving.NEVER)
    held = _held_back(inside, len(hits), table)
    if not outside or (inside and not enough(outside)):
        return Route((), hits, Leaving.NEVER, f"Answered on-premises because {held}.")
    leaving = Leaving.strictest([asked, *(ways[hit.chunk] for hit in outside)])
    if not inside:
        return Route(outside, (), leaving, f"Answered in the cloud because {_lets_out(outside)}.")
    if enough(inside):
        reason = f"Answered in the cloud from what may leave, and on-premises from the rest, because {held}."
        return Route(outside, inside, leaving, reason)
    reason = f"Answered in the cloud from what may leave; {held}, and would not have helped."
    return Route(outside, (), leaving, reason)


def _held_back(hits: Sequence[Hit], of: int, table: RouteTable) -> str:
    """“2 of 6 sources are Confidential”."""
    labels = sorted({hit.sensitivity for hit in hits})
    names = get_text_list([str(Sensitivity(label).label) for label in labels], "or")
    shelf = any(table.leaving(hit.sensitivity) > Leaving.NEVER for hit in hits)
    where = " in a collection that nothing of this label leaves" if shelf else ""
    return f"{len(hits)} of {of} sources {'is' if len(hits) == 1 else 'are'} {names}{where}"


def _lets_out(hits: Sequence[Hit]) -> str:
    return f"its strictest source is {Sensitivity.strictest([hit.sensitivity for hit in hits]).label}"

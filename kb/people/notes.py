"""Who changed what about people, groups and collections: events about things that have no UUID say it in words."""

from kb.models import Event, Person

LONGEST = 500
"""Characters of a note."""


def noted(by: Person | None, verb: Event.Verb, note: str) -> None:
    """`by` is None for what the system does by itself."""
    Event.objects.create(
        person=by, verb=verb, note=note if len(note) <= LONGEST else f"{note[: LONGEST - 1]}…"
    )

"""The persons, numbers and addresses of a conversation, and whom a mention means."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from inference.pseudonyms.names import PERSON, covers, parts, stems
from inference.pseudonyms.words import normal

NUMBERS = frozenset({"IBAN", "card number", "tax id", "social security number", "phone number"})
"""Kinds whose grouping means nothing: “DE89 3704” is “DE893704”."""


@dataclass(frozen=True, slots=True)
class Entity:
    """What one alias stands for. `original` is the fullest name that is known."""

    kind: str
    number: int
    original: str

    @property
    def key(self) -> str:
        return key_of(self.kind, self.original)


def key_of(kind: str, surface: str) -> str:
    """The normal form: one for one entity, but for the parts of a person's name."""
    if kind in NUMBERS:
        return re.sub(r"[\W_]", "", normal(surface))
    if kind == PERSON:
        return " ".join(parts(surface))
    return normal(surface)


class Entities:
    """All that are known of a conversation."""

    def __init__(self, known: Iterable[Entity]) -> None:
        self._by_key: dict[str, Entity] = {}
        self._people: dict[str, set[Entity]] = defaultdict(set)
        for entity in known:
            self.add(entity)

    def __iter__(self) -> Iterator[Entity]:
        return iter(self._by_key.values())

    def add(self, entity: Entity) -> None:
        self._by_key[entity.key] = entity
        if entity.kind == PERSON:
            for part in parts(entity.original):
                self._people[part].add(entity)

    def count(self, kind: str) -> int:
        return sum(entity.kind == kind for entity in self)

    def extend(self, person: Entity, original: str) -> Entity:
        """The same person by a fuller name."""
        del self._by_key[person.key]
        for part in parts(person.original):
            self._people[part].discard(person)
        fuller = Entity(person.kind, person.number, original)
        self.add(fuller)
        return fuller

    def find(self, kind: str, surface: str) -> Entity | None:
        """Whom a mention means. None for somebody new, and where it could mean two people: nobody guesses.

        What was found as one kind first stays that kind.
        """
        key = key_of(kind, surface)
        exact = self._by_key.get(key)
        if exact or kind != PERSON:
            return exact
        mentioned = parts(surface)
        meant = [
            person for person in self._people_with(mentioned) if covers(parts(person.original), mentioned)
        ]
        if literally := [person for person in meant if set(mentioned) <= set(parts(person.original))]:
            return _only(literally)
        return self._by_key.get(key.removesuffix("s")) or _only(meant)

    def find_shorter(self, kind: str, surface: str) -> Entity | None:
        """The person who was known by a part of this name only, if that part is nobody else's too."""
        if kind != PERSON:
            return None
        full = parts(surface)
        shorter = [person for person in self._people_with(full) if covers(full, parts(person.original))]
        return _only([person for person in shorter if not self._is_shared(person)])

    def _people_with(self, words: Iterable[str]) -> set[Entity]:
        """All in whose name one of the words is, or one of which the name's word is a genitive."""
        forms = {form for word in words for form in (*stems(word), f"{word}s")}
        return {person for form in forms for person in self._people.get(form, ())}

    def _is_shared(self, person: Entity) -> bool:
        """Whether others have all the names by which this one is known."""
        own = parts(person.original)
        return any(
            covers(parts(other.original), own)
            for other in self._people_with(own)
            if other.number != person.number
        )


def _only(people: list[Entity]) -> Entity | None:
    return people[0] if len(people) == 1 else None

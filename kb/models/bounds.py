"""What a key keeps its person to."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Of the key with this primary key and public id.

    `collections` are their primary keys, and `ceiling` is a label; None leaves the person all that he may read.
    `administers` says whether the key lets him administer, if he does.
    """

    key: int
    public_id: str
    collections: frozenset[int] | None
    ceiling: int | None
    administers: bool

    @property
    def narrows(self) -> bool:
        """Whether the person reads less with the key than without it."""
        return self.collections is not None or self.ceiling is not None

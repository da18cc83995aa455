"""Keys as the pages list them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kb.models import ApiKey
from kb.people.allowances import Used, used_this_month


@dataclass(frozen=True, slots=True)
class KeyRow:
    """`collections` are names, and None where the key reads all that its holder may; `used` is of this month."""

    key: ApiKey
    collections: Sequence[str] | None
    used: Used
    replaced: bool


def key_rows(found: Iterable[ApiKey]) -> list[KeyRow]:
    """In the same order. Keys that were fetched with `shown` cost one query more, all together."""
    keys = list(found)
    used = used_this_month(keys)
    return [
        KeyRow(
            key,
            None if key.everywhere else [collection.name for collection in key.collections.all()],
            used.get(key.pk, Used()),
            replaced=hasattr(key, "successor"),
        )
        for key in keys
    ]

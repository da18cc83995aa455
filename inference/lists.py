"""Lists in the text of a chunk: what introduces them, and their items as they stand."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

ITEM = re.compile(r"[-*+•◦▪–][ \t]+|\(?(?:\d{1,2}|[a-z])[.)][ \t]+")
"""What an item may begin with."""
BULLET = re.compile(r"[-*+•◦▪–][ \t]+")
ENDS_AS_SENTENCE = re.compile(r"[.!?:;][\"'”’»)]*$")
ROW_OR_HEADING = re.compile(r"[|#]")
BLOCK = re.compile(r"\n{2,}|\n(?=[ \t]*(?:[-*+•◦▪–]|\(?(?:\d{1,2}|[a-z])[.)])[ \t])")
FEWEST = 2
"""Items that make a list."""
ANNOUNCED = {
    "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6,
}  # fmt: skip
ANNOUNCES = re.compile(rf"\b({'|'.join(ANNOUNCED)})\b[^.]*[.:]$", re.IGNORECASE)
"""“… is welcome under three conditions.”, where three paragraphs follow that lost their numbers."""


@dataclass(frozen=True, slots=True)
class Listed:
    """A list. The items keep their numbers, and lose their bullets."""

    intro: str
    items: tuple[str, ...]


def lists(text: str) -> list[Listed]:
    """The lists of a text in order."""
    return list(_lists([block.strip() for block in BLOCK.split(text) if block.strip()]))


def _lists(blocks: Sequence[str]) -> Iterator[Listed]:
    place = 0
    while place < len(blocks):
        intro = blocks[place]
        following = blocks[place + 1 :]
        length = _announced(intro, following) or _run(following)
        if length >= FEWEST and not _is_item(intro):
            yield Listed(intro, tuple(BULLET.sub("", item, count=1) for item in following[:length]))
            place += length
        place += 1


def _announced(intro: str, following: Sequence[str]) -> int:
    """How many items the intro says that there are, if as many blocks follow; else 0."""
    said = ANNOUNCES.search(intro)
    number = ANNOUNCED[said[1].casefold()] if said else 0
    return number if number <= len(following) else 0


def _run(blocks: Sequence[str]) -> int:
    """How many blocks from the first on are items: marked ones, or short ones without a full stop."""
    is_next = _is_item if blocks and _is_item(blocks[0]) else _is_short
    return next((place for place, block in enumerate(blocks) if not is_next(block)), len(blocks))


def _is_item(block: str) -> bool:
    return bool(ITEM.match(block))


def _is_short(block: str) -> bool:
    return "\n" not in block and not ENDS_AS_SENTENCE.search(block) and not ROW_OR_HEADING.match(block)

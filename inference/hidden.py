"""All texts of one request → the same with aliases in place of personal data."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from inference.pack import Packed
from inference.personal import find_entities
from inference.protocols import Shown, Turn
from inference.pseudonyms import Pseudonyms, Spotted


@dataclass(frozen=True, slots=True)
class Hidden:
    """What a model outside is given to write from."""

    query: str
    history: tuple[Turn, ...]
    shown: tuple[Shown, ...]
    pseudonyms: Pseudonyms


def hide(query: str, history: Sequence[Turn], packed: Sequence[Packed], pseudonyms: Pseudonyms) -> Hidden:
    """All in one call, because what one text shows to be a name is hidden in every other one."""
    texts = iter(pseudonyms.hide([*_said(query, history), *_shown(packed)]))
    return Hidden(
        query=next(texts),
        history=tuple(Turn(next(texts), next(texts)) for _ in history),
        shown=tuple(replace(source.shown, header=next(texts), text=next(texts)) for source in packed),
        pseudonyms=pseudonyms,
    )


def _said(query: str, history: Sequence[Turn]) -> Iterator[Spotted]:
    for text in (query, *(each for turn in history for each in (turn.question, turn.answer))):
        yield Spotted(text, find_entities(text))


def _shown(packed: Sequence[Packed]) -> Iterator[Spotted]:
    """What was found when the document was read is not looked for again."""
    for source in packed:
        hit = source.hit
        yield Spotted(source.shown.header, find_entities(source.shown.header))
        yield Spotted(source.shown.text, find_entities(hit.text) if hit.personal is None else hit.personal)

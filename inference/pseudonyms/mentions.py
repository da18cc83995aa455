"""What the finder found in a text, as whole words without overlap."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inference.personal import Finding
from inference.pseudonyms.aliases import LOOKS_LIKE_ALIAS, OTHER, SHOWN, kind_of
from inference.pseudonyms.names import NAMED, bare
from inference.pseudonyms.words import Word, touched


@dataclass(frozen=True, slots=True)
class Mention:
    """Something to hide. `start` and `end` are characters of the text; `surface` is what stands there."""

    kind: str
    start: int
    end: int
    surface: str


def mention(kind: str, text: str, start: int, end: int) -> Mention:
    """White space around is none of it; inside it is one space, so that a broken name comes back on one line."""
    said = text[start:end]
    start, end = end - len(said.lstrip()), start + len(said.rstrip())
    return Mention(kind, start, end, " ".join(said.split()))


def found_mentions(text: str, words: Sequence[Word], findings: Iterable[Finding]) -> list[Mention]:
    """Of all findings, and of what would be taken for an alias on the way back."""
    hidden = (finding for finding in findings if finding.kind not in SHOWN)
    spans = [_whole(kind_of(each.kind), text, words, each.start, each.end) for each in hidden]
    spans += [_whole(OTHER, text, words, *match.span()) for match in LOOKS_LIKE_ALIAS.finditer(text)]
    return _apart(text, sorted(filter(None, spans), key=lambda span: span.start))


def _whole(kind: str, text: str, words: Sequence[Word], start: int, end: int) -> Mention | None:
    """Grown to whole words, so that an alias never touches a letter or digit; a name shrinks to its own words.

    None where there is no letter or digit at all.
    """
    inside = touched(words, start, end)
    if inside and kind in NAMED:
        inside = bare(kind, text, inside)
        return mention(kind, text, inside[0].start, inside[-1].end)
    if inside:
        beside = touched(words, start - 1, end + 1)
        return mention(kind, text, min(start, beside[0].start), max(end, beside[-1].end))
    return None


def _apart(text: str, spans: Iterable[Mention]) -> list[Mention]:
    """Overlapping and touching ones as one, of the first one's kind."""
    apart: list[Mention] = []
    for span in spans:
        last = apart[-1] if apart else None
        if last and span.start <= last.end:
            apart[-1] = mention(last.kind, text, last.start, max(last.end, span.end))
        else:
            apart.append(span)
    return apart

"""How well spans of text were found, as presidio-research's `SpanEvaluator` scores it.

https://github.com/microsoft/presidio-research/blob/master/docs/span_evaluation.md: words that carry nothing (stop
words, punctuation, “street”, “Mr”) are taken off both ends of a span, and neighbours of one type with nothing else
between them become one. A true span counts as found when the spans that overlap it cover it with an intersection over
union of .9, in characters. For each type only its own spans count; overall all types are taken for one.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

ENOUGH = 0.9
"""Intersection over union."""
BETA = 2.0
"""F2 weighs recall four times as much as precision: what is missed leaves."""
WORD = re.compile(r"\w+")
EMPTY = """
    s mr mrs miss street st suite apt unit box po corner address country state city zip de rue via inc ltd year years
    old day days week weeks month months age ago morning noon afternoon evening night weekend first last
"""
"""Beside spaCy's stop words."""


@dataclass(frozen=True, slots=True)
class Span:
    type: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Scores:
    """0 to 1; none where nothing was predicted, or nothing true. `support` counts true spans."""

    precision: float | None
    recall: float | None
    f1: float | None
    f2: float | None
    support: int


@dataclass(slots=True)
class Tally:
    found: int = 0
    predicted: int = 0
    true: int = 0

    def scores(self) -> Scores:
        precision = self.found / self.predicted if self.predicted else None
        recall = self.found / self.true if self.true else None
        return Scores(precision, recall, _f(precision, recall, 1.0), _f(precision, recall, BETA), self.true)


@dataclass(slots=True)
class Scorer:
    """Adds up over texts; `overall` takes all types for one, `types` holds one tally a type."""

    overall: Tally = field(default_factory=Tally)
    types: dict[str, Tally] = field(default_factory=dict)

    def add(self, text: str, true: Iterable[Span], predicted: Iterable[Span]) -> None:
        true, predicted = list(true), list(predicted)
        _tally(self.overall, trimmed(text, map(_untyped, true)), trimmed(text, map(_untyped, predicted)))
        wanted, given = trimmed(text, true), trimmed(text, predicted)
        for name in {span.type for span in (*wanted, *given)}:
            tally = self.types.setdefault(name, Tally())
            _tally(
                tally,
                [each for each in wanted if each.type == name],
                [each for each in given if each.type == name],
            )


def trimmed(text: str, spans: Iterable[Span]) -> list[Span]:
    """In order, without empty words at their ends, and neighbours of one type as one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        words = _words(text, span.start, span.end)
        if not words:
            continue
        new = Span(span.type, words[0].start(), words[-1].end())
        if kept and kept[-1].type == new.type and not _words(text, kept[-1].end, new.start):
            new = Span(new.type, kept.pop().start, new.end)
        kept.append(new)
    return kept


def _untyped(span: Span) -> Span:
    return replace(span, type="")


def _words(text: str, start: int, end: int) -> list[re.Match[str]]:
    empty = _empty()
    return [word for word in WORD.finditer(text, start, end) if word[0].lower() not in empty]


@cache
def _empty() -> frozenset[str]:
    # Half a second of spaCy, which nothing else here needs.
    from spacy.lang.en.stop_words import STOP_WORDS

    return frozenset({*STOP_WORDS, *EMPTY.split()})


def _tally(tally: Tally, true: Sequence[Span], predicted: Sequence[Span]) -> None:
    """Several predictions that cover one true span together count as one."""
    left = list(predicted)
    for span in true:
        cover = _cover(span, left)
        if _overlap(span, cover) >= ENOUGH:
            tally.found += 1
            tally.predicted += 1
            left = [each for each in left if each not in cover]
    tally.true += len(true)
    tally.predicted += len(left)


def _cover(span: Span, predicted: Sequence[Span]) -> list[Span]:
    """Predictions, in order, each of which brings the cover nearer to the span."""
    cover: list[Span] = []
    for each in predicted:
        if _overlap(span, [*cover, each]) > _overlap(span, cover):
            cover.append(each)
    return cover


def _overlap(span: Span, cover: Sequence[Span]) -> float:
    """Intersection over union, in characters."""
    wanted = set(range(span.start, span.end))
    given = {place for each in cover for place in range(each.start, each.end)}
    return len(wanted & given) / len(wanted | given)


def _f(precision: float | None, recall: float | None, beta: float) -> float | None:
    """(1 + β²) P R / (β² P + R)."""
    if precision is None or recall is None:
        return None
    if not precision + recall:
        return 0.0
    return (1 + beta**2) * precision * recall / (beta**2 * precision + recall)

"""Hits → those to answer from: the same text once, no document that crowds out the others where many are asked
for, and what stands beside the best ones.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from inference.hits import Hit, hit_of
from kb.models import Chunk, Person, Sensitivity

MOST = 8
"""Hits. Beyond the first few, further ones added sources but no answers on the sample's golden set."""
LOOKED_AT = 24
"""Hits that are chosen from: some repeat others, and some are one too many of their document."""
OFFERED = 72
"""Hits that a language model may be shown beside the chosen ones, as far as its window and the price allow."""
WORTH_READING = 0.6
"""Share of the best hit's cosine, or of the best BM25 score, that a further one must reach: tokens cost."""
PER_DOCUMENT = 2
"""Hits of each document, where a question asks across documents."""
EXTENDED = 2
"""Hits whose neighbours are shown too: an answer may begin in one chunk and end in the next."""
ALIKE = 0.9
"""Share of all words of two texts that both hold (Jaccard); from here on they say the same."""
NEAR = 0.1
"""Difference of two cosines to the question; texts that are farther apart cannot be the same."""
WORD = re.compile(r"\w+")
DOCUMENTS = r"(documents?|contracts?|policies|reports?|agreements?|manuals?|guides?|offers|minutes|invoices)"
ASKS_ACROSS = re.compile(
    rf"\b(compare|across|overview of|differences? between|list (all|every)|in which {DOCUMENTS}"
    rf"|(which|all|every|each|any)( of)?( the| our)? {DOCUMENTS}"
    r"|vergleiche?n?|unterschiede? zwischen|überblick über|(welche|alle|allen|jeder)r?"
    r" (dokumenten?|verträgen?|richtlinien|berichten?|handbücher|angeboten?))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an answer is made from, the best first: it decides whether there is one, and who writes it.

    `further` ones may be shown to a language model besides.
    """

    best: tuple[Hit, ...] = ()
    further: tuple[Hit, ...] = ()


def evidence(question: str, hits: Sequence[Hit]) -> Evidence:
    best = select(question, hits[:LOOKED_AT])
    return Evidence(best, further(best, hits))


def further(best: Sequence[Hit], hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """Those of the hits that are not among the best, repeat none of them, and are not much weaker."""
    similar = max((hit.similarity for hit in best), default=0.0)
    matched = max((hit.matched for hit in best), default=0.0)
    others = [
        hit
        for hit in hits
        if hit not in best
        and (hit.similarity >= WORTH_READING * similar or hit.matched >= WORTH_READING * matched)
    ]
    return tuple(_distinct([*best, *others]))[len(best) :]


def select(question: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
    """The best first. Last year's price list does not repeat this year's: a number differs."""
    chosen = list(_distinct(hits))
    if ASKS_ACROSS.search(question):
        chosen = list(_capped(chosen))
    return tuple(chosen[:MOST])


def with_neighbours(hits: Sequence[Hit], person: Person) -> tuple[Hit, ...]:
    """The hits, then the chunks before and after the best of them. One query.

    None is stricter than the hits already are, so that reading on never changes which model may answer.
    """
    if not hits:
        return ()
    strictest = Sensitivity.strictest([hit.sensitivity for hit in hits])
    beside = {(hit.version, hit.ordinal + step): hit for hit in hits[:EXTENDED] for step in (-1, 1)}
    places = beside.keys() - {(hit.version, hit.ordinal) for hit in hits}
    found = _visible(places, person)
    added = (
        hit_of(found[place], score=hit.score, similarity=hit.similarity, matched=0.0)
        for place, hit in beside.items()
        if place in found
    )
    return (*hits, *(hit for hit in added if hit.sensitivity <= strictest))


def _visible(places: "set[tuple[UUID, int]]", person: Person) -> dict[tuple[UUID, int], Chunk]:
    if not places:
        return {}
    among = Q(*(Q(version=version, ordinal=ordinal) for version, ordinal in places), _connector=Q.OR)
    rows = Chunk.objects.visible_to(person).filter(among).select_related("version__document")
    return {(row.version_id, row.ordinal): row for row in rows}


def _capped(hits: Sequence[Hit]) -> Iterator[Hit]:
    seen: Counter[UUID] = Counter()
    for hit in hits:
        seen[hit.document] += 1
        if seen[hit.document] <= PER_DOCUMENT:
            yield hit


@dataclass(frozen=True, slots=True)
class _Words:
    similarity: float
    all: frozenset[str]
    numbers: frozenset[str]


def _distinct(hits: Sequence[Hit]) -> Iterator[Hit]:
    """Without those that repeat a better one."""
    kept: list[_Words] = []
    for hit in hits:
        words = _words(hit)
        if not any(_repeats(words, earlier) for earlier in kept):
            kept.append(words)
            yield hit


def _words(hit: Hit) -> _Words:
    words = frozenset(WORD.findall(hit.text.casefold()))
    return _Words(hit.similarity, words, frozenset(word for word in words if not word.isalpha()))


def _repeats(words: _Words, earlier: _Words) -> bool:
    if abs(words.similarity - earlier.similarity) > NEAR or words.numbers != earlier.numbers:
        return False
    return len(words.all & earlier.all) >= ALIKE * len(words.all | earlier.all)

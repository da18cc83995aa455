"""Sparse vectors of words: Okapi BM25's weight of a term in a passage, in this process, without a model.

The other half of BM25, how rare a term is, is applied by the index (Qdrant's `Modifier.IDF`).
"""

import re
import threading
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import pairwise

import Stemmer

from inference.backends.stop_words import STOP_WORDS
from inference.protocols import Passage, SparseVector

K1, B = 1.2, 0.75
"""Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), section 3.5."""

AVERAGE_LENGTH = 150.0
"""Terms in an average passage. A constant, so that a passage's vector does not depend on the other passages."""

HEADER_WEIGHT = 3
"""Times that a term of the header counts. On six public sets 3 was better than 1, 2 and 0.5 (docs/quality.md)."""

PAIR_WEIGHT = 0.4
"""Of two neighbouring words of a query that are neighbours in a passage too, beside 1 for each of the words."""

VERSION = 3
"""Raise it when the same text gives other terms or weights: the index is then built anew."""

LONGEST_TERM = 80
"""Characters. What is longer is no word or code, but data."""

REMEMBERED_WORDS = 1 << 17

STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "ne": "nepali",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
}
"""ISO 639-1 → Snowball's name. Words of other languages are compared as they are written."""

WORD = re.compile(r"\w+(?:(?:[-./:@]|(?<=\d),(?=\d))\w+)*")
"""A word, or a code with its inner punctuation: AX-4471-B, snake_case, v2.3.1, a@b.org, 1,250.00, 12.4."""

CJK = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Han, Hiragana and Katakana, which are written without spaces."""
PART = re.compile(rf"\d+|[{CJK}]+|[^\W\d_{CJK}]+")
UNSPACED = re.compile(rf"[{CJK}]+")
CAMEL_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
VERSION_MARK = re.compile(r"v(?=\d)")


class Bm25:
    """A `SparseEncoder`. Passages are analysed in their own language, and queries in all that they may meet."""

    def __init__(self, language: str = "en"):
        """`language` (ISO 639-1) is assumed of texts that do not say theirs."""
        self._language = language
        self.fingerprint = f"bm25-{VERSION}-{language}"

    def encode_passages(self, passages: Sequence[Passage]) -> list[SparseVector]:
        return [self._encode(passage) for passage in passages]

    def encode_query(self, text: str, *, languages: Sequence[str] = ()) -> SparseVector:
        """Each distinct term weighs 1, a pair less. A stop word of the query's own language is none in another."""
        own, *others = dict.fromkeys([*languages, self._language])
        words = [word for word in _words(text) if not _analyser(own).stops(word)]
        weights: dict[int, float] = {}
        for language in (own, *others):
            terms = _analyser(language).terms(words)
            weights = dict.fromkeys(_pairs(terms), PAIR_WEIGHT) | weights
            weights |= {i: 1.0 for ids in terms for i in ids}
        return _vector(weights)

    def terms(self, text: str, *, language: str = "") -> frozenset[int]:
        return frozenset(_flat(_analyser(language or self._language).terms(_words(text))))

    def _encode(self, passage: Passage) -> SparseVector:
        analyser = _analyser(passage.language or self._language)
        header, text = analyser.terms(_words(passage.header)), analyser.terms(_words(passage.text))
        counts = Counter(_flat(text))
        for term, times in Counter(_flat(header)).items():
            counts[term] += HEADER_WEIGHT * times
        pairs = Counter([*_pairs(header), *_pairs(text)])
        return _vector(_saturated(pairs) | _saturated(counts))


class Analyser:
    """Words → terms in one language. Threads may share it."""

    def __init__(self, language: str) -> None:
        self._stemmer = Stemmer.Stemmer(STEMMERS[language], 0) if language in STEMMERS else None
        self._stop_words = STOP_WORDS.get(language, frozenset())
        # A stemmer may not be used by two threads at once.
        self._stemming = threading.Lock()
        self.ids = lru_cache(maxsize=REMEMBERED_WORDS)(self._ids)

    def terms(self, words: Sequence[str]) -> "Terms":
        return [ids for word in words if (ids := self.ids(word))]

    def stops(self, word: str) -> bool:
        return word.casefold() in self._stop_words

    def _ids(self, word: str) -> tuple[int, ...]:
        """CRC-32 of each term: stable between machines, and of 100,000 different terms about one pair collides."""
        return tuple(zlib.crc32(term.encode()) for term in self._terms(word))

    def _terms(self, word: str) -> Iterator[str]:
        """The stems of a word's parts and, where it has several, the word as it is written."""
        # “v2.3.1” and “version 2.3.1” mean the same.
        whole = VERSION_MARK.sub("", word.casefold(), count=1) if word[0] in "vV" else word.casefold()
        parts = [part.casefold() for part in PART.findall(CAMEL_HUMP.sub(" ", word))]
        if whole not in parts and len(whole) <= LONGEST_TERM:
            yield whole
        for part in parts:
            if UNSPACED.fullmatch(part):
                yield from _bigrams(part)
            elif not self._drops(part, alone=len(parts) == 1):
                yield self._stem(part)

    def _drops(self, part: str, *, alone: bool) -> bool:
        return part in self._stop_words or len(part) > LONGEST_TERM or (len(part) == 1 and not alone)

    def _stem(self, word: str) -> str:
        if self._stemmer is None:
            return word
        with self._stemming:
            return str(self._stemmer.stemWord(word))


_analyser = cache(Analyser)


def _bigrams(run: str) -> Iterator[str]:
    """Each two neighbours of a run of characters without spaces, as Lucene's CJKAnalyzer does; one alone is itself."""
    yield from (run[i : i + 2] for i in range(max(1, len(run) - 1)))


def _words(text: str) -> list[str]:
    return WORD.findall(unicodedata.normalize("NFKC", text))


Terms = Sequence[tuple[int, ...]]
"""The term ids of each word, in the order of the words. The first id is that of the word as a whole."""


def _flat(terms: Terms) -> list[int]:
    return [i for ids in terms for i in ids]


def _pairs(terms: Terms) -> list[int]:
    """One id for each two neighbours, whichever comes first: “the lid's bolt” is near “bolt of the lid”."""
    ordered = [sorted((one[0], two[0])) for one, two in pairwise(terms) if one[0] != two[0]]
    return [zlib.crc32(f"{one} {two}".encode()) for one, two in ordered]


def _saturated(counts: Counter[int]) -> dict[int, float]:
    """Okapi's weight of each term, by how often it occurs in a passage of this length."""
    norm = K1 * (1 - B + B * counts.total() / AVERAGE_LENGTH)
    return {i: times * (K1 + 1) / (times + norm) for i, times in counts.items()}


def _vector(weights: Mapping[int, float]) -> SparseVector:
    ids = sorted(weights)
    return SparseVector(tuple(ids), tuple(weights[i] for i in ids))

"""Sparse vectors of words: Okapi BM25's weight of a term in a passage, in this process, without a model.

The other half of BM25, how rare a term is, is applied by the index (Qdrant's `Modifier.IDF`).
"""

import re
import threading
import unicodedata
import zlib
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache

import Stemmer

from inference.protocols import SparseVector

K1, B = 1.2, 0.75
"""Robertson and Zaragoza, The Probabilistic Relevance Framework (2009), section 3.5."""

AVERAGE_LENGTH = 150.0
"""Terms in an average passage. A constant, so that a passage's vector does not depend on the other passages."""

VERSION = 1
"""Raise it when the same text gives other terms or weights: the index is then built anew."""

LONGEST_TERM = 80
"""Characters. What is longer is no word or code, but data."""

REMEMBERED_WORDS = 1 << 17

WORD = re.compile(r"\w+(?:(?:[-./:@]|(?<=\d),(?=\d))\w+)*")
"""A word, or a code with its inner punctuation: AX-4471-B, snake_case, v2.3.1, a@b.org, 1,250.00, 12.4."""

PART = re.compile(r"\d+|[^\W\d_]+")
CAMEL_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
VERSION_MARK = re.compile(r"v(?=\d)")

STOP_WORDS = {
    "english": """
        a about an and are as at be been but by can could did do does for from had has have how i if in into is it
        its me my no not of on or our s shall should so such t than that the their them then there these they this
        those to was we were what when where which who why will with would you your
    """,
    "german": """
        aber als am an auch auf aus bei bin bis bist da das dass dem den der des die dies diese dieser dieses du ein
        eine einem einen einer eines er es für hat haben hatte ich ihr im in ist ja kann mit nach nicht noch nur ob
        oder sein sich sie sind so über um und uns unter vom von vor war was wenn wer werden wie wir wird wo zu zum
        zur
    """,
}


class Bm25:
    """A `SparseEncoder`. `language` is one of PyStemmer's, in English words: english, german, french, …"""

    def __init__(self, language: str = "english"):
        self._stemmer = Stemmer.Stemmer(language, 0)
        self._stop_words = frozenset(STOP_WORDS.get(language, "").split())
        # A stemmer may not be used by two threads at once.
        self._stemming = threading.Lock()
        self._ids = lru_cache(maxsize=REMEMBERED_WORDS)(self._ids_of)
        self.fingerprint = f"bm25-{VERSION}-{language}"

    def encode_passages(self, texts: Sequence[str]) -> list[SparseVector]:
        return [self._encode(text) for text in texts]

    def encode_query(self, text: str) -> SparseVector:
        """Each distinct term weighs 1."""
        ids = sorted(self._count(text))
        return SparseVector(indices=tuple(ids), values=(1.0,) * len(ids))

    def _encode(self, text: str) -> SparseVector:
        counts = self._count(text)
        norm = K1 * (1 - B + B * counts.total() / AVERAGE_LENGTH)
        ids = sorted(counts)
        return SparseVector(tuple(ids), tuple(counts[i] * (K1 + 1) / (counts[i] + norm) for i in ids))

    def _count(self, text: str) -> Counter[int]:
        words = WORD.findall(unicodedata.normalize("NFKC", text))
        return Counter(i for word in words for i in self._ids(word))

    def _ids_of(self, word: str) -> tuple[int, ...]:
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
            if part in self._stop_words or len(part) > LONGEST_TERM or (len(part) == 1 and len(parts) > 1):
                continue
            with self._stemming:
                yield self._stemmer.stemWord(part)

"""How like two texts are, told from a signature of each: MinHash over their shingles.

Broder, On the resemblance and containment of documents (1997).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
from numpy.typing import NDArray

Signature = NDArray[np.uint32]
"""Shape (PERMUTATIONS,)."""

PERMUTATIONS = 128
"""The standard error of an estimate s is √(s(1-s)/128): .027 at .9."""
SHINGLE = 3
"""Words. Each changed word changes three shingles; with fewer, texts about the same thing look alike."""
WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """`digest` is the sha256 of all words, which tells a small change that no signature shows."""

    digest: str
    signature: Signature


def fingerprint_of(texts: Sequence[str]) -> Fingerprint:
    """Of the passages of one document, in order. Case, punctuation and layout do not count."""
    words = [word for text in texts for word in WORD.findall(text.casefold())]
    return Fingerprint(sha256(" ".join(words).encode()).hexdigest(), _signature(words))


def _signature(words: Sequence[str]) -> Signature:
    from datasketch import MinHash  # It imports scipy.

    shingles = {" ".join(words[start : start + SHINGLE]) for start in range(max(len(words) - SHINGLE + 1, 1))}
    sketch = MinHash(num_perm=PERMUTATIONS)
    sketch.update_batch([shingle.encode() for shingle in shingles])
    return np.asarray(sketch.hashvalues, dtype=np.uint32)


def packed(signature: Signature) -> bytes:
    return signature.astype("<u4").tobytes()


def unpacked(signatures: Sequence[bytes]) -> NDArray[np.uint32]:
    """Shape (n, PERMUTATIONS)."""
    return np.frombuffer(b"".join(signatures), "<u4").reshape(-1, PERMUTATIONS)


def shares(signature: Signature, others: NDArray[np.uint32]) -> NDArray[np.float64]:
    """The estimated Jaccard similarity to each of the others: (n,), 0 to 1."""
    return np.asarray((others == signature).mean(axis=1))

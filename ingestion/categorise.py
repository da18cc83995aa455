"""Passages → the category that they are nearest to. On-premises only, without a language model."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from inference import registry
from inference.protocols import Vectors

TITLE_SHARE = 0.5
"""What nearness of the title to a category counts beside that of the passages."""


@dataclass(frozen=True, slots=True)
class CategoryOption:
    """`examples` are texts of that category, or none."""

    name: str
    description: str
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Embedded:
    """A taxonomy of c categories: their descriptions, of shape (c, d), and for each its examples, of shape (e, d)."""

    descriptions: Vectors
    examples: tuple[Vectors | None, ...]


def nearest_category(title: str, vectors: Vectors, categories: Sequence[CategoryOption]) -> str:
    """The category that the passages, on average, and the title are nearest to; "" when there is none.

    Raises:
        ModelUnavailable: the embedder failed.
    """
    if not categories:
        return ""
    embedder = registry.embedder()
    taxonomy = _embedded(tuple(categories), embedder.fingerprint)
    total = _nearness(vectors, taxonomy).mean(axis=0)
    if title:
        total = total + TITLE_SHARE * _nearness(embedder.embed_passages([title]), taxonomy)[0]
    return categories[int(total.argmax())].name


def _nearness(vectors: Vectors, taxonomy: Embedded) -> npt.NDArray[np.float32]:
    """Shape (n, c): the cosine to the description, averaged with that to the nearest example where there are some.

    The average, and not the larger of both: one example that is like anything would draw all documents
    (docs/classification.md has the figures).
    """
    nearness = vectors @ taxonomy.descriptions.T
    for place, examples in enumerate(taxonomy.examples):
        if examples is not None:
            nearness[:, place] = (nearness[:, place] + (vectors @ examples.T).max(axis=1)) / 2
    return nearness


@lru_cache(maxsize=4)
def _embedded(categories: tuple[CategoryOption, ...], fingerprint: str) -> Embedded:
    """The taxonomy as this embedder sees it; an edited taxonomy is another key."""
    embed = registry.embedder().embed_passages
    return Embedded(
        embed([f"{each.name}: {each.description}" for each in categories]),
        tuple(embed(list(each.examples)) if each.examples else None for each in categories),
    )

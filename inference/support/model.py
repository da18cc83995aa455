"""Features → how likely it is that the sources say the claim, by a logistic regression.

`manage.py tune support` learns its weights.
"""

import json
import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from inference.support.compare import Features

FILE = Path(__file__).with_name("weights.json")


@dataclass(frozen=True, slots=True)
class Model:
    """`weights` are by the name of the feature."""

    intercept: float
    weights: Mapping[str, float]

    def score(self, features: Features) -> float:
        """0 to 1; .5 is even odds."""
        odds = self.intercept + sum(self.weights[name] * value for name, value in asdict(features).items())
        return 1 / (1 + math.exp(-odds))


@cache
def shipped() -> Model:
    return Model(**json.loads(FILE.read_text(encoding="utf-8")))


def keep(model: Model) -> None:
    """Puts it in the place of the one that ships."""
    FILE.write_text(json.dumps(asdict(model), indent=2) + "\n", encoding="utf-8")
    shipped.cache_clear()

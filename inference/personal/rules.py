"""What a rule is: a pattern that finds one kind, and how sure it is of it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import regex

from inference.personal.kinds import Finding, Kind

MODEL = 0.85
"""How sure Presidio is of what a named-entity model says; all scores are 0 to 1."""
CUED = 0.9
"""A word beside it says what it is: surer than the model, which often mistakes one kind of name for another."""
SHAPED = 0.95
"""Nothing else looks like it."""
NAMED = 1.0
"""It has the shape, and a word beside it says what it is."""


@dataclass(frozen=True, slots=True)
class Scored:
    finding: Finding
    score: float


@dataclass(frozen=True, slots=True)
class Rule:
    """The group “value” of the pattern is the finding, or all of it where there is no such group."""

    kind: Kind
    pattern: "regex.Pattern[str]"
    score: float
    holds: Callable[[str], bool] | None = None
    """Whether what was matched is one; a checksum."""

    def find(self, text: str) -> Iterator[Finding]:
        group = "value" if "value" in self.pattern.groupindex else 0
        for match in self.pattern.finditer(text):
            if self.holds is None or self.holds(match[group]):
                yield Finding(self.kind, *match.span(group))


def rule(kind: Kind, pattern: str, score: float, holds: Callable[[str], bool] | None = None) -> Rule:
    """With a verbose pattern, in which a blank is written `\\ ` or `[ ]`."""
    return Rule(kind, regex.compile(pattern, regex.VERBOSE | regex.MULTILINE), score, holds)

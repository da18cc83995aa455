"""What a look at one component finds."""

from dataclasses import dataclass
from typing import Self

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class State(TextChoices):
    """The worst first."""

    DOWN = "down", _("down")
    DOUBTFUL = "doubtful", _("needs a look")
    WORKS = "works", _("works")
    UNUSED = "unused", _("not used")


@dataclass(frozen=True, slots=True)
class Finding:
    """`advice` says what to do, and is empty where nothing is to be done."""

    state: State
    says: str
    advice: str = ""

    @classmethod
    def works(cls, says: str) -> Self:
        return cls(State.WORKS, says)

    @classmethod
    def down(cls, says: str, advice: str) -> Self:
        return cls(State.DOWN, says, advice)

    @classmethod
    def doubtful(cls, says: str, advice: str) -> Self:
        return cls(State.DOUBTFUL, says, advice)

    @classmethod
    def unused(cls, says: str) -> Self:
        return cls(State.UNUSED, says)


@dataclass(frozen=True, slots=True)
class Component:
    name: str
    finding: Finding

    @property
    def down(self) -> bool:
        return self.finding.state == State.DOWN

"""Personal data in a text."""

from inference.personal.engine import find_all, find_entities
from inference.personal.kinds import IDENTIFYING, PASSING, Finding, Kind, packed, unpacked
from inference.personal.patterns import PER_WORDS, density, find_personal, question_sensitivity

__all__ = [
    "IDENTIFYING",
    "PASSING",
    "PER_WORDS",
    "Finding",
    "Kind",
    "density",
    "find_all",
    "find_entities",
    "find_personal",
    "packed",
    "question_sensitivity",
    "unpacked",
]

"""How every component is, in words, and what to do about what is not well: each asked within a second."""

from kb.health.finding import Component, Finding, State
from kb.health.look import look

__all__ = ["Component", "Finding", "State", "look"]

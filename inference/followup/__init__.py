"""A question in a conversation → what it means by itself, and what was said before that bears on it.

All of it is rules in this process: nothing is sent, and no model is called.
"""

from inference.followup.relevance import relevant
from inference.followup.rewrite import Understood, understood

__all__ = ["Understood", "relevant", "understood"]

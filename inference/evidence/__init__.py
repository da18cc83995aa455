"""Whether what was found answers a question, and what is missing where it does not.

wanted (what is asked for) ─▶ signs (what speaks for each statement) ─▶ decision ─▶ missing
"""

from inference.evidence.suffices import contributes, suffices

__all__ = ["contributes", "suffices"]

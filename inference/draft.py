"""An answer while it is written: its text as it grows, in the database, for whoever follows it in whatever process.

The row is the meeting place. Each save asks at once whether the answer is still wanted: nobody has stopped it, claimed
it anew or deleted it, and somebody was seen to follow it not long ago.
"""

import time
from datetime import timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from inference.plan import Plan
from kb.models import Answer

EVERY = 0.25
"""Seconds between two saves, at least."""


class Draft:
    """The text of an answer that this process writes."""

    def __init__(self, answer: Answer):
        self._answer = answer
        self._text = ""
        self._due = 0.0

    def begin(self, plan: Plan) -> bool:
        """The text begins anew, with these sources. Whether the answer is still wanted."""
        self._text, self._due = "", 0.0
        listed = [[source.shown.marker, source.hit.chunk] for source in plan.packed]
        # Where it is made stands there from the first word on, also if this process does not live to the last.
        made = {"location": plan.location, "model": plan.model, "reason": plan.reason}
        return self._save(listed=listed, beginnings=F("beginnings") + 1, **made)

    def add(self, piece: str) -> bool:
        """Saves what has come by now if that is due. Whether the answer is still wanted, as far as is known."""
        self._text += piece
        now = time.monotonic()
        if now < self._due:
            return True
        self._due = now + EVERY
        return self._save()

    def _save(self, **fields: object) -> bool:
        lately = timezone.now() - timedelta(seconds=settings.UNFOLLOWED)
        wanted = self._answer.mine().filter(state=Answer.State.RUNNING, followed_at__gte=lately)
        return wanted.update(text=self._text, **fields) == 1

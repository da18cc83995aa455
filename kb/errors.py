"""Every error that Strongroom raises on purpose.

The message of each is a sentence that a person can act on: what failed, on what, and what to do.
"""

from datetime import UTC, datetime
from math import ceil


class StrongroomError(Exception):
    """The base of all of them; catch it where a flow meets a face."""


class Rejected(StrongroomError):
    """The input cannot be taken as it is; sending it again unchanged will not help."""


class Unreadable(Rejected):
    """A document could not be read: broken, encrypted, empty, or not what its name says."""


class ParserStopped(Rejected):
    """A parser ran over its limits of time, memory or output, or died of the file; the next run would too."""


class TooLarge(Rejected):
    """The input is over a limit that the administrator has set."""


class Damaged(Rejected):
    """What arrived is not what was sent; sending it again may help."""


class Denied(StrongroomError):
    """The person has no right to do this; say nothing of what was asked for."""


class ScopeMissing(Denied):
    """The key that somebody comes with is not for this."""


class TooMuch(StrongroomError):
    """More than is allowed at the moment; the same request may succeed after `again_at`."""

    def __init__(self, message: str, again_at: datetime) -> None:
        super().__init__(message)
        self.again_at = again_at

    @property
    def seconds(self) -> int:
        """To wait, at least one."""
        return max(1, ceil((self.again_at - datetime.now(UTC)).total_seconds()))


class TooManyRequests(TooMuch):
    """Over a rate."""


class BudgetSpent(TooMuch):
    """Over a budget of tokens or money."""


class Unavailable(StrongroomError):
    """Something that is needed is away or busy; the same request may succeed later."""


class NoRoom(Unavailable):
    """The disk is full, or cannot be written."""


class Busy(Unavailable):
    """Somebody else does this at the same moment."""


class OutOfStep(Unavailable):
    """The sender and we disagree on how far it has come; it asks, and goes on from there."""


class Gone(StrongroomError):
    """It was here, and is no longer."""


class Changed(StrongroomError):
    """Somebody has changed it since the person looked at it."""


class KeyReused(Rejected):
    """An idempotency key came before, with another request."""


class StillRunning(Busy):
    """The same request, by its idempotency key, is being answered at this moment."""


class ParserAway(Unavailable):
    """What starts the parsers ended, or the parser's answer was lost; the file may be sound."""


class ModelUnavailable(Unavailable):
    """A model's weights are missing, or the model failed."""


class PromptRefused(ModelUnavailable):
    """The model does not take this prompt; others it would."""


class IndexUnavailable(Unavailable):
    """The vector index could not be reached or opened."""


class RouteRefused(StrongroomError):
    """No model may read text of this sensitivity; nothing was sent."""

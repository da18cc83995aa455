"""The Python client of Strongroom's REST API.

    with Strongroom("https://strongroom.example.com", key) as strongroom:
        print(strongroom.ask("How many days of leave do I have?").answer)

`AsyncStrongroom` has the same methods to await. Each call acts as the person of the key. What fails is a `Problem`.
"""

from strongroom_client.asynchronous import AsyncStrongroom
from strongroom_client.problems import (
    Away,
    Conflict,
    Forbidden,
    NotFound,
    Problem,
    Refused,
    SignedOut,
    TooManyRequests,
    Unreachable,
)
from strongroom_client.replies import (
    Archive,
    Citation,
    Collection,
    Conversation,
    Document,
    Event,
    Finished,
    Hit,
    Key,
    Progress,
    Reply,
    Source,
    Sources,
    Token,
    Uploaded,
)
from strongroom_client.synchronous import Strongroom

__all__ = [
    "Archive",
    "AsyncStrongroom",
    "Away",
    "Citation",
    "Collection",
    "Conflict",
    "Conversation",
    "Document",
    "Event",
    "Finished",
    "Forbidden",
    "Hit",
    "Key",
    "NotFound",
    "Problem",
    "Progress",
    "Refused",
    "Reply",
    "SignedOut",
    "Source",
    "Sources",
    "Strongroom",
    "Token",
    "TooManyRequests",
    "Unreachable",
    "Uploaded",
]

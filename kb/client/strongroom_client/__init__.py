"""The Python client of Strongroom's REST API.

    with Strongroom("https://strongroom.example.com", key) as strongroom:
        print(strongroom.ask("How many days of leave do I have?").answer)

        print(strongroom.call(operations.GET_ME).username)
        for person in strongroom.each(operations.LIST_PEOPLE, state="suspended"):
            print(person.username)

`AsyncStrongroom` has the same methods to await. Each call acts as the person of the key. What fails is a `Problem`.
`operations` has all that the API can be asked. What has no class of its own here comes as the JSON that it is.
"""

from strongroom_client import operations
from strongroom_client.asynchronous import AsyncStrongroom
from strongroom_client.people import (
    Access,
    Allowance,
    CurrentKey,
    Group,
    GroupRow,
    HeldKey,
    Key,
    MadeKey,
    Me,
    Member,
    Person,
    SecondFactor,
    Service,
    Session,
    Used,
    Webhook,
)
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
    Answer,
    Archive,
    Citation,
    Collection,
    ConfirmedAnswer,
    Conversation,
    Document,
    Event,
    Finished,
    Hit,
    Progress,
    Reply,
    Share,
    Source,
    Sources,
    Survey,
    Token,
    Uploaded,
    Version,
)
from strongroom_client.synchronous import Strongroom
from strongroom_client.work import (
    BulkJob,
    Category,
    Job,
    LedgerRow,
    LiveJobs,
    Tag,
    Upload,
)

__all__ = [
    "Access",
    "Allowance",
    "Answer",
    "Archive",
    "AsyncStrongroom",
    "Away",
    "BulkJob",
    "Category",
    "Citation",
    "Collection",
    "ConfirmedAnswer",
    "Conflict",
    "Conversation",
    "CurrentKey",
    "Document",
    "Event",
    "Finished",
    "Forbidden",
    "Group",
    "GroupRow",
    "HeldKey",
    "Hit",
    "Job",
    "Key",
    "LedgerRow",
    "LiveJobs",
    "MadeKey",
    "Me",
    "Member",
    "NotFound",
    "Person",
    "Problem",
    "Progress",
    "Refused",
    "Reply",
    "SecondFactor",
    "Service",
    "Session",
    "Share",
    "SignedOut",
    "Source",
    "Sources",
    "Strongroom",
    "Survey",
    "Tag",
    "Token",
    "TooManyRequests",
    "Unreachable",
    "Upload",
    "Uploaded",
    "Used",
    "Version",
    "Webhook",
    "operations",
]

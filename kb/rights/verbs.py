"""The table itself: what somebody can be to a thing, what can be done, and who may do it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, Flag, StrEnum, auto
from functools import cache


class Role(Flag):
    """What somebody is to the thing that he asks for. `Role.EDITOR | Role.ADMINISTRATOR` is both at once."""

    ANYONE = auto()
    PERSON = auto()
    READER = auto()
    EDITOR = auto()
    OWNER = auto()
    COLLEAGUE = auto()
    ADMINISTRATOR = auto()
    MONITOR = auto()

    @property
    def words(self) -> str:
        """“editor and administrator”."""
        return " and ".join(str(role.name).lower() for role in self)


ROLES: Mapping[Role, str] = {
    Role.ANYONE: "whoever reaches the address, without signing in",
    Role.PERSON: "has an account that is active",
    Role.READER: "is named by the collection, or through a group, and is cleared for the label",
    Role.EDITOR: "is a reader who may also add to the collection and change what stands in it",
    Role.OWNER: "brought the document in, or it is his conversation, upload, search, set or key",
    Role.COLLEAGUE: "is whom the owner of a conversation shares it with",
    Role.ADMINISTRATOR: "runs the house; that alone lets nobody read a document",
    Role.MONITOR: "is a program on this machine, or one that sends the token for monitoring",
}

INCLUDES: Mapping[Role, Role] = {
    Role.PERSON: Role.ANYONE,
    Role.READER: Role.PERSON,
    Role.EDITOR: Role.READER,
    Role.OWNER: Role.PERSON,
    Role.COLLEAGUE: Role.PERSON,
    Role.ADMINISTRATOR: Role.PERSON,
}
"""What somebody is besides. A role that is not named here includes no other."""


@cache
def included(role: Role) -> Role:
    """The roles with all that they include."""
    held = role
    for each in role:
        held |= included(INCLUDES[each]) if each in INCLUDES else each
    return held


class Scope(StrEnum):
    """What a key is good for. It never allows more than its person may do."""

    READ = "read"
    ASK = "ask"
    WRITE = "write"
    SHARE = "share"
    ADMINISTER = "administer"
    AUDIT = "audit"


class Place(Enum):
    """Where a role stands in the row of a verb."""

    ENOUGH = "yes"
    TOGETHER = "together"
    """It takes another role besides."""
    OUTSIDE = "no"


@dataclass(frozen=True, slots=True)
class Verb:
    """Any of `roles` may do it. `scope` is what a key needs; None says that no key will do, only a session."""

    does: str
    roles: frozenset[Role]
    scope: Scope | None
    any_key: bool = False
    """Whether any key will do, whatever its scopes."""

    def allows(self, held: Role) -> bool:
        """Whether somebody who is all of `held` may do it. A thing of which nothing is named counts as his own."""
        held = included(held)
        return any(role in held for role in self.roles)

    def place_of(self, role: Role) -> Place:
        if self.allows(role):
            return Place.ENOUGH
        return Place.TOGETHER if any(role in needed for needed in self.roles) else Place.OUTSIDE


def _verb(does: str, scope: Scope | None, *roles: Role) -> Verb:
    return Verb(does, frozenset(roles), scope)


VERBS: Mapping[str, Verb] = {
    "arrive": _verb("sign in and out, choose a password, choose light or dark", None, Role.ANYONE),
    "look up": _verb("see that the portal runs, and how its API is described", None, Role.ANYONE),
    "monitor": _verb("read /metrics", None, Role.MONITOR),
    # Documents
    "read": _verb("list and read documents and collections", Scope.READ, Role.READER),
    "inspect": _verb("look at a collection", Scope.READ, Role.READER, Role.ADMINISTRATOR),
    "search": _verb("find passages, and keep one's searches", Scope.READ, Role.READER),
    "follow": _verb("follow a document that one has brought in", Scope.READ, Role.OWNER, Role.READER),
    "track": _verb("follow one's own archives, files under way and bulk jobs", Scope.READ, Role.OWNER),
    "watch": _verb("follow uploads", Scope.READ, Role.OWNER, Role.ADMINISTRATOR),
    "upload": _verb("bring in documents", Scope.WRITE, Role.EDITOR),
    "send": _verb("send and drop the files of one's own upload", Scope.WRITE, Role.OWNER),
    "attend": _verb(
        "follow an upload, and send again what failed of it", Scope.WRITE, Role.OWNER, Role.ADMINISTRATOR
    ),
    "edit": _verb(
        "tag, label, move, mend, revise, retry and delete documents, and say until when they are valid",
        Scope.WRITE,
        Role.EDITOR,
    ),
    "explain": _verb(
        "see who can read a document, and why", Scope.WRITE, Role.EDITOR, Role.READER | Role.ADMINISTRATOR
    ),
    "share": _verb(
        "see who reads and who edits a collection, open and close it, hand over what one owns there",
        Scope.SHARE,
        Role.EDITOR,
        Role.ADMINISTRATOR,
    ),
    "bulk": _verb(
        "have one thing done with many documents, each by its own rule; ask how files are sent",
        Scope.WRITE,
        Role.PERSON,
    ),
    "acknowledge": _verb("say that one knows who broke the glass", None, Role.OWNER),
    # Questions
    "ask": _verb("ask questions, and see what would be sent", Scope.ASK, Role.PERSON),
    "summarise": _verb("have all of a document summed up", Scope.ASK, Role.READER),
    "recall": _verb("read and export one's own conversations", Scope.ASK, Role.OWNER),
    "continue": _verb(
        "follow up, stop an answer or have it written again, agree to a cost", Scope.ASK, Role.OWNER
    ),
    "arrange": _verb(
        "rename, share and delete one's conversations and saved searches", Scope.ASK, Role.OWNER
    ),
    "judge": _verb("say whether an answer or a citation is any good", Scope.ASK, Role.OWNER),
    "revisit": _verb(
        "read a conversation of one's own, or one that a colleague shares",
        Scope.ASK,
        Role.OWNER,
        Role.COLLEAGUE,
    ),
    "read along": _verb("read what a colleague shares, as far as one may see it", Scope.ASK, Role.COLLEAGUE),
    "resolve": _verb("answer complaints about one's documents", Scope.WRITE, Role.EDITOR, Role.OWNER),
    "embed": _verb("have text of one's own embedded", Scope.ASK, Role.PERSON),
    # One's own account
    "introduce": Verb(
        "see who one is, and what one's key may do", frozenset({Role.PERSON}), None, any_key=True
    ),
    "secure": _verb("keep one's password, second factor and sessions", None, Role.OWNER),
    "keys": _verb("make, replace and revoke one's keys", None, Role.OWNER),
    "hooks": _verb("look at one's webhooks and what was sent to them", Scope.READ, Role.OWNER),
    "hook": _verb("have one's own addresses told of events", Scope.WRITE, Role.OWNER),
    "tend": _verb(
        "look at webhooks, switch them off and delete them; revoke keys",
        None,
        Role.OWNER,
        Role.ADMINISTRATOR,
    ),
    # The house
    "administer": _verb(
        "manage people, groups, collections, categories and tags", Scope.ADMINISTER, Role.ADMINISTRATOR
    ),
    "admit": _verb(
        "make a link that lets somebody choose a password, remove his second factors",
        None,
        Role.ADMINISTRATOR,
    ),
    "service-keys": _verb("make keys for services", None, Role.ADMINISTRATOR),
    "rule": _verb("set the labels of a collection", Scope.ADMINISTER, Role.EDITOR | Role.ADMINISTRATOR),
    "review": _verb(
        "decide labels that wait, of documents that one may change", Scope.ADMINISTER, Role.ADMINISTRATOR
    ),
    "settle": _verb(
        "have a document read by another parser, say that what is suspicious of it is harmless",
        Scope.ADMINISTER,
        Role.EDITOR | Role.ADMINISTRATOR,
    ),
    "examine": _verb(
        "see whether and why somebody sees a document that one may read",
        Scope.ADMINISTER,
        Role.READER | Role.ADMINISTRATOR,
    ),
    "steer": _verb(
        "set aside, put back and reorder a document on its way",
        Scope.ADMINISTER,
        Role.READER | Role.ADMINISTRATOR,
    ),
    "oversee": _verb(
        "see numbers, health and ingestion; pause, order and repeat it", Scope.ADMINISTER, Role.ADMINISTRATOR
    ),
    "route": _verb("decide which labels may leave the building", Scope.ADMINISTER, Role.ADMINISTRATOR),
    "audit": _verb("read and verify what left the building", Scope.AUDIT, Role.ADMINISTRATOR),
    "reveal": _verb("break the glass of a document, with a reason", None, Role.ADMINISTRATOR),
    "close": _verb(
        "close again what one has opened by breaking the glass", None, Role.OWNER | Role.ADMINISTRATOR
    ),
    "evaluate": _verb(
        "measure search and answers with one's own golden questions",
        Scope.ADMINISTER,
        Role.OWNER | Role.ADMINISTRATOR,
    ),
}

"""Who may do what: one table of verbs, and the verb of every address.

A verb says which roles may do it and which scope a key needs for it. An address that has no verb here is
answered to nobody who comes with a key.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the thing that he asks for. Each role but the first needs an active account."""

    ANYONE = "anyone"
    PERSON = "person"
    READER = "reader"
    """Of the document's collection, with the clearance for it."""
    EDITOR = "editor"
    """A reader who may also add to the collection."""
    OWNER = "owner"
    """Of the document, or whose conversation, upload or key it is."""
    ADMINISTRATOR = "administrator"
    """Runs the house. That alone lets nobody read a document."""


class Scope(StrEnum):
    """What a key is good for. It never allows more than its person may do."""

    READ = "read"
    ASK = "ask"
    WRITE = "write"
    ADMINISTER = "administer"
    AUDIT = "audit"


@dataclass(frozen=True, slots=True)
class Verb:
    """`scope` is what a key needs; None says that no key will do, only a session, unless `any_key` says that any
    key will."""

    does: str
    roles: frozenset[Role]
    scope: Scope | None
    any_key: bool = False


def _verb(does: str, scope: Scope | None, *roles: Role) -> Verb:
    return Verb(does, frozenset(roles), scope)


VERBS: Mapping[str, Verb] = {
    "read": _verb("list and read documents and collections", Scope.READ, Role.READER),
    "search": _verb("find passages", Scope.READ, Role.READER),
    "ask": _verb("ask questions and go on with one's conversations", Scope.ASK, Role.PERSON),
    "embed": _verb("have text of one's own embedded", Scope.ASK, Role.PERSON),
    "upload": _verb("bring in documents", Scope.WRITE, Role.EDITOR),
    "follow": _verb("follow what one has brought in", Scope.READ, Role.OWNER, Role.READER),
    "hooks": _verb("look at one's webhooks and what was sent to them", Scope.READ, Role.OWNER),
    "hook": _verb("have one's own addresses told of events", Scope.WRITE, Role.PERSON),
    "edit": _verb(
        "tag, retry and delete documents, and say until when they are valid",
        Scope.WRITE,
        Role.EDITOR,
        Role.OWNER,
    ),
    "current-key": Verb("see what the key in use may do", frozenset({Role.PERSON}), None, any_key=True),
    "keys": _verb("make, replace and revoke one's keys", None, Role.OWNER),
    "services": _verb("add services, and see them and their keys", Scope.ADMINISTER, Role.ADMINISTRATOR),
    "service-keys": _verb("make keys for services", None, Role.ADMINISTRATOR),
}

OPERATIONS: Mapping[str, str] = {
    "listDocuments": "read",
    "getDocument": "read",
    "getDocumentStatus": "follow",
    "getArchive": "follow",
    "listCollections": "read",
    "search": "search",
    "ask": "ask",
    "preview": "ask",
    "uploadDocument": "upload",
    "retryDocument": "edit",
    "tagDocument": "edit",
    "deleteDocument": "edit",
    "setValidity": "edit",
    "listWebhooks": "hooks",
    "getWebhook": "hooks",
    "listDeliveries": "hooks",
    "addWebhook": "hook",
    "switchWebhook": "hook",
    "deleteWebhook": "hook",
    "rotateWebhook": "hook",
    "pingWebhook": "hook",
    "redeliver": "hook",
    "listModels": "read",
    "getModel": "read",
    "createChatCompletion": "ask",
    "createEmbedding": "embed",
    "getCurrentKey": "current-key",
    "listKeys": "keys",
    "makeKey": "keys",
    "rotateKey": "keys",
    "revokeKey": "keys",
    "listServices": "services",
    "addService": "services",
    "listServiceKeys": "services",
    "makeServiceKey": "service-keys",
}
"""The verb of each operation of the API and of the OpenAI-compatible endpoint, by its operationId."""

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
    """`scope` is what a key needs; None says that no key will do, only a session."""

    does: str
    roles: frozenset[Role]
    scope: Scope | None


def _verb(does: str, scope: Scope | None, *roles: Role) -> Verb:
    return Verb(does, frozenset(roles), scope)


VERBS: Mapping[str, Verb] = {
    "read": _verb("list and read documents and collections", Scope.READ, Role.READER),
    "search": _verb("find passages", Scope.READ, Role.READER),
    "ask": _verb("ask questions and go on with one's conversations", Scope.ASK, Role.PERSON),
    "upload": _verb("bring in documents", Scope.WRITE, Role.EDITOR),
    "follow": _verb("follow what one has brought in", Scope.READ, Role.OWNER, Role.READER),
    "edit": _verb("tag, label, move, mend, retry and delete documents", Scope.WRITE, Role.EDITOR, Role.OWNER),
    "explain": _verb("see who can see a document, and why", Scope.READ, Role.EDITOR, Role.ADMINISTRATOR),
    "steer": _verb("say what is read first, and set it aside", Scope.ADMINISTER, Role.ADMINISTRATOR),
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
    "countDocuments": "read",
    "labelDocument": "edit",
    "moveDocument": "edit",
    "listParsers": "read",
    "parseDocument": "edit",
    "cancelDocument": "steer",
    "putBackDocument": "steer",
    "prioritiseDocument": "steer",
    "listReaders": "explain",
    "listVersions": "read",
    "addVersion": "upload",
    "downloadDocument": "read",
    "downloadVersion": "read",
    "listLikenesses": "read",
    "answerLikeness": "edit",
    "takeBackLikeness": "edit",
    "listChunks": "read",
    "getChunk": "read",
    "editChunk": "edit",
    "splitChunk": "edit",
    "mergeChunk": "edit",
    "embedChunk": "edit",
    "undoChunks": "edit",
    "beginBulkJob": "edit",
    "listBulkJobs": "follow",
    "getBulkJob": "follow",
    "listBulkOutcomes": "follow",
    "beginUpload": "upload",
    "listUploads": "follow",
    "getUpload": "follow",
    "listUploadDocuments": "follow",
    "listUploadRefusals": "follow",
    "checkKnownFile": "upload",
    "retryUpload": "edit",
    "prioritiseUpload": "steer",
    "describeTus": "upload",
    "announceFile": "upload",
    "getFileOffset": "follow",
    "sendPart": "upload",
    "dropFile": "upload",
}
"""The verb of each operation of the API, by its operationId."""

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
    "converse": _verb("read, share and judge one's conversations, keep searches", Scope.ASK, Role.OWNER),
    "resolve": _verb("see to complaints about documents", Scope.WRITE, Role.EDITOR, Role.OWNER),
    "embed": _verb("have text of one's own embedded", Scope.ASK, Role.PERSON),
    "upload": _verb("bring in documents", Scope.WRITE, Role.EDITOR),
    "follow": _verb("follow what one has brought in", Scope.READ, Role.OWNER, Role.READER),
    "hooks": _verb("look at one's webhooks and what was sent to them", Scope.READ, Role.OWNER),
    "hook": _verb("have one's own addresses told of events", Scope.WRITE, Role.PERSON),
    "edit": _verb(
        "tag, label, move, mend, retry and delete documents, and say until when they are valid",
        Scope.WRITE,
        Role.EDITOR,
        Role.OWNER,
    ),
    "explain": _verb("see who can see a document, and why", Scope.READ, Role.EDITOR, Role.ADMINISTRATOR),
    "steer": _verb("say what is read first, and set it aside", Scope.ADMINISTER, Role.ADMINISTRATOR),
    "introduce": _verb("say who one is", Scope.READ, Role.PERSON),
    "current-key": Verb("see what the key in use may do", frozenset({Role.PERSON}), None, any_key=True),
    "keys": _verb("make, replace and revoke one's keys", None, Role.OWNER),
    "services": _verb("add services, and see them and their keys", Scope.ADMINISTER, Role.ADMINISTRATOR),
    "service-keys": _verb("make keys for services", None, Role.ADMINISTRATOR),
    "administer": _verb(
        "keep people, collections, categories, ingestion and quality", Scope.ADMINISTER, Role.ADMINISTRATOR
    ),
    "label": _verb("decide labels that wait, clear suspicious texts", Scope.ADMINISTER, Role.ADMINISTRATOR),
    "audit": _verb("read the ledger, and what may leave and has left", Scope.AUDIT, Role.ADMINISTRATOR),
    "route": _verb("decide what may leave", Scope.ADMINISTER, Role.ADMINISTRATOR),
    "reveal": _verb(
        "open a document that one may not read, and read what was sent", None, Role.ADMINISTRATOR
    ),
    "admit": _verb("make a link that lets somebody choose a password", None, Role.ADMINISTRATOR),
}

OPERATIONS: Mapping[str, str] = {
    "listDocuments": "read",
    "getDocument": "read",
    "getDocumentStatus": "follow",
    "getArchive": "follow",
    "listCollections": "read",
    "getCollection": "read",
    "createCollection": "administer",
    "changeCollection": "administer",
    "setCollectionRules": "administer",
    "listAccess": "administer",
    "giveAccess": "administer",
    "withdrawAccess": "administer",
    "handOverCollection": "administer",
    "deleteCollection": "administer",
    "getMe": "introduce",
    "linkPerson": "admit",
    "listPeople": "administer",
    "getPerson": "administer",
    "createPerson": "administer",
    "changePerson": "administer",
    "suspendPerson": "administer",
    "reactivatePerson": "administer",
    "handOverPerson": "administer",
    "deletePerson": "administer",
    "importPeople": "administer",
    "listPersonCollections": "administer",
    "explainAccess": "administer",
    "listGroups": "administer",
    "getGroup": "administer",
    "createGroup": "administer",
    "renameGroup": "administer",
    "joinGroup": "administer",
    "leaveGroup": "administer",
    "deleteGroup": "administer",
    "listLedger": "audit",
    "sumLedger": "audit",
    "exportLedger": "audit",
    "verifyLedger": "audit",
    "getLedgerHead": "audit",
    "getLedgerRow": "audit",
    "getBoundary": "audit",
    "getRoutes": "audit",
    "decideRoutes": "route",
    "readPayload": "reveal",
    "listReveals": "reveal",
    "beginReveal": "reveal",
    "endReveal": "reveal",
    "listRevealNotices": "follow",
    "acknowledgeReveal": "edit",
    "listGoldenSets": "administer",
    "getGoldenSet": "administer",
    "createGoldenSet": "administer",
    "addGoldenQuestion": "administer",
    "deleteGoldenSet": "administer",
    "listRuns": "administer",
    "beginRun": "administer",
    "acceptRun": "administer",
    "listGaps": "administer",
    "getNumbers": "administer",
    "getHealth": "administer",
    "listSources": "administer",
    "listReview": "label",
    "decideReview": "label",
    "undoReview": "label",
    "listSuspicious": "label",
    "clearSuspicious": "label",
    "listTags": "administer",
    "renameTag": "administer",
    "removeTag": "administer",
    "listCategories": "administer",
    "getCategory": "administer",
    "createCategory": "administer",
    "changeCategory": "administer",
    "dissolveCategory": "administer",
    "addExample": "administer",
    "deleteExample": "administer",
    "listJobs": "administer",
    "getLiveJobs": "administer",
    "getJob": "administer",
    "pauseJobs": "administer",
    "resumeJobs": "administer",
    "actOnJobs": "administer",
    "readAgain": "administer",
    "search": "search",
    "ask": "ask",
    "preview": "ask",
    "listConversations": "converse",
    "listSharedConversations": "converse",
    "getConversation": "converse",
    "renameConversation": "converse",
    "exportConversation": "converse",
    "shareConversation": "converse",
    "unshareConversation": "converse",
    "deleteConversation": "converse",
    "getAnswer": "converse",
    "stopAnswer": "converse",
    "getSurvey": "converse",
    "judgeAnswer": "converse",
    "unjudgeAnswer": "converse",
    "judgeCitation": "converse",
    "unjudgeCitation": "converse",
    "listSavedSearches": "converse",
    "saveSearch": "converse",
    "deleteSearch": "converse",
    "listRecentSearches": "converse",
    "forgetSearches": "converse",
    "retryAnswer": "ask",
    "beginSurvey": "ask",
    "confirmSurvey": "ask",
    "listComplaints": "resolve",
    "resolveComplaint": "resolve",
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
"""The verb of each operation of the API and of the OpenAI-compatible endpoint, by its operationId."""

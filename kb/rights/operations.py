"""The verb of each operation of the API, by its operationId."""

from collections.abc import Mapping

OPERATIONS: Mapping[str, str] = {
    # documents, archives
    "listDocuments": "read",
    "getDocument": "read",
    "getDocumentStatus": "follow",
    "uploadDocument": "upload",
    "retryDocument": "edit",
    "tagDocument": "edit",
    "deleteDocument": "edit",
    "getArchive": "send",
    # collections
    "listCollections": "read",
    # search, answers
    "search": "search",
    "ask": "ask",
    "preview": "ask",
}

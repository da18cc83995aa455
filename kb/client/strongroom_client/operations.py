"""Every operation of the API under its name there: `getMe` is `GET_ME`."""

from http import HTTPStatus

import httpx

from strongroom_client.calls import Listing, Operation, as_it_is, content, nothing, one, rows, text
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
    Person,
    SecondFactor,
    Service,
    Session,
    Webhook,
)
from strongroom_client.replies import (
    Answer,
    Archive,
    Chunk,
    Collection,
    ConfirmedAnswer,
    Conversation,
    Document,
    Hit,
    Progress,
    Reply,
    Share,
    Survey,
    Uploaded,
    Version,
)
from strongroom_client.work import (
    BulkJob,
    Category,
    Job,
    LedgerRow,
    LiveJobs,
    Tag,
    Upload,
)


def uploaded_in(response: httpx.Response) -> Uploaded:
    if response.status_code == HTTPStatus.ACCEPTED:
        return Uploaded(new=True, document=None, archive=Archive.of(response.json()))
    new = response.status_code == HTTPStatus.CREATED
    return Uploaded(new=new, document=Document.of(response.json()), archive=None)


# --- Documents --------------------------------------------------------------------------------------------

UPLOAD_DOCUMENT = Operation("POST", "/documents", uploaded_in)
LIST_DOCUMENTS = Listing("/documents", Document.of)
COUNT_DOCUMENTS = Operation("GET", "/documents/count", one(as_it_is))
GET_DOCUMENT = Operation("GET", "/documents/{document_id}", one(Document.of))
DELETE_DOCUMENT = Operation("DELETE", "/documents/{document_id}", nothing)
GET_DOCUMENT_STATUS = Operation("GET", "/documents/{document_id}/status", one(Progress.of))
RETRY_DOCUMENT = Operation("POST", "/documents/{document_id}/retry", one(Progress.of))
TAG_DOCUMENT = Operation("PUT", "/documents/{document_id}/tags", one(Document.of))
LABEL_DOCUMENT = Operation("PUT", "/documents/{document_id}/label", one(Document.of))
MOVE_DOCUMENT = Operation("PUT", "/documents/{document_id}/collection", one(Document.of))
LIST_PARSERS = Listing("/documents/{document_id}/parsers", as_it_is)
PARSE_DOCUMENT = Operation("POST", "/documents/{document_id}/parse", one(Progress.of))
CANCEL_DOCUMENT = Operation("POST", "/documents/{document_id}/cancel", one(Progress.of))
PUT_BACK_DOCUMENT = Operation("POST", "/documents/{document_id}/put-back", one(Progress.of))
PRIORITISE_DOCUMENT = Operation("PUT", "/documents/{document_id}/priority", one(Progress.of))
SET_VALIDITY = Operation("PUT", "/documents/{document_id}/validity", one(Document.of))
LIST_READERS = Listing("/documents/{document_id}/readers", as_it_is)
GET_ARCHIVE = Operation("GET", "/archives/{archive_id}", one(Archive.of))

# --- Versions ---------------------------------------------------------------------------------------------

LIST_VERSIONS = Listing("/documents/{document_id}/versions", Version.of)
ADD_VERSION = Operation("POST", "/documents/{document_id}/versions", one(Version.of))
DOWNLOAD_DOCUMENT = Operation("GET", "/documents/{document_id}/file", content)
DOWNLOAD_VERSION = Operation("GET", "/documents/{document_id}/versions/{version_id}/file", content)
LIST_LIKENESSES = Listing("/likenesses", as_it_is)
ANSWER_LIKENESS = Operation("PUT", "/documents/{document_id}/likeness", nothing)
TAKE_BACK_LIKENESS = Operation("DELETE", "/documents/{document_id}/likeness", nothing)

# --- Chunks -----------------------------------------------------------------------------------------------

LIST_CHUNKS = Listing("/documents/{document_id}/chunks", Chunk.of)
GET_CHUNK = Operation("GET", "/documents/{document_id}/chunks/{chunk_id}", one(Chunk.of))
EDIT_CHUNK = Operation("PATCH", "/documents/{document_id}/chunks/{chunk_id}", one(Chunk.of))
SPLIT_CHUNK = Operation("POST", "/documents/{document_id}/chunks/{chunk_id}/split", rows(Chunk.of))
MERGE_CHUNK = Operation("POST", "/documents/{document_id}/chunks/{chunk_id}/merge", rows(Chunk.of))
EMBED_CHUNK = Operation("POST", "/documents/{document_id}/chunks/{chunk_id}/embed", one(Chunk.of))
UNDO_CHUNKS = Operation("POST", "/documents/{document_id}/chunks/undo", rows(Chunk.of))

# --- Bulk jobs --------------------------------------------------------------------------------------------

BEGIN_BULK_JOB = Operation("POST", "/documents/bulk", one(BulkJob.of))
LIST_BULK_JOBS = Listing("/bulk-jobs", BulkJob.of)
GET_BULK_JOB = Operation("GET", "/bulk-jobs/{job_id}", one(BulkJob.of))
LIST_BULK_OUTCOMES = Listing("/bulk-jobs/{job_id}/documents", as_it_is)

# --- Uploads ----------------------------------------------------------------------------------------------

BEGIN_UPLOAD = Operation("POST", "/uploads", one(Upload.of))
LIST_UPLOADS = Listing("/uploads", Upload.of)
GET_UPLOAD = Operation("GET", "/uploads/{upload_id}", one(Upload.of))
LIST_UPLOAD_DOCUMENTS = Listing("/uploads/{upload_id}/documents", as_it_is)
LIST_UPLOAD_REFUSALS = Listing("/uploads/{upload_id}/not-taken", as_it_is)
CHECK_KNOWN_FILE = Operation("POST", "/uploads/{upload_id}/known", one(as_it_is))
RETRY_UPLOAD = Operation("POST", "/uploads/{upload_id}/retry", one(as_it_is))
PRIORITISE_UPLOAD = Operation("PUT", "/uploads/{upload_id}/priority", one(Upload.of))

# --- Search -----------------------------------------------------------------------------------------------

SEARCH = Listing("/search", Hit.of)
LIST_SAVED_SEARCHES = Listing("/searches", as_it_is)
SAVE_SEARCH = Operation("POST", "/searches", one(as_it_is))
DELETE_SEARCH = Operation("DELETE", "/searches/{search_id}", nothing)
LIST_RECENT_SEARCHES = Listing("/searches/recent", as_it_is)
FORGET_SEARCHES = Operation("DELETE", "/searches/recent", nothing)

# --- Answers ----------------------------------------------------------------------------------------------

ASK = Operation("POST", "/ask", one(Reply.of))
PREVIEW = Operation("POST", "/ask/preview", one(as_it_is))
GET_ANSWER = Operation("GET", "/answers/{answer_id}", one(Answer.of))
STOP_ANSWER = Operation("POST", "/answers/{answer_id}/stop", one(Answer.of))
RETRY_ANSWER = Operation("POST", "/answers/{answer_id}/retry", one(Reply.of))
BEGIN_SURVEY = Operation("POST", "/answers/{answer_id}/survey", one(Survey.of))
GET_SURVEY = Operation("GET", "/answers/{answer_id}/survey", one(Survey.of))
SUMMARISE_DOCUMENT = Operation("POST", "/documents/{document_id}/summary", one(Survey.of))
CONFIRM_SURVEY = Operation("POST", "/answers/{answer_id}/survey/confirm", one(Survey.of))

# --- Conversations ----------------------------------------------------------------------------------------

LIST_CONVERSATIONS = Listing("/conversations", Conversation.of)
LIST_SHARED_CONVERSATIONS = Listing("/conversations/shared", Conversation.of)
GET_CONVERSATION = Operation("GET", "/conversations/{conversation_id}", one(as_it_is))
RENAME_CONVERSATION = Operation("PATCH", "/conversations/{conversation_id}", one(Conversation.of))
DELETE_CONVERSATION = Operation("DELETE", "/conversations/{conversation_id}", nothing)
EXPORT_CONVERSATION = Operation("GET", "/conversations/{conversation_id}/export", text)
SHARE_CONVERSATION = Operation("POST", "/conversations/{conversation_id}/shares", one(Share.of))
UNSHARE_CONVERSATION = Operation("DELETE", "/conversations/{conversation_id}/shares/{share_id}", nothing)

# --- Feedback ---------------------------------------------------------------------------------------------

JUDGE_ANSWER = Operation("PUT", "/answers/{answer_id}/feedback", nothing)
UNJUDGE_ANSWER = Operation("DELETE", "/answers/{answer_id}/feedback", nothing)
JUDGE_CITATION = Operation("PUT", "/answers/{answer_id}/citations/{marker}/feedback", nothing)
UNJUDGE_CITATION = Operation("DELETE", "/answers/{answer_id}/citations/{marker}/feedback", nothing)
LIST_COMPLAINTS = Listing("/complaints", as_it_is)
RESOLVE_COMPLAINT = Operation("POST", "/complaints/{complaint_id}/resolve", nothing)

# --- Collections ------------------------------------------------------------------------------------------

LIST_COLLECTIONS = Listing("/collections", Collection.of)
CREATE_COLLECTION = Operation("POST", "/collections", one(Collection.of))
GET_COLLECTION = Operation("GET", "/collections/{collection_id}", one(Collection.of))
CHANGE_COLLECTION = Operation("PATCH", "/collections/{collection_id}", one(Collection.of))
DELETE_COLLECTION = Operation("DELETE", "/collections/{collection_id}", nothing)
SET_COLLECTION_RULES = Operation("PUT", "/collections/{collection_id}/rules", one(as_it_is))
LIST_ACCESS = Listing("/collections/{collection_id}/access", Access.of)
SHARE_COLLECTION = Operation("POST", "/collections/{collection_id}/access", rows(Access.of))
GIVE_ACCESS = Operation("PUT", "/collections/{collection_id}/access/{kind}/{holder_id}", rows(Access.of))
WITHDRAW_ACCESS = Operation("DELETE", "/collections/{collection_id}/access/{kind}/{holder_id}", nothing)
HAND_OVER_COLLECTION = Operation("POST", "/collections/{collection_id}/hand-over", one(as_it_is))

# --- People -----------------------------------------------------------------------------------------------

GET_ME = Operation("GET", "/me", one(Me.of))
LIST_PEOPLE = Listing("/people", Person.of)
CREATE_PERSON = Operation("POST", "/people", one(Person.of))
GET_PERSON = Operation("GET", "/people/{person_id}", one(Person.of))
CHANGE_PERSON = Operation("PATCH", "/people/{person_id}", one(Person.of))
DELETE_PERSON = Operation("DELETE", "/people/{person_id}", nothing)
SUSPEND_PERSON = Operation("POST", "/people/{person_id}/suspend", one(Person.of))
REACTIVATE_PERSON = Operation("POST", "/people/{person_id}/reactivate", one(Person.of))
LINK_PERSON = Operation("POST", "/people/{person_id}/link", one(as_it_is))
END_PERSON_SESSIONS = Operation("DELETE", "/people/{person_id}/sessions", nothing)
DROP_SECOND_FACTORS = Operation("DELETE", "/people/{person_id}/second-factors", nothing)
HAND_OVER_PERSON = Operation("POST", "/people/{person_id}/hand-over", one(as_it_is))
IMPORT_PEOPLE = Operation("POST", "/people/import", rows(as_it_is))
LIST_PERSON_COLLECTIONS = Listing("/people/{person_id}/collections", as_it_is)
EXPLAIN_ACCESS = Operation("GET", "/people/{person_id}/documents/{document_id}", one(as_it_is))
LIST_GROUPS = Listing("/groups", GroupRow.of)
CREATE_GROUP = Operation("POST", "/groups", one(Group.of))
GET_GROUP = Operation("GET", "/groups/{group_id}", one(Group.of))
RENAME_GROUP = Operation("PATCH", "/groups/{group_id}", one(Group.of))
DELETE_GROUP = Operation("DELETE", "/groups/{group_id}", nothing)
JOIN_GROUP = Operation("PUT", "/groups/{group_id}/members/{person_id}", one(Group.of))
LEAVE_GROUP = Operation("DELETE", "/groups/{group_id}/members/{person_id}", nothing)

# --- Account ----------------------------------------------------------------------------------------------

LIST_SESSIONS = Listing("/me/sessions", Session.of)
END_OTHER_SESSIONS = Operation("DELETE", "/me/sessions", nothing)
END_SESSION = Operation("DELETE", "/me/sessions/{session_id}", nothing)
LIST_SECOND_FACTORS = Listing("/me/second-factors", SecondFactor.of)
REMOVE_SECOND_FACTOR = Operation("DELETE", "/me/second-factors/{factor_id}", nothing)

# --- Keys -------------------------------------------------------------------------------------------------

GET_CURRENT_KEY = Operation("GET", "/keys/current", one(CurrentKey.of))
LIST_KEYS = Listing("/keys", Key.of)
MAKE_KEY = Operation("POST", "/keys", one(MadeKey.of))
ROTATE_KEY = Operation("POST", "/keys/{public_id}/rotate", one(MadeKey.of))
REVOKE_KEY = Operation("DELETE", "/keys/{public_id}", nothing)
LIST_ALL_KEYS = Listing("/all-keys", HeldKey.of)
LIST_SERVICES = Listing("/services", Service.of)
ADD_SERVICE = Operation("POST", "/services", one(Service.of))
LIST_SERVICE_KEYS = Listing("/services/{service_id}/keys", Key.of)
MAKE_SERVICE_KEY = Operation("POST", "/services/{service_id}/keys", one(MadeKey.of))

# --- Limits -----------------------------------------------------------------------------------------------

LIST_ALLOWANCES = Listing("/allowances", Allowance.of)
GET_ALLOWANCE = Operation("GET", "/allowances/{kind}/{holder}", one(Allowance.of))
SET_ALLOWANCE = Operation("PUT", "/allowances/{kind}/{holder}", one(Allowance.of))
LIFT_ALLOWANCE = Operation("DELETE", "/allowances/{kind}/{holder}", nothing)

# --- Webhooks ---------------------------------------------------------------------------------------------

LIST_WEBHOOKS = Listing("/webhooks", Webhook.of)
ADD_WEBHOOK = Operation("POST", "/webhooks", one(as_it_is))
GET_WEBHOOK = Operation("GET", "/webhooks/{webhook_id}", one(Webhook.of))
SWITCH_WEBHOOK = Operation("PATCH", "/webhooks/{webhook_id}", one(Webhook.of))
DELETE_WEBHOOK = Operation("DELETE", "/webhooks/{webhook_id}", nothing)
ROTATE_WEBHOOK = Operation("POST", "/webhooks/{webhook_id}/rotate", one(as_it_is))
PING_WEBHOOK = Operation("POST", "/webhooks/{webhook_id}/ping", one(as_it_is))
LIST_DELIVERIES = Listing("/webhooks/{webhook_id}/deliveries", as_it_is)
REDELIVER = Operation("POST", "/webhooks/{webhook_id}/deliveries/{delivery_id}/redeliver", one(as_it_is))

# --- Review -----------------------------------------------------------------------------------------------

LIST_REVIEW = Listing("/review/{queue}", as_it_is)
DECIDE_REVIEW = Operation("POST", "/review/{queue}/decide", one(as_it_is))
UNDO_REVIEW = Operation("POST", "/review/decisions/undo", one(as_it_is))
LIST_SUSPICIOUS = Listing("/suspicious", as_it_is)
CLEAR_SUSPICIOUS = Operation("POST", "/suspicious/{document_id}/clear", nothing)

# --- Tags and categories ----------------------------------------------------------------------------------

LIST_TAGS = Listing("/tags", Tag.of)
RENAME_TAG = Operation("POST", "/tags/rename", one(as_it_is))
REMOVE_TAG = Operation("POST", "/tags/remove", one(as_it_is))
UNDO_TAGS = Operation("POST", "/tags/undo", one(as_it_is))
LIST_CATEGORIES = Listing("/categories", Category.of)
CREATE_CATEGORY = Operation("POST", "/categories", one(as_it_is))
GET_CATEGORY = Operation("GET", "/categories/{category_id}", one(as_it_is))
CHANGE_CATEGORY = Operation("PATCH", "/categories/{category_id}", one(as_it_is))
DISSOLVE_CATEGORY = Operation("POST", "/categories/{category_id}/dissolve", nothing)
ADD_EXAMPLE = Operation("POST", "/categories/{category_id}/examples", one(as_it_is))
DELETE_EXAMPLE = Operation("DELETE", "/categories/{category_id}/examples/{example_id}", nothing)

# --- Jobs -------------------------------------------------------------------------------------------------

LIST_JOBS = Listing("/jobs", Job.of)
GET_LIVE_JOBS = Operation("GET", "/jobs/live", one(LiveJobs.of))
GET_JOB = Operation("GET", "/jobs/{version_id}", one(as_it_is))
PAUSE_JOBS = Operation("POST", "/jobs/pause", one(LiveJobs.of))
RESUME_JOBS = Operation("POST", "/jobs/resume", one(LiveJobs.of))
ACT_ON_JOBS = Operation("POST", "/jobs/act", one(as_it_is))
READ_AGAIN = Operation("POST", "/jobs/{version_id}/read-again", one(as_it_is))

# --- Ledger -----------------------------------------------------------------------------------------------

LIST_LEDGER = Listing("/ledger", LedgerRow.of)
SUM_LEDGER = Operation("GET", "/ledger/totals", one(as_it_is))
EXPORT_LEDGER = Operation("GET", "/ledger/export", text)
VERIFY_LEDGER = Operation("POST", "/ledger/verify", one(as_it_is))
GET_LEDGER_HEAD = Operation("GET", "/ledger/head", one(as_it_is))
GET_LEDGER_ROW = Operation("GET", "/ledger/{row}", one(LedgerRow.of))
READ_PAYLOAD = Operation("POST", "/ledger/{row}/payload", one(as_it_is))

# --- Boundary ---------------------------------------------------------------------------------------------

GET_BOUNDARY = Operation("GET", "/boundary", one(as_it_is))
GET_ROUTES = Operation("GET", "/routes", one(as_it_is))
DECIDE_ROUTES = Operation("PUT", "/routes", one(as_it_is))

# --- Reveals ----------------------------------------------------------------------------------------------

LIST_REVEALS = Listing("/reveals", as_it_is)
BEGIN_REVEAL = Operation("POST", "/reveals", one(as_it_is))
END_REVEAL = Operation("POST", "/reveals/{reveal_id}/end", nothing)
LIST_REVEAL_NOTICES = Listing("/reveals/notices", as_it_is)
ACKNOWLEDGE_REVEAL = Operation("POST", "/reveals/{reveal_id}/seen", nothing)

# --- Quality ----------------------------------------------------------------------------------------------

LIST_GOLDEN_SETS = Listing("/golden-sets", as_it_is)
CREATE_GOLDEN_SET = Operation("POST", "/golden-sets", one(as_it_is))
GET_GOLDEN_SET = Operation("GET", "/golden-sets/{set_id}", one(as_it_is))
DELETE_GOLDEN_SET = Operation("DELETE", "/golden-sets/{set_id}", nothing)
ADD_GOLDEN_QUESTION = Operation("POST", "/golden-sets/{set_id}/questions", one(as_it_is))
LIST_RUNS = Listing("/golden-sets/{set_id}/runs", as_it_is)
BEGIN_RUN = Operation("POST", "/golden-sets/{set_id}/runs", one(as_it_is))
ACCEPT_RUN = Operation("POST", "/golden-sets/{set_id}/runs/{run_id}/accept", one(as_it_is))
LIST_GAPS = Listing("/gaps", as_it_is)
LIST_CONFIRMED_ANSWERS = Listing("/confirmed-answers", ConfirmedAnswer.of)

# --- Health and numbers -----------------------------------------------------------------------------------

GET_NUMBERS = Operation("GET", "/numbers", one(as_it_is))
GET_HEALTH = Listing("/health", as_it_is)
LIST_SOURCES = Listing("/sources", as_it_is)

"""Every noun of the knowledge base."""

from kb.models.aliases import Alias
from kb.models.allowances import Allowance, Spending
from kb.models.answers import Answer, Citation, Conversation, Question
from kb.models.audit import Event
from kb.models.batches import Batch, Priority
from kb.models.bulk import BulkItem, BulkJob
from kb.models.chunks import Chunk
from kb.models.collections import Category, CategoryExample, Collection
from kb.models.containers import Container
from kb.models.feedback import Feedback
from kb.models.golden import GoldenQuestion, GoldenRun, GoldenSet
from kb.models.idempotency import RememberedReply
from kb.models.keys import ApiKey
from kb.models.labels import LabelVotes, LearnedVote
from kb.models.ledger import LedgerHead, ModelCall
from kb.models.library import Document, Version
from kb.models.likeness import Likeness
from kb.models.mending import Mending
from kb.models.pauses import Pause
from kb.models.payloads import LedgerPayload
from kb.models.people import Person
from kb.models.reveals import Reveal
from kb.models.routes import Leaving, RouteRule, RouteTable
from kb.models.searches import Search
from kb.models.sensitivity import Sensitivity
from kb.models.shares import Share
from kb.models.stage_runs import StageRun
from kb.models.surveys import Survey, SurveyStep
from kb.models.tags import Tag
from kb.models.transfers import Transfer
from kb.models.webhooks import Delivery, Webhook

__all__ = [
    "Alias",
    "Allowance",
    "Answer",
    "ApiKey",
    "Batch",
    "BulkItem",
    "BulkJob",
    "Category",
    "CategoryExample",
    "Chunk",
    "Citation",
    "Collection",
    "Container",
    "Conversation",
    "Delivery",
    "Document",
    "Event",
    "Feedback",
    "GoldenQuestion",
    "GoldenRun",
    "GoldenSet",
    "LabelVotes",
    "LearnedVote",
    "Leaving",
    "LedgerHead",
    "LedgerPayload",
    "Likeness",
    "Mending",
    "ModelCall",
    "Pause",
    "Person",
    "Priority",
    "Question",
    "RememberedReply",
    "Reveal",
    "RouteRule",
    "RouteTable",
    "Search",
    "Sensitivity",
    "Share",
    "Spending",
    "StageRun",
    "Survey",
    "SurveyStep",
    "Tag",
    "Transfer",
    "Version",
    "Webhook",
]

"""What requests on uploads carry, and what is told of uploads and their files."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from kb.api.fields import Body, Label, Tags, Text
from kb.api.steering import Turn
from kb.models.batches import NAME_LENGTH
from kb.models.transfers import LONGEST_PATH


class NewUpload(Body):
    """It holds for every file that is sent to the upload's `files`."""

    collection: Annotated[Text, Field(description="The collection's name.", examples=["Handbook"])]
    name: Annotated[Text, Field(description="What lists call it.", max_length=NAME_LENGTH)] = (
        "Upload over the API"
    )
    sensitivity: Annotated[Label | None, Field(description="Left out, it is decided while ingesting.")] = None
    least_sensitivity: Annotated[Label | None, Field(description="What is decided is no laxer.")] = None
    owner: Annotated[Text | None, Field(description="The username; left out, it is you.")] = None
    tags: Tags = ()
    priority: Annotated[Turn, Field(description="Other than “normal” for administrators.")] = Turn.NORMAL


class KnownFile(Body):
    path: Annotated[Text, Field(max_length=LONGEST_PATH, examples=["2026/travel-policy.pdf"])]
    size: Annotated[int, Field(description="Bytes.", ge=0, le=2**53)]
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$", description="Of the whole file, in hex.")]


@dataclass(frozen=True, slots=True)
class Counted:
    """Files, by where they are. `known` came in before; `refused` will not become documents."""

    sending: int
    opening: int
    waiting: int
    working: int
    ready: int
    failed: int
    known: int
    refused: int


@dataclass(frozen=True, slots=True)
class UploadSheet:
    """`files` is where to send them, by tus 1.0.0."""

    id: UUID
    name: Annotated[str, Field(examples=["travel-policy.pdf and 11 more"])]
    collection: Annotated[str, Field(examples=["Handbook"])]
    files: Annotated[str, Field(examples=["/api/v1/uploads/0d6a4d2e-0c0f-4a3e-9d55-6a1a4f1f7c11/files"])]
    progress: Counted
    settled: Annotated[bool, Field(description="Whether each file has come to its end.")]
    created_at: datetime


@dataclass(frozen=True, slots=True)
class FileSheet:
    """A file that came in. `document` can be followed by its status; its contents may be above your clearance."""

    document: UUID
    path: Annotated[str, Field(examples=["2026/travel-policy.pdf"])]
    stage: Annotated[str, Field(examples=["ready"])]
    failure: Annotated[str, Field(examples=[""])]


@dataclass(frozen=True, slots=True)
class Refused:
    path: str
    state: Annotated[str, Field(description="known or refused.", examples=["refused"])]
    failure: Annotated[str, Field(examples=["The file is empty."])]


@dataclass(frozen=True, slots=True)
class Known:
    """The document that holds these bytes already; null where there is none that you may see."""

    document: UUID | None
    title: str | None


@dataclass(frozen=True, slots=True)
class Resent:
    files: Annotated[int, Field(description="Sent on their way again.", examples=[3])]

"""What a tool is: arguments in, and a reply that is handed over or refused."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from inference.outside import Covered
from kb.mcp.visit import Visit

SCHEME = "strongroom://documents/"


def uri_of(document: UUID) -> str:
    return f"{SCHEME}{document}"


class Arguments(BaseModel):
    """What a client sends; what is not known is refused, so that a misspelt name is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Reply(BaseModel):
    """What a client gets: its fields for programs, `as_text` for models."""

    model_config = ConfigDict(frozen=True)

    def as_text(self) -> str:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Handout:
    """A reply, and what it was made from. `otherwise` is where a person finds it if the client may not have it."""

    reply: Reply
    covered: Covered
    otherwise: str = ""


A = TypeVar("A", bound=Arguments)


@dataclass(frozen=True, slots=True)
class Tool(Generic[A]):
    """`verb` is what the person must be able to do (see `kb.rights`); `adds` says whether a call leaves a trace."""

    name: str
    title: str
    description: str
    verb: str
    arguments: type[A]
    reply: type[Reply]
    run: Callable[[Visit, A], Handout]
    adds: bool = False

"""The shape of every list."""

from collections.abc import Callable, Iterable
from typing import Annotated, Generic, TypeVar

from django.db.models import Model
from ninja import Schema
from pydantic import Field

from kb.api.paging import Part

M = TypeVar("M", bound=Model)
T = TypeVar("T")


class Listed(Schema, Generic[T]):
    """`next` asks for the rows after these, as `cursor`; null says that there are none."""

    items: list[T]
    next: Annotated[str | None, Field(examples=[None])] = None


def listed(part: Part[M], sheet: Callable[[M], T]) -> Listed[T]:
    return Listed(items=[sheet(row) for row in part.rows], next=part.next)


def whole(items: Iterable[T]) -> Listed[T]:
    """A list that always comes in one part, because it is never long."""
    return Listed(items=list(items))

"""The tool `list_collections`."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from inference.outside import Covered, Origin, Reader
from kb.mcp.shape import Arguments, Handout, Reply, Tool
from kb.mcp.visit import Visit
from kb.models import Collection, Leaving, RouteRule, RouteTable


class Nothing(Arguments):
    """No arguments."""


class Shelf(BaseModel):
    model_config = ConfigDict(frozen=True)

    name: Annotated[str, Field(description="For the argument collections of search.")]
    description: str


class Shelves(Reply):
    collections: list[Shelf]

    def as_text(self) -> str:
        lines = [f"{each.name}: {each.description}".rstrip(": ") for each in self.collections]
        return "\n".join(lines or ["There is no collection to search here."])


def list_collections(visit: Visit, nothing: Nothing) -> Handout:
    table = RouteRule.objects.table()
    shelves = [
        Shelf(name=each.name, description=each.description)
        for each in Collection.objects.readable_by(visit.person)
        if _may_be_named(each, visit.reader, table)
    ]
    texts = tuple(text for shelf in shelves for text in (shelf.name, shelf.description))
    return Handout(Shelves(collections=shelves), Covered(Origin(), texts))


def _may_be_named(collection: Collection, reader: Reader, table: RouteTable) -> bool:
    """Whether anything that it may hold could leave."""
    leaving = table.leaving(collection.minimum_sensitivity, collection.pk)
    return not reader.is_outside or leaving > Leaving.NEVER


COLLECTIONS = Tool(
    name="list_collections",
    title="List collections",
    description="The collections of documents that the person may read, to keep a search to some of them.",
    verb="read",
    arguments=Nothing,
    reply=Shelves,
    run=list_collections,
)

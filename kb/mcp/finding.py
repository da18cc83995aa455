"""The tool `search`."""

from typing import Annotated

from django.conf import settings
from django.urls import reverse
from pydantic import Field

from inference.narrowing import Wish, narrowing_of
from inference.outside import Origin, choose
from inference.retrieve import WANTED, retrieve
from kb.api.fields import Text
from kb.mcp.quoting import Passage, as_quotes, notes_of, quoted
from kb.mcp.shape import Arguments, Handout, Reply, Tool
from kb.mcp.visit import Visit

MOST_NAMES = 20

Names = Annotated[tuple[Text, ...], Field(max_length=MOST_NAMES)]


class Sought(Arguments):
    query: Annotated[
        Text,
        Field(
            max_length=settings.QUESTION_LIMIT,
            description="A question or words, in plain language.",
            examples=["days of leave a year"],
        ),
    ]
    collections: Annotated[
        Names, Field(description="Keep to these collections, by the names of list_collections.")
    ] = ()
    tags: Annotated[Names, Field(description="Keep to documents with one of these tags.")] = ()
    limit: Annotated[int, Field(ge=1, le=WANTED, description="Passages, at most.")] = 8


class Found(Reply):
    passages: Annotated[list[Passage], Field(description="The best first.")]
    withheld: Annotated[int, Field(description="Further passages that may not leave the building.")]
    notes: list[str]

    def as_text(self) -> str:
        return as_quotes(self.passages, self.notes)


def search(visit: Visit, sought: Sought) -> Handout:
    narrowing = narrowing_of(Wish(collections=sought.collections, tags=sought.tags), visit.person)
    found = retrieve(sought.query, visit.person, narrowing=narrowing, limit=sought.limit)
    choice = choose(found.hits, visit.reader)
    origin = Origin(chunks=tuple(hit.chunk for hit in choice.hits))
    result = quoted(choice.hits, origin, visit)
    notes = notes_of(result.covered, choice.withheld, visit.read_at(reverse("search")))
    return Handout(Found(passages=result.passages, withheld=choice.withheld, notes=notes), result.covered)


SEARCH = Tool(
    name="search",
    title="Search documents",
    description=(
        "Finds passages in the company's documents, by meaning and by words, and quotes them with document id and "
        "page. Use it to look something up or to collect evidence; use ask where a written answer with citations "
        "is wanted. It finds only what the person may read."
    ),
    verb="search",
    arguments=Sought,
    reply=Found,
    run=search,
)

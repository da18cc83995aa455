"""Finding chunks, with no generator involved."""

from typing import Annotated

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field

from inference.narrowing import Wish, narrowing_of
from inference.retrieve import WANTED, retrieve
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Day, Text, refuse_unknown
from kb.api.listing import Listed
from kb.exchange import FoundChunk, found_chunk

router = Router(tags=["Search"])


class Sought(Schema):
    """The names that may be given more than once keep to any of those given."""

    q: Annotated[Text, Field(max_length=settings.QUESTION_LIMIT, examples=["days of leave a year"])]
    limit: Annotated[int, Field(ge=1, le=WANTED)] = 10
    collection: Annotated[tuple[Text, ...], Field(description="A collection's name; may be repeated.")] = ()
    category: Annotated[tuple[Text, ...], Field(description="A category's name; may be repeated.")] = ()
    tag: Annotated[tuple[Text, ...], Field(description="May be repeated; one of them is enough.")] = ()
    language: Annotated[tuple[Text, ...], Field(description="ISO 639-1; may be repeated.")] = ()
    since: Annotated[Day | None, Field(description="Brought in on this day (UTC) or later.")] = None
    until: Annotated[Day | None, Field(description="Brought in on this day (UTC) or earlier.")] = None

    def wish(self) -> Wish:
        return Wish(self.collection, self.category, self.tag, self.language, self.since, self.until)


@router.get(
    "/search",
    response={200: Listed[FoundChunk], **error_replies(422, 503)},
    operation_id="search",
    summary="Find the chunks nearest to a query",
)
def search(request: Request, sought: Query[Sought]) -> Listed[FoundChunk]:
    """The best first, of the chunks that you may see and that fit all you keep the search to."""
    refuse_unknown(request, Sought)
    narrowing = narrowing_of(sought.wish(), request.auth)
    found = retrieve(sought.q, request.auth, narrowing=narrowing, limit=sought.limit)
    return Listed(items=[found_chunk(hit) for hit in found.hits])

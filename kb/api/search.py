"""Finding chunks, with no generator involved."""

from collections.abc import Sequence
from typing import Annotated

from django.conf import settings
from ninja import Query, Router, Schema
from pydantic import Field

from inference.retrieve import WANTED, retrieve
from kb.api.auth import Request
from kb.api.errors import error_replies
from kb.api.fields import Text
from kb.exchange import FoundChunk, found_chunk

router = Router(tags=["Search"])


class Sought(Schema):
    q: Annotated[Text, Field(max_length=settings.QUESTION_LIMIT, examples=["days of leave a year"])]
    limit: Annotated[int, Field(ge=1, le=WANTED)] = 10


@router.get(
    "/search",
    response={200: list[FoundChunk], **error_replies(422, 503)},
    operation_id="search",
    summary="Find the chunks nearest to a query",
)
def search(request: Request, sought: Query[Sought]) -> Sequence[FoundChunk]:
    """The best first, of the chunks that you may see."""
    return [found_chunk(hit) for hit in retrieve(sought.q, request.auth, limit=sought.limit).hits]

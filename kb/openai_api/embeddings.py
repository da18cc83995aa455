"""POST /v1/embeddings: vectors of the text that is sent, made on-premises. Those of documents are never served."""

import base64
from collections.abc import Sequence
from typing import Annotated, Literal

import numpy as np
from ninja import Router, Schema
from pydantic import BeforeValidator, Field

from inference import registry
from inference.protocols import Embedder, Vector
from kb.api.auth import Request
from kb.openai_api.auth import key_for
from kb.openai_api.errors import UnknownModel, WrongField
from kb.openai_api.models import EMBEDDER, embeds_here

router = Router()

MOST_TEXTS = 256
LONGEST = 20_000
"""Characters of one text, before anything counts its tokens."""


def _texts(given: object) -> Sequence[str]:
    texts = [given] if isinstance(given, str) else given
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        raise ValueError(
            "Send a text or a list of texts. Lists of tokens are of another model, and not read."
        )
    if not all(text.strip() for text in texts):
        raise ValueError("A text is empty. Leave it out.")
    return texts


class AskedEmbeddings(Schema):
    model: str
    input: Annotated[
        Sequence[Annotated[str, Field(max_length=LONGEST)]],
        Field(min_length=1, max_length=MOST_TEXTS),
        BeforeValidator(_texts),
    ]
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = None


class Embedding(Schema):
    """`embedding` is a list of numbers, or base64 of little-endian float32."""

    object: Literal["embedding"] = "embedding"
    index: int
    embedding: Sequence[float] | str


class Usage(Schema):
    prompt_tokens: int
    total_tokens: int


class Embeddings(Schema):
    object: Literal["list"] = "list"
    data: Sequence[Embedding]
    model: str = EMBEDDER
    usage: Usage


@router.post(
    "/embeddings",
    response=Embeddings,
    operation_id="createEmbedding",
    auth=key_for("createEmbedding"),
)
def embed(request: Request, asked: AskedEmbeddings) -> Embeddings:
    """Unit vectors, as documents' passages are embedded, in the order of the texts."""
    if asked.model != EMBEDDER or not embeds_here():
        raise UnknownModel(
            f"There is no model “{asked.model}” that embeds. The one that does is “{EMBEDDER}”."
        )
    embedder = registry.embedder()
    _check_dimensions(asked, embedder)
    tokens = _counted(asked.input, embedder)
    vectors = embedder.embed_passages(asked.input)
    data = [
        Embedding(index=place, embedding=_encoded(vector, asked.encoding_format))
        for place, vector in enumerate(vectors)
    ]
    return Embeddings(data=data, usage=Usage(prompt_tokens=tokens, total_tokens=tokens))


def _check_dimensions(asked: AskedEmbeddings, embedder: Embedder) -> None:
    if asked.dimensions not in (None, embedder.dimension):
        raise WrongField(
            f"The vectors have {embedder.dimension} dimensions. Leave “dimensions” out.", param="dimensions"
        )


def _counted(texts: Sequence[str], embedder: Embedder) -> int:
    """Tokens of all texts.

    Raises:
        WrongField: one is longer than what the embedder reads, and would be cut off.
    """
    counts = [embedder.count_tokens(text) for text in texts]
    for place, count in enumerate(counts):
        if count > embedder.window:
            raise WrongField(
                f"The text has {count:,} tokens; at most {embedder.window:,} are read. Cut it into passages.",
                param=f"input[{place}]",
            )
    return sum(counts)


def _encoded(vector: Vector, form: str) -> Sequence[float] | str:
    if form == "base64":
        return base64.b64encode(np.asarray(vector, dtype="<f4").tobytes()).decode()
    return [float(number) for number in vector]

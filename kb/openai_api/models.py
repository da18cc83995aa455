"""What clients call a model: all that a person may read, or one or several collections of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Literal

from django.utils.text import slugify
from ninja import Router, Schema

from inference import registry
from inference.protocols import Location
from inference.retrieve import ANYWHERE
from kb.api.auth import Request
from kb.index.protocol import Narrowing
from kb.models import Collection, Person
from kb.openai_api.auth import key_for
from kb.openai_api.errors import UnknownModel

router = Router()

EVERYTHING = "strongroom"
EMBEDDER = "strongroom-embedder"
BETWEEN = "+"
"""Between collections of one model: “strongroom/handbook+contracts”."""


class Model(Schema):
    """`name` is for pickers that show one. Nobody knows when a collection was made, so `created` is 0."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "strongroom"
    name: str


class Models(Schema):
    object: Literal["list"] = "list"
    data: Sequence[Model]


@router.get("/models", response=Models, operation_id="listModels", auth=key_for("listModels"))
def list_models(request: Request) -> Models:
    """Everything first, then each collection that the person may read."""
    shelves = _shelves(request.auth)
    data = [Model(id=EVERYTHING, name="All that you may read")]
    data += [Model(id=f"{EVERYTHING}/{word}", name=shelf.name) for word, shelf in shelves.items()]
    if embeds_here():
        data.append(Model(id=EMBEDDER, name="Embeddings"))
    return Models(data=data)


@router.get("/models/{path:model}", response=Model, operation_id="getModel", auth=key_for("getModel"))
def get_model(request: Request, model: str) -> Model:
    """Also of several collections together."""
    listed = {each.id: each for each in list_models(request).data}
    if model not in listed:
        narrowing_to(model, request.auth)
        return Model(id=model, name=model)
    return listed[model]


def narrowing_to(model: str, person: Person) -> Narrowing:
    """What a model keeps a question to.

    Raises:
        UnknownModel: it names a collection that there is not, or none for this person.
    """
    if model == EVERYTHING:
        return ANYWHERE
    family, _, words = model.partition("/")
    shelves = _shelves(person)
    named = words.replace(",", BETWEEN).split(BETWEEN)
    if family != EVERYTHING or not all(word in shelves for word in named):
        raise UnknownModel(
            f"There is no model “{model}”, or none that you may ask. GET /v1/models lists those that you may."
        )
    return Narrowing(collections=frozenset(shelves[word].pk for word in named))


def embeds_here() -> bool:
    """Whether text that somebody sends to be embedded stays in the building."""
    return registry.location("embedder") == Location.ON_PREMISES


def _shelves(person: Person) -> Mapping[str, Collection]:
    """The collections that the person may read, by the word that names each.

    Where two share a word, both have their number besides: a word never comes to mean another collection.
    """
    readable = Collection.objects.readable_by(person)
    words = {shelf: slugify(shelf.name, allow_unicode=True) for shelf in readable}
    shared = Counter(words.values())
    return {
        word if word and shared[word] == 1 else f"{word}~{shelf.pk}": shelf for shelf, word in words.items()
    }

"""Schemathesis sends what the description allows, and what it forbids, to every operation, and finds nothing.

The suite sends a few cases to each; `make schemathesis` sends many.
"""

import os
from collections.abc import Iterator, Mapping
from zlib import crc32

import pytest
import schemathesis
from django.core import signals
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.config import SchemathesisConfig

from ingestion.bulk import begin
from kb import rates
from kb.models import Batch, BulkJob, Category, Collection, Person
from tests.builders import make_document, make_key

pytest_plugins = ["tests.fakes"]
# The client speaks WSGI, where a stream comes all at once.
pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume asynchronous iterators")

THOROUGH = "STRONGROOM_CASES" in os.environ
"""With cases that cover each parameter's limits one by one."""
CASES = int(os.environ.get("STRONGROOM_CASES", "4"))
"""To each operation."""
REFUSED = ["304", "401", "403", "404", "409", "410", "412", "415", "422"]
CONFIG = SchemathesisConfig.from_dict(
    {
        "checks": {
            # What a request asks for may be refused by rules that no schema tells.
            "positive_data_acceptance": {"expected-statuses": ["2xx", *REFUSED]},
            # What tus itself says to a request without its version.
            "missing_required_header": {
                "expected-statuses": ["400", "401", "403", "406", "412", "415", "422"]
            },
            "negative_data_rejection": {"expected-statuses": ["400", "405", "406", "413", "429", *REFUSED]},
        },
        "phases": {"coverage": {"enabled": THOROUGH}},
        # The headers of tus hold text in Base64, which no pattern tells from other letters.
        "operations": [
            {"include-operation-id": name, "checks": {"positive_data_acceptance": {"enabled": False}}}
            for name in ("announceFile", "sendPart")
        ],
    }
)


schemathesis.serializer.alias("application/offset+octet-stream", "application/octet-stream")


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Without `fields`: some of a reply is no whole reply, which is what schemas describe."""
    for path in raw_schema["paths"].values():
        for operation in path.values():
            operation["parameters"] = [each for each in operation["parameters"] if each["name"] != "fields"]


schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application(), config=CONFIG)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """As Django's own test client has it: the end of a request does not end the test's transaction."""
    moments = (signals.request_started, signals.request_finished)
    for moment in moments:
        moment.disconnect(close_old_connections)
    yield
    for moment in moments:
        moment.connect(close_old_connections)


@pytest.fixture
def known(fakes: None, dana: Person, shelf: Collection) -> Mapping[str, object]:
    """Ids that exist, by the name that paths give them."""
    document = make_document(shelf, owner=dana, chunks=["Trains are booked early.", "Flights are not."])
    category = Category.objects.create(name="Travel")
    upload = Batch.objects.create(person=dana, collection=shelf, name="Upload", door=Batch.Door.API)
    return {
        "document_id": document.pk,
        "version_id": document.current_version_id,
        "chunk_id": document.latest.chunks.first().pk,
        "upload_id": upload.pk,
        "collection_id": shelf.pk,
        "person_id": dana.pk,
        "group_id": dana.groups.create(name="Travellers").pk,
        "category_id": category.pk,
        "job_id": begin(dana, BulkJob.Action.TAG, {"tags": []}, [document.pk]).pk,
    }


@pytest.fixture
def key(dana: Person) -> str:
    return make_key(dana)


def fits(made_up: object, one: object) -> bool:
    """Whether it could be such an id: what is made up to be refused is sent as it is."""
    try:
        read = type(one)(str(made_up))
    except ValueError:
        return False
    return not isinstance(one, int) or 1 <= read < 2**63


@schema.parametrize()
@settings(max_examples=CASES, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_no_operation_breaks_its_description(case, known: Mapping[str, object], key: str) -> None:
    """`call_and_validate` raises all that it finds."""
    rates.forget()
    for name, made_up in (case.path_parameters or {}).items():
        if name in known and fits(made_up, known[name]) and crc32(str(made_up).encode()) % 2:
            case.path_parameters[name] = str(known[name])
    case.call_and_validate(headers={"Authorization": f"Bearer {key}"})

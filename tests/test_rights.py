"""The table of who may do what covers every address."""

from kb.api import api
from kb.openai_api import api as openai_api
from kb.rights import OPERATIONS, VERBS


def operations() -> set[str]:
    schemas = (each.get_openapi_schema() for each in (api, openai_api))
    paths = (path for schema in schemas for path in schema["paths"].values())
    return {operation["operationId"] for path in paths for operation in path.values()}


def test_every_operation_of_the_api_has_a_verb_and_no_other_has() -> None:
    assert set(OPERATIONS) == operations()
    assert set(OPERATIONS.values()) <= set(VERBS)

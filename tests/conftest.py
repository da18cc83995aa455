"""The people that every test knows, and the collection they share.

alice reads up to CONFIDENTIAL; bob, of the same group, up to INTERNAL; charlie is a stranger; dana
administers and edits, up to RESTRICTED.
"""

from collections.abc import Callable, Iterator

import pytest
from django.conf import settings as django_settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from pytest_django.fixtures import Settings

from inference import registry
from inference.retrieve import chunk_index
from kb import rates
from kb.models import Collection, Person, Sensitivity
from tests.recording_cloud import RecordingCloud, recording_cloud

pytest_plugins = ["tests.endless", "tests.guards", "tests.lanes", "tests.stack"]

PASSWORD = "correct horse battery staple"


@pytest.fixture(autouse=True)
def quick_passwords(settings: Settings) -> None:
    """Hashing for real takes longer than most tests."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """What one test's library held is not remembered for the next."""
    cache.clear()
    rates.forget()


@pytest.fixture(scope="session")
def django_db_modify_db_settings() -> None:
    """Puts SQLite's test database into a file: in memory, its locks are others and threads fail on them."""
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(django_settings.VAR / "tests.sqlite3")


@pytest.fixture
def staff(db: None) -> Group:
    return Group.objects.create(name="staff")


def _person(username: str, clearance: Sensitivity, *groups: Group, is_staff: bool = False) -> Person:
    person = Person.objects.create_user(
        username, password=PASSWORD, clearance=clearance, is_staff=is_staff, first_name=username.title()
    )
    person.groups.set(groups)
    return person


@pytest.fixture
def alice(staff: Group) -> Person:
    return _person("alice", Sensitivity.CONFIDENTIAL, staff)


@pytest.fixture
def bob(staff: Group) -> Person:
    return _person("bob", Sensitivity.INTERNAL, staff)


@pytest.fixture
def charlie(db: None) -> Person:
    return _person("charlie", Sensitivity.INTERNAL)


@pytest.fixture
def dana(staff: Group) -> Person:
    return _person("dana", Sensitivity.RESTRICTED, staff, is_staff=True)


@pytest.fixture
def shelf(staff: Group, dana: Person) -> Collection:
    """A collection that the group “staff” reads and dana edits."""
    collection = Collection.objects.create(name="Handbook")
    collection.reader_groups.add(staff)
    collection.editor_people.add(dana)
    return collection


@pytest.fixture
def fake_models(settings: Settings) -> Iterator[Settings]:
    """Models without weights, an empty index, and no LLM; a test adds what it needs to `MODELS`."""
    settings.MODELS = {
        **settings.MODELS,
        "embedder": {"BACKEND": "inference.backends.fake.HashEmbedder", "LOCATION": "on-premises"},
        "slm": {"BACKEND": "inference.backends.fake.Scripted", "LOCATION": "on-premises"},
    }
    registry.forget()
    chunk_index.cache_clear()
    chunk_index().clear()
    yield settings
    registry.forget()
    chunk_index.cache_clear()


@pytest.fixture
def set_llm(fake_models: Settings) -> Callable[..., None]:
    """Configures a scripted LLM: `set_llm("What it says [1].", location="cloud")`."""

    def configure(answer: str = "", *, location: str = "cloud", failure: str = "") -> None:
        fake_models.MODELS = {
            **fake_models.MODELS,
            "llm": {
                "BACKEND": "inference.backends.fake.Scripted",
                "LOCATION": location,
                "OPTIONS": {"answer": answer, "failure": failure, "name": "scripted-llm"},
            },
        }
        registry.forget()

    return configure


@pytest.fixture
def cloud(fake_models: Settings) -> Iterator[RecordingCloud]:
    """A provider that keeps every byte, as the LLM in the cloud."""
    with recording_cloud() as provider:
        fake_models.MODELS = {
            **fake_models.MODELS,
            "llm": {
                "BACKEND": "inference.backends.litellm.Chat",
                "LOCATION": "cloud",
                "OPTIONS": {"model": "openai/gpt-4o-mini", "base_url": provider.url, "api_key": "sk-test"},
            },
        }
        registry.forget()
        yield provider

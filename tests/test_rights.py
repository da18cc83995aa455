"""Who may do what: every address of the site, tried as everybody, with the real ids of other people's things.

What `kb.rights` allows is answered. What it does not is answered exactly like an address of nothing, before anything
that was sent is looked at. An address that has no verb, or whose parameters no builder fills, fails with a sentence
that says what to add.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import cycle

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import Settings

from kb.models import ApiKey, Person
from kb.models.keys import EVERYDAY, Terms, scopes_of
from kb.people.keys import issue
from kb.rights import (
    FORMS,
    LIBRARIES,
    OPERATIONS,
    PAGES,
    ROLES,
    VERBS,
    Role,
    Scope,
    Verb,
    included,
    verb_of_page,
)
from kb.rights.table import as_markdown, rows
from tests.addresses import ROOTS, hidden_operations, nameless, operations, pages
from tests.builders import make_key
from tests.knocking import Door, Visitor, lacks_scope, refuses, told
from tests.rights_world import ALWAYS, NAMED, OF_NOTHING, SENT, World, build
from tests.saml import configure

pytest_plugins = ["tests.fakes"]
# Exports stream from asynchronous generators, which the test client does not know.
pytestmark = pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning")

METHODS: Mapping[str, Sequence[str]] = {
    "transfer": ("HEAD", "PATCH", "DELETE", "POST"),
    "mfa_index": ("GET",),
    "mfa_list_webauthn": ("GET",),
    "mfa_view_recovery_codes": ("GET",),
}
"""Of pages that take others than GET and POST."""
EMPTY_HANDED = (
    "review-suspicious",
    "beginReveal",
    "openid_connect_login",
    "openid_connect_callback",
    "saml_finish_acs",
)
"""Without what is to be sent along, or the provider of a company, there is nothing here for anybody."""
KNOWN_TO_ADMINISTRATORS = ("readAgain",)
"""They see that it is there, and may be told what they lack."""
NOWHERE, NO_OPERATION = "/nothing-is-here", "/api/v1/nothing-is-here"
ALIKE = ("cleared_less", "reader", "editor", "editing_administrator")
"""To what administrators alone may do they are what others here are: they need not try it."""
LIKE_THE_STRANGER = ("cleared_less", "reader")
"""To an address that names no thing they are what he is: they need not try it either."""
SEES = Role.READER | Role.OWNER | Role.COLLEAGUE
"""Who is any of these to a thing knows that it exists, and may be told that he may not do something with it."""


@pytest.fixture(autouse=True)
def _with_saml(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The site has the addresses of SAML only where a provider is configured."""
    configure(settings, monkeypatch, certificate="MIIC")


@pytest.fixture
def world(db: None, fakes: None, settings: Settings) -> World:
    settings.REQUESTS_A_MINUTE = settings.QUESTIONS_A_MINUTE = 1_000_000
    return build()


def doors_of_pages() -> list[Door]:
    return [
        Door(page.name, method, page, VERBS[verb])
        for page in pages()
        for method in METHODS.get(page.name, ("GET", "POST"))
        if (verb := verb_of_page(page.name, method))
    ]


def doors_of_the_api() -> list[Door]:
    return [
        Door(
            each.name, each.method, each.address, VERBS[OPERATIONS[each.name]],
            body=SENT.get(each.name, each.body),
            media_type=each.media_type or "application/json",
            query=each.query,
        )
        for each in operations()
        if each.name in OPERATIONS
    ]  # fmt: skip


def held_by(name: str, world: World, door: Door) -> Role:
    """All that this visitor is to what the door names."""
    things = [NAMED[door.name]] if door.name in NAMED else world.things_of(door.name, door.address)
    held = ALWAYS[name]
    for each in [thing.held for thing in things] or [OF_NOTHING]:
        held |= each.get(name, Role.PERSON)
    return included(held)


def path_of(door: Door, world: World) -> str:
    return door.address.of([each.value for each in world.things_of(door.name, door.address)])


def opens(scopes: Collection[Scope], verb: Verb) -> bool:
    """Whether a key with these scopes is good for the verb."""
    return verb.any_key or verb.scope in scopes


def of_a_thing(door: Door) -> Door:
    if door.name not in NAMED:
        return door
    return replace(door, body={**door.body, NAMED[door.name].field: NAMED[door.name].value})


def of_nothing(door: Door) -> tuple[Door, str]:
    """The same door where there is nothing, and the path to it."""
    if door.name in NAMED:
        nothing = {NAMED[door.name].field: NAMED[door.name].nothing}
        return replace(door, body={**door.body, **nothing}), door.address.of([])
    return door, door.address.of_nothing()


def may_know(door: Door, held: Role) -> bool:
    """Whether he may be told that what the door is about is there."""
    if door.name in KNOWN_TO_ADMINISTRATORS and Role.ADMINISTRATOR in held:
        return True
    return bool(held & SEES) and bool(door.address.places or door.name in NAMED)


def need_not_try(name: str, door: Door) -> bool:
    """Whether somebody else is the same to it."""
    if door.verb.roles == {Role.ADMINISTRATOR}:
        return name in ALIKE
    return name in LIKE_THE_STRANGER and not door.address.places and door.name not in NAMED


def faults(
    doors: Sequence[Door], name: str, visitor: Visitor, world: World, unknown: str = NOWHERE
) -> Iterator[str]:
    """A sentence for each door that treats him otherwise than the table says. `unknown` is what no address is."""
    nowhere = told(visitor.knock(doors[0], unknown), unknown)
    for door in doors:
        if need_not_try(name, door):
            continue
        path, held = path_of(door, world), held_by(name, world, door)
        response = visitor.knock(of_a_thing(door), path)
        if door.verb.allows(held):
            if refuses(response) and door.name not in EMPTY_HANDED:
                yield f"{door} refuses the {name}, who may do this: {response.status_code}"
        elif response.status_code == 403 and may_know(door, held):
            continue
        elif response.status_code != 404:
            yield f"{door} lets the {name} in, who may not do this: {response.status_code}"
        elif told(response, path) != nowhere:
            elsewhere, nothing = of_nothing(door)
            if told(response, path) != told(visitor.knock(elsewhere, nothing), nothing):
                yield f"{door} tells the {name} that there is something"


# --- The table -------------------------------------------------------------------------------------------


def test_every_address_has_a_verb() -> None:
    listed = {*PAGES, *FORMS}
    unlisted = [
        each.name
        for each in pages()
        if each.name not in listed and not each.name.startswith(tuple(LIBRARIES))
    ]
    assert unlisted == [], "Say in PAGES (GET) and FORMS (all else) of kb/rights/pages.py what these are for."
    assert nameless() == [], "Give these addresses a name, and the name a verb in kb/rights/pages.py."


def test_every_operation_of_the_api_has_a_verb() -> None:
    missing = {each.name for each in operations()} - set(OPERATIONS)
    assert missing == set(), "Say in OPERATIONS of kb/rights/operations.py what these are for."
    assert hidden_operations() == [], "The schema must describe these operations, so that they are tried."


def test_no_verb_is_given_to_an_address_that_there_is_not() -> None:
    assert {*PAGES, *FORMS} <= {each.name for each in pages()}
    assert set(OPERATIONS) <= {each.name for each in operations()}


def test_every_verb_that_is_given_stands_in_the_table_and_every_other_is_none() -> None:
    given = {*PAGES.values(), *FORMS.values(), *OPERATIONS.values(), *LIBRARIES.values()}
    assert given == set(VERBS)


def test_the_docs_have_the_table_as_it_is() -> None:
    docs = (settings.BASE_DIR / "docs" / "rights.md").read_text()
    assert as_markdown() in docs, "Put what `manage.py rights` prints into docs/rights.md."
    assert all(f"| {role.words} | {meaning} |" in docs for role, meaning in ROLES.items())


@pytest.mark.parametrize("verb", ["rule", "explain"])
def test_a_role_that_is_not_enough_says_what_it_takes_besides(verb: str) -> None:
    cells = {
        cell.role: (cell.enough, cell.besides) for row in rows() if row.name == verb for cell in row.cells
    }
    assert cells["administrator"] == (False, {"rule": "editor", "explain": "reader"}[verb])
    assert cells["editor"] == {"rule": (False, "administrator"), "explain": (True, "")}[verb]
    assert cells["person"] == (False, "")


# --- Everybody at every door -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ALWAYS)
def test_pages_answer_as_the_table_says(name: str, world: World) -> None:
    assert list(faults(doors_of_pages(), name, Visitor(world.people[name]), world)) == []


@pytest.mark.parametrize("name", ALWAYS)
def test_the_api_answers_as_the_table_says(name: str, world: World) -> None:
    """With a key, and with a session where no key of this person is good for it."""
    person = world.people[name]
    with_key = [door for door in doors_of_the_api() if opens(scopes_of(person), door.verb)]
    without = [door for door in doors_of_the_api() if door not in with_key]
    by_key = faults(with_key, name, Visitor(key=make_key(person)), world, NO_OPERATION)
    assert [*by_key, *faults(without, name, Visitor(person), world, NO_OPERATION)] == []


def test_the_api_of_openai_takes_no_session(world: World) -> None:
    visitor = Visitor(world.people["editing_administrator"])
    doors = [door for door in doors_of_the_api() if door.address.path.startswith("v1/")]
    assert doors
    assert {visitor.knock(door, path_of(door, world)).status_code for door in doors} == {401}


@pytest.mark.parametrize("scopes", [{Scope.READ}, EVERYDAY, set(Scope)], ids=["read", "everyday", "all"])
def test_a_key_is_told_what_it_is_not_for(scopes: set[Scope], world: World) -> None:
    """Whatever there is: it has not been looked at yet."""
    chief = world.people["editing_administrator"]
    visitor = Visitor(key=issue(chief, Terms("tool", scopes, days=1), by=chief).text)
    doors = [door for door in doors_of_the_api() if not opens(scopes, door.verb)]
    assert doors
    for door in doors:
        path, (elsewhere, nothing) = path_of(door, world), of_nothing(door)
        response = visitor.knock(of_a_thing(door), path)
        assert lacks_scope(response), f"{door}: {response.status_code}"
        assert told(response, path) == told(visitor.knock(elsewhere, nothing), nothing), door


def test_pages_take_no_method_that_has_no_verb(world: World) -> None:
    visitor = Visitor(world.people["editing_administrator"])
    known = {(door.name, door.method) for door in doors_of_pages()}
    for page in pages():
        for method in {"GET", "POST"} - {each for name, each in known if name == page.name}:
            door = Door(page.name, method, page, VERBS["arrive"])
            response = visitor.knock(door, path_of(door, world))
            refused = response.status_code == 405 or page.name in EMPTY_HANDED
            assert refused, f"{door} does something, and has no verb"


# --- Those who have come to nothing ----------------------------------------------------------------------


def suspended(person: Person) -> Visitor:
    """Signed in before it happened."""
    visitor = Visitor(person)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    return visitor


def lost_keys(world: World) -> Sequence[str]:
    """Of somebody who is suspended, one that was revoked, one whose time is over, and one that never was."""
    of_the_suspended, revoked, expired = (
        make_key(world.people[name]) for name in ("editing_administrator", "owner", "editor")
    )
    Person.objects.filter(username="editing_administrator").update(is_active=False)
    ApiKey.objects.filter(person__username="owner").update(revoked_at=timezone.now())
    ApiKey.objects.filter(person__username="editor").update(expires_at=timezone.now())
    return of_the_suspended, revoked, expired, "srm_made-up"


@pytest.mark.parametrize("come", [lambda person: Visitor(), suspended], ids=["anonymous", "suspended owner"])
def test_who_is_not_signed_in_is_asked_to_sign_in(come, world: World) -> None:
    visitor = come(world.people["owner"])
    for door in doors_of_pages():
        response = visitor.knock(door, path_of(door, world))
        if door.verb.allows(Role.ANYONE):
            assert not refuses(response) or door.name in EMPTY_HANDED, door
        elif not door.verb.roles <= {Role.MONITOR}:
            asked = response.headers.get("Location", "").startswith(reverse("sign-in"))
            assert asked or response.status_code == 401, f"{door}: {response.status_code}"


@pytest.mark.parametrize("come", [lambda person: Visitor(), suspended], ids=["anonymous", "suspended owner"])
def test_the_api_asks_who_is_not_signed_in_to_sign_in(come, world: World) -> None:
    visitor = come(world.people["owner"])
    replies = {
        (root, *told(visitor.knock(door, path_of(door, world)), path_of(door, world)))
        for root in ROOTS
        for door in doors_of_the_api()
        if door.address.path.startswith(root) and door.method != "HEAD"
    }
    assert [status for _root, status, _body in replies] == [401] * len(ROOTS)
    assert {root for root, _status, _body in replies} == set(ROOTS)


def test_a_key_that_is_none_any_more_opens_nothing(world: World) -> None:
    """Each door is tried with the next of them: that they are all the same is for tests/test_keys.py to say."""
    visitors = cycle([Visitor(key=key) for key in lost_keys(world)])
    for door, visitor in zip((*doors_of_the_api(), *doors_of_pages()), visitors, strict=False):
        response = visitor.knock(door, path_of(door, world))
        opened = response.status_code not in (302, 401, 404) and not door.verb.allows(Role.ANYONE)
        assert not opened, f"{door}: {response.status_code}"


def test_a_key_opens_no_page(world: World) -> None:
    visitor = Visitor(key=make_key(world.people["editing_administrator"]))
    for door in doors_of_pages():
        if door.verb.scope is None and door.verb.allows(Role.ANYONE):
            continue
        response = visitor.knock(door, path_of(door, world))
        assert response.status_code in (302, 401, 404), f"{door}: {response.status_code}"

"""A house in which there is one of everything, and people who are different things to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from ingestion.store import path_of
from kb.models import (
    Answer,
    Batch,
    BulkJob,
    Category,
    CategoryExample,
    Collection,
    Container,
    Delivery,
    Document,
    Feedback,
    GoldenRun,
    GoldenSet,
    Likeness,
    Person,
    Reveal,
    Search,
    Sensitivity,
    Share,
    Survey,
    Tag,
    Transfer,
    Webhook,
)
from kb.rights import Role
from tests.addresses import Address
from tests.builders import make_collection, make_document, make_key
from tests.ledger_rows import append
from tests.passkeys import a_passkey
from tests.visiting import BACKEND, make_answer

Held = Mapping[str, Role]
"""What each visitor is to a thing, by his user name, besides what he is to everything."""

ALWAYS: Held = {
    "stranger": Role.PERSON,
    "cleared_less": Role.PERSON,
    "reader": Role.PERSON,
    "editor": Role.PERSON,
    "owner": Role.PERSON,
    "administrator": Role.ADMINISTRATOR,
    "editing_administrator": Role.ADMINISTRATOR,
}
OF_NOTHING: Held = {
    **dict.fromkeys(ALWAYS, Role.READER | Role.OWNER | Role.COLLEAGUE),
    "editor": Role.EDITOR | Role.OWNER | Role.COLLEAGUE,
    "editing_administrator": Role.EDITOR | Role.OWNER | Role.COLLEAGUE,
}
"""An address that names no thing: everybody gets his own part of it. Not everybody has a collection to add to."""
OF_DOCUMENT: Held = {
    "reader": Role.READER,
    "editor": Role.EDITOR,
    "owner": Role.READER | Role.OWNER,
    "editing_administrator": Role.EDITOR,
}
OF_COLLECTION: Held = {**OF_DOCUMENT, "cleared_less": Role.READER, "owner": Role.READER}
OF_OWNER: Held = {"owner": Role.OWNER}
OF_SET: Held = {"editing_administrator": Role.OWNER}
OF_HOUSE: Held = {}


@dataclass(frozen=True, slots=True)
class Thing:
    """What stands in the place of a parameter, and what the visitors are to it."""

    value: object
    held: Held


@dataclass(frozen=True, slots=True)
class Named:
    """A thing that stands in what is sent, and what is sent in place of it for none."""

    field: str
    value: str
    nothing: str
    held: Held


SHELF = ("collection", "Handbook", "No such collection")
NAMED: Mapping[str, Named] = {
    "uploadDocument": Named(*SHELF, OF_COLLECTION),
    "beginUpload": Named(*SHELF, OF_COLLECTION),
}
"""By the operation that cannot tell from its address whom it serves."""
SENT: Mapping[str, Mapping[str, object]] = {
    "editChunk": {"revision": "5f0c2a9be1d34c77", "excluded": True},
    "checkKnownFile": {"path": "plan.pdf", "size": 4, "sha256": "0" * 64},
    "addGoldenQuestion": {"question": "Who merges?", "document": "Merger plan"},
    "judgeAnswer": {"helpful": True},
    "judgeCitation": {"helpful": True},
    "beginBulkJob": {"action": "delete", "documents": [str(uuid4())]},
    "createChatCompletion": {"model": "strongroom", "messages": [{"role": "user", "content": "Who merges?"}]},
    "createEmbedding": {"model": "strongroom-embedder", "input": "A merger."},
}
"""By the operation: what the smallest that its schema takes does not say."""


@dataclass(frozen=True, slots=True)
class World:
    people: Mapping[str, Person]
    things: Mapping[str, Thing]
    """By what stands before their parameter in an address: the longest that fits."""
    of_doors: Mapping[str, Thing]
    """By the name of a door: what it is about, where its address alone says another thing."""

    def thing_at(self, place: str) -> Thing | None:
        fitting = [known for known in self.things if f"/{place}".endswith(f"/{known}")]
        return self.things[max(fitting, key=len)] if fitting else None

    def things_of(self, name: str, address: Address) -> Sequence[Thing]:
        """Those that the door of this name at the address is about.

        Raises:
            LookupError: nothing here stands in a place of the address.
        """
        if name in self.of_doors:
            return [self.of_doors[name]]
        found = [self.thing_at(place) for place in address.places]
        if None in found:
            place = address.places[found.index(None)]
            raise LookupError(
                f"No builder fills what follows “{place}” in {address.path}. Make one such thing in "
                "tests/rights_world.py, and say what the visitors are to it."
            )
        return [each for each in found if each is not None]


def build() -> World:
    people = {name: _person(name) for name in ALWAYS}
    owner, editor, chief = people["owner"], people["editor"], people["editing_administrator"]
    shelf = make_collection(
        "Handbook",
        readers=[people[name] for name in ("cleared_less", "reader", "owner")],
        editors=[editor, chief],
    )
    document = make_document(shelf, owner=owner, sensitivity=Sensitivity.CONFIDENTIAL, title="Merger plan")
    other = make_document(shelf, owner=owner, sensitivity=Sensitivity.CONFIDENTIAL, title="Older plan")
    Likeness.objects.create(
        version=document.current_version,
        like=other.current_version,
        asks=True,
        digest="0" * 64,
        signature=b"",
    )
    Tag.objects.create(document=document, name="secret")
    things = {
        "collections": Thing(shelf.pk, OF_COLLECTION),
        **_of_document(document),
        **_of_conversation(owner, document, people["reader"]),
        **_of_upload(owner, shelf),
        **_of_quality(chief),
        **_of_house(people, document, shelf),
        **_of_account(owner),
        "reveals": Thing(_reveal(document, Person.objects.create_user("auditor", is_staff=True)), OF_OWNER),
    }
    return World(people, things, {"endReveal": Thing(_reveal(document, chief), OF_SET)})


def _person(name: str) -> Person:
    clearance = Sensitivity.INTERNAL if name == "cleared_less" else Sensitivity.RESTRICTED
    person = Person.objects.create_user(name, clearance=clearance, is_staff=name.endswith("administrator"))
    TOTP.activate(person, generate_totp_secret())
    RecoveryCodes.activate(person)
    return person


def _of_document(document: Document) -> Mapping[str, Thing]:
    version = document.current_version
    assert version
    path_of(version.sha256).parent.mkdir(parents=True, exist_ok=True)
    path_of(version.sha256).write_bytes(b"The plan.")
    version.suspicious = True
    version.save()
    job = BulkJob.objects.create(person=document.owner, action=BulkJob.Action.DELETE)
    return {
        "documents": Thing(document.pk, OF_DOCUMENT),
        "documents/*/file": Thing(version.pk, OF_DOCUMENT),
        "documents/*/versions": Thing(version.pk, OF_DOCUMENT),
        "documents/*/chunks": Thing(version.chunks.get().pk, OF_DOCUMENT),
        "suspicious": Thing(document.pk, OF_DOCUMENT),
        "bulk-jobs": Thing(job.pk, OF_OWNER),
    }


def _reveal(document: Document, person: Person) -> UUID:
    until = timezone.now() + timedelta(hours=1)
    return Reveal.objects.create(person=person, document=document, reason="An audit.", until=until).pk


def _of_conversation(owner: Person, document: Document, colleague: Person) -> Mapping[str, Thing]:
    answer: Answer = make_answer(owner, document)
    thread = answer.question.conversation
    Survey.objects.create(answer=answer, kind=Survey.Kind.choices[0][0], topic="", size=0, calls=0, tokens=0)
    share = Share.give(thread, colleague.username)
    Feedback.give(answer, None, helpful=False, reason=Feedback.Reason.WRONG, note="")
    saved = Search.keep(owner, name="Mergers", words="merger", query="q=merger")
    return {
        "conversations": Thing(thread.pk, {**OF_OWNER, colleague.username: Role.COLLEAGUE}),
        "conversations/*/share": Thing(share.pk, OF_OWNER),
        "conversations/*/shares": Thing(share.pk, OF_OWNER),
        "shared": Thing(thread.pk, {colleague.username: Role.COLLEAGUE}),
        "answers": Thing(answer.pk, {**OF_OWNER, colleague.username: Role.COLLEAGUE}),
        "answers/*/feedback": Thing(1, OF_OWNER),
        "answers/*/citations": Thing(1, OF_OWNER),
        "feedback": Thing(Feedback.objects.get().pk, OF_DOCUMENT),
        "complaints": Thing(Feedback.objects.get().pk, OF_DOCUMENT),
        "search/saved": Thing(saved.pk, OF_OWNER),
        "searches": Thing(saved.pk, OF_OWNER),
    }


def _of_upload(owner: Person, shelf: Collection) -> Mapping[str, Thing]:
    batch = Batch.objects.create(
        person=owner, collection=shelf, name="plan.pdf", door=Batch.Door.choices[0][0]
    )
    transfer = Transfer.objects.create(
        batch=batch, path="plan.pdf", size=4, expires_at=timezone.now() + timedelta(days=1)
    )
    container = Container.objects.create(
        collection=shelf, person=owner, kind=Container.Kind.ZIP, sha256="0" * 64, name="plans.zip"
    )
    return {
        "uploads": Thing(batch.pk, OF_OWNER),
        "uploads/files": Thing(transfer.pk, OF_OWNER),
        "archives": Thing(container.pk, OF_OWNER),
    }


def _of_quality(chief: Person) -> Mapping[str, Thing]:
    golden = GoldenSet.objects.create(owner=chief, name="Mergers")
    run = GoldenRun.objects.create(golden_set=golden, kind=GoldenRun.Kind.ANSWERS, state=GoldenRun.State.DONE)
    return {
        "quality": Thing(golden.pk, OF_SET),
        "quality/*/runs": Thing(run.pk, OF_SET),
        "golden-sets": Thing(golden.pk, OF_SET),
        "golden-sets/*/runs": Thing(run.pk, OF_SET),
    }


def _of_account(owner: Person) -> Mapping[str, Thing]:
    passkey = Authenticator.objects.create(
        user=owner, type=Authenticator.Type.WEBAUTHN, data={"name": "Passkey", "credential": a_passkey()}
    )
    SocialAccount.objects.create(user=owner, provider="oidc", uid="owner")
    Client().force_login(owner, backend=BACKEND)
    session = UserSession.objects.create(
        user=owner, session_key=Session.objects.get().pk, ip="192.0.2.1", user_agent="", data={}
    )
    webhook = Webhook(person=owner, address="https://example.com/", events=["document.ready"])
    webhook.keep_secret("whsec_c2VjcmV0")
    webhook.save(force_insert=True)
    delivery = webhook.deliveries.create(event="document.ready", state=Delivery.State.DONE)
    make_key(owner)
    return {
        "account/passkeys": Thing(passkey.pk, OF_OWNER),
        "account/sessions": Thing(session.pk, OF_OWNER),
        "me/sessions": Thing(session.pk, OF_OWNER),
        "me/second-factors": Thing(passkey.pk, OF_OWNER),
        "account/at": Thing("oidc", OF_OWNER),
        "sign-in/at": Thing("oidc", OF_NOTHING),
        "sign-in/saml": Thing("company", OF_NOTHING),
        "webhooks": Thing(webhook.pk, OF_OWNER),
        "webhooks/*/deliveries": Thing(delivery.pk, OF_OWNER),
        "keys": Thing(owner.keys.get().public_id, OF_OWNER),
        "console/keys": Thing(owner.keys.get().public_id, OF_HOUSE),
    }


def _of_house(people: Mapping[str, Person], document: Document, shelf: Collection) -> Mapping[str, Thing]:
    group = Group.objects.create(name="board")
    group.user_set.add(people["reader"])
    category = Category.objects.create(name="Mergers", description="Buying firms.")
    example = CategoryExample.objects.create(category=category, text="We buy the firm.")
    row = append(payload=b"What was sent.")
    reader = people["reader"].pk
    service = Person.objects.create_user("wiki-bot", kind=Person.Kind.SERVICE)
    make_key(service)
    return {
        "people": Thing(reader, OF_HOUSE),
        "groups": Thing(group.pk, OF_HOUSE),
        "groups/*/leave": Thing(reader, OF_HOUSE),
        "groups/*/members": Thing(reader, OF_HOUSE),
        "services": Thing(service.pk, OF_HOUSE),
        "services/keys": Thing(service.keys.get().public_id, OF_HOUSE),
        "limits": Thing("person", OF_HOUSE),
        "limits/*": Thing(reader, OF_HOUSE),
        "allowances": Thing("person", OF_HOUSE),
        "allowances/*": Thing(reader, OF_HOUSE),
        "review": Thing("documents", OF_HOUSE),
        "problems": Thing("not_found", OF_NOTHING),
        "v1/models": Thing("strongroom/handbook", OF_COLLECTION),
        "collections/*/access": Thing("person", OF_HOUSE),
        "collections/*/access/*": Thing(reader, OF_HOUSE),
        "categories": Thing(category.pk, OF_HOUSE),
        "categories/*/examples": Thing(example.pk, OF_HOUSE),
        "jobs": Thing(document.current_version_id, OF_DOCUMENT),
        "ledger": Thing(row.sequence, OF_HOUSE),
        "password": Thing("MQ", OF_HOUSE),
        "password/*": Thing("used-up", OF_HOUSE),
    }

"""Random libraries, people, routes and conversations against a cloud that keeps every byte: nothing arrives that may
not leave. What may leave is decided here anew, from rows alone, by other code than the product's.

More stories than a test run has time for: `PROOF_STORIES=3000 pytest tests/test_proof.py`.
"""

import hashlib
import json
import os
import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import cache
from hypothesis import HealthCheck, Phase, given, note
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from inference.ask import Finished, ask, pose
from inference.personal import Kind
from inference.retrieve import chunk_index
from kb.models import (
    Answer,
    Chunk,
    Collection,
    Conversation,
    Document,
    Leaving,
    ModelCall,
    Person,
    RouteRule,
    Sensitivity,
)
from tests.builders import indexed, make_chunk, make_collection, make_document
from tests.recording_cloud import Mood, RecordingCloud

STORIES = int(os.environ.get("PROOF_STORIES", "15"))
FRAGMENT = 12
"""Characters of a canary that would be enough to call it a leak."""
CANARY = 24
FIRST, LAST = ("Anna", "Boris", "Carla", "Dmitri"), ("Schmidt", "Okafor", "Lindqvist", "Moreau")
TOPICS = ("harbour crane", "solar inverter", "bakery oven", "garden hose")
MOODS = (
    Mood.HELPFUL,
    Mood.HELPFUL,
    Mood.HELPFUL,
    Mood.FAILING,
    Mood.RATE_LIMITED,
    Mood.BROKEN_STREAM,
    Mood.GARBAGE,
)
LAX = (Sensitivity.PUBLIC, Sensitivity.INTERNAL, Sensitivity.INTERNAL)
"""Come more often than the strict labels, or hardly anything would be sent."""
AS_SHIPPED = {10: 2, 20: 1, 30: 0, 40: 0}
"""How each label leaves until somebody decides otherwise."""
AS_STRICT_AS_CAN_BE = {Sensitivity.CONFIDENTIAL: 1, Sensitivity.RESTRICTED: 0}
"""How far two labels may leave, whatever anybody decides."""

labels = st.sampled_from([*Sensitivity, *LAX])
ways = st.sampled_from(Leaving)
shelves = st.sampled_from(["A", "B"])
topics = st.sampled_from(TOPICS)
places = st.integers(0, 11)


@dataclass(frozen=True)
class Shelved:
    """A document: its shelf and label, and its chunks, each of a topic and perhaps stricter than the document."""

    shelf: str
    label: Sensitivity
    chunks: tuple[tuple[str, Sensitivity], ...]


@dataclass(frozen=True)
class Asks:
    """About the topic of one of the chunks."""

    about: int
    wish: Leaving = Leaving.FREELY
    mood: Mood = Mood.HELPFUL
    follows_up: bool = False


@dataclass(frozen=True)
class Raises:
    """Somebody makes a document, or one of its chunks, stricter."""

    document: int
    to: Sensitivity
    chunk_only: bool


@dataclass(frozen=True)
class Decides:
    """An administrator changes the table of routes."""

    shelf: str | None
    label: Sensitivity
    way: Leaving


@dataclass(frozen=True)
class Story:
    library: tuple[Shelved, ...]
    clearance: Sensitivity
    reads: frozenset[str]
    steps: tuple[Asks | Raises | Decides, ...]


chunks = st.lists(st.tuples(topics, labels), min_size=1, max_size=3).map(tuple)
decisions = st.builds(Decides, st.none() | shelves, labels, ways)
questions = st.builds(Asks, places, follows_up=st.booleans())
steps = st.one_of(
    questions,
    questions,
    st.builds(Asks, places, ways, st.sampled_from(MOODS), st.booleans()),
    st.builds(Raises, st.integers(0, 3), labels, st.booleans()),
    st.builds(Decides, st.none() | shelves, labels, ways),
)
stories = st.builds(
    Story,
    library=st.lists(st.builds(Shelved, shelves, labels, chunks), min_size=1, max_size=4).map(tuple),
    clearance=st.sampled_from([Sensitivity.INTERNAL, Sensitivity.CONFIDENTIAL, Sensitivity.RESTRICTED]),
    reads=st.sampled_from([frozenset("AB"), frozenset("AB"), frozenset("A")]),
    steps=st.lists(steps, min_size=1, max_size=6).map(tuple),
)


@dataclass
class World:
    """A story while it is played."""

    cloud: RecordingCloud
    person: Person
    shelves: dict[str, Collection]
    documents: list[Document]
    canaries: dict[int, str]
    """Of each chunk, by its id."""
    names: dict[int, str]
    """Who is named in each chunk."""
    topics: list[str]
    thread: Conversation | None = None
    held: set[Any] = field(default_factory=set)
    """Conversations that somebody asked to keep in."""


def begin(story: Story, cloud: RecordingCloud, number: int) -> World:
    chunk_index().clear()
    cache.clear()  # A provider that failed in one story is asked in the next.
    person = Person.objects.create(username=f"person {number}", clearance=story.clearance)
    owner = Person.objects.create(username=f"owner {number}", clearance=Sensitivity.RESTRICTED)
    made = {
        name: make_collection(f"{name} {number}", readers=[person] if name in story.reads else [])
        for name in ("A", "B")
    }
    letters = random.Random(number)  # noqa: S311  # A leak is looked for, not a secret made.
    world = World(cloud, person, made, [], {}, {}, [])
    for shelved in story.library:
        document = make_document(made[shelved.shelf], owner=owner, sensitivity=shelved.label, chunks=[])
        assert document.current_version
        for ordinal, (topic, label) in enumerate(shelved.chunks):
            canary = "".join(letters.choices("bcdfghjkmnpqrstvwxz", k=CANARY))
            name = f"{letters.choice(FIRST)} {letters.choice(LAST)}{canary[:4]}"
            text = f"Mr {name} says: the {topic} needs its yearly inspection in the spring, {canary}."
            chunk = make_chunk(
                document.current_version,
                ordinal,
                text,
                sensitivity=label,
                personal=[[3, 3 + len(name), Kind.PERSON]],
            )
            world.canaries[chunk.pk], world.names[chunk.pk] = canary, name
            world.topics.append(topic)
        world.documents.append(indexed(document))
    return world


def play(world: World, step: Asks | Raises | Decides) -> None:
    match step:
        case Raises(number, to, chunk_only):
            document = world.documents[number % len(world.documents)]
            if chunk_only:
                Chunk.objects.filter(version__document=document, sensitivity__lt=to).update(sensitivity=to)
            else:
                Document.objects.filter(pk=document.pk, sensitivity__lt=to).update(sensitivity=to)
        case Decides(shelf, label, way):
            RouteRule.objects.update_or_create(
                collection=world.shelves[shelf] if shelf else None,
                sensitivity=label,
                defaults={"leaving": way},
            )
        case Asks():
            _ask(world, step)


def _ask(world: World, step: Asks) -> None:
    before = len(world.cloud.raw)
    world.cloud.mood = step.mood
    thread = world.thread if step.follows_up else None
    kept_in = step.wish == Leaving.NEVER or (thread is not None and thread.pk in world.held)
    question = pose(
        world.person,
        f"When does the {world.topics[step.about % len(world.topics)]} need its yearly inspection?",
        conversation=thread,
        leaving=step.wish,
    )
    world.thread = question.conversation
    if kept_in:
        world.held.add(question.conversation_id)
    *_, last = ask(question)
    assert isinstance(last, Finished)
    arrived = world.cloud.raw[before:]
    # What breaks off after its first word is not replaced.
    cut = step.mood is Mood.BROKEN_STREAM and bool(arrived)
    assert last.answer.state == (Answer.State.FAILED if cut else Answer.State.DONE)
    note(f"{step} → {last.answer.location}, {len(arrived)} requests: {last.answer.reason}")
    assert not (kept_in and arrived), "What a person keeps in was sent."
    for body in arrived:
        _nothing_forbidden_in(body, world)
    _all_is_written_down(arrived, question.answer)


def _nothing_forbidden_in(body: bytes, world: World) -> None:
    sent = json.dumps(json.loads(body), ensure_ascii=False)
    readable = set(Chunk.objects.visible_to(world.person).values_list("pk", flat=True))
    for chunk in Chunk.objects.select_related("version__document"):
        if chunk.pk not in world.canaries:
            continue
        canary, name = world.canaries[chunk.pk], world.names[chunk.pk]
        way = _way_out(chunk) if chunk.pk in readable else 0
        if way == 0:
            for start in range(CANARY - FRAGMENT + 1):
                assert canary[start : start + FRAGMENT] not in sent, f"{chunk.sensitivity} was sent."
        if way < 2:
            assert name not in sent, "A name was sent that may leave under a pseudonym only."


def _way_out(chunk: Chunk) -> int:
    """By the rows of now, and what the settings say where there is none: the strictest of its label and all laxer."""
    document = chunk.version.document
    label = max(chunk.sensitivity, document.sensitivity)
    rows = {(rule.collection_id, rule.sensitivity): rule.leaving for rule in RouteRule.objects.all()}
    ways = [2]
    for each in (each for each in Sensitivity if each <= label):
        said = rows.get((document.collection_id, each), rows.get((None, each), AS_SHIPPED[each]))
        ways.append(min(said, AS_STRICT_AS_CAN_BE.get(each, 2)))
    return min(ways)


def _all_is_written_down(arrived: Sequence[bytes], answer: Answer) -> None:
    """Every body that arrived has its row, of its very bytes, and no row is of anything else."""
    rows = ModelCall.objects.filter(subject=answer.pk, location="cloud", decision=ModelCall.Decision.SEND)
    written = rows.order_by("sequence").values_list("sent_sha256", "sent_bytes")
    assert list(written) == [(hashlib.sha256(body).hexdigest(), len(body)) for body in arrived]
    assert not rows.filter(outcome=ModelCall.Outcome.SENDING).exists()


@pytest.mark.django_db
@pytest.mark.timeout(max(3600, 30 * STORIES))
def test_nothing_arrives_that_may_not_leave(cloud: RecordingCloud) -> None:
    cloud.answer = "It needs one in the spring [1]."
    played = {"stories": 0, "requests": 0}

    @given(story=stories)
    @hypothesis_settings(
        max_examples=STORIES,
        deadline=None,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=[*HealthCheck],
    )
    def tell(story: Story) -> None:
        played["stories"] += 1
        RouteRule.objects.all().delete()
        world = begin(story, cloud, played["stories"])
        before = len(cloud.raw)
        for step in story.steps:
            play(world, step)
        played["requests"] += len(cloud.raw) - before

    tell()
    sys.stdout.write(f"{played['stories']} stories, {played['requests']} requests arrived\n")
    assert played["requests"] > played["stories"] / 10, "Hardly anything was sent: the stories prove little."
    assert ModelCall.objects.verify().intact

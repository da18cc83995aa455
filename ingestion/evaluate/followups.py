"""Whether follow-up questions find what they ask for, by how they are put to the search."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inference.followup import understood
from inference.protocols import Turn
from inference.retrieve import retrieve
from ingestion.evaluate.judged import Judged, LookUp, Tracked, untracked
from kb.models import Person

TOP = 5
"""Hits that are judged."""
SWITCH = "switch"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a dialogue. One of `documents` answers it, in a passage that holds all of `words`.

    `standalone` is what a careful reader understands; `answer` is what was answered. `kind` is “first”, “switch” for a
    new subject, or how the question leans on what was said before: “pronoun”, “ellipsis”, “bare”.
    """

    kind: str
    question: str
    standalone: str
    documents: Sequence[str]
    words: Sequence[str]
    answer: str


@dataclass(frozen=True, slots=True)
class Dialogue:
    language: str
    split: str
    turns: Sequence[Asked]


@dataclass(frozen=True, slots=True)
class FollowupScores:
    """Shares of the questions: a right document in the first five hits, and the right passage first of all.

    `mrr` is the mean reciprocal rank of the right passage among these five. `rewritten` is how many questions were
    put in other words than the person's.
    """

    split: str
    questions: str
    way: str
    count: int
    document_top5: float
    passage_first: float
    mrr: float
    rewritten: int


class Way(StrEnum):
    """How a question is put to the search."""

    RAW = "as asked"
    JOINED = "after the one before"
    UNDERSTOOD = "as understood"
    ORACLE = "by a person"


@dataclass(frozen=True, slots=True)
class _Judgement:
    split: str
    switch: bool
    way: Way
    document: bool
    rank: int | None
    rewritten: bool


def evaluate(
    dialogues: Sequence[Dialogue], person: Person, look_up: LookUp, *, tracked: Tracked = untracked
) -> list[FollowupScores]:
    """Asks each question that is not the first of its dialogue in every way, as the person.

    Raises:
        IndexUnavailable: the index could not be reached.
    """
    judgements = [
        each for dialogue in tracked(dialogues, "Asking") for each in _judged(dialogue, person, look_up)
    ]
    return [
        _scores([each for each in judgements if (each.split, each.switch, each.way) == (split, switch, way)])
        for split in dict.fromkeys(each.split for each in dialogues)
        for switch in (False, True)
        for way in Way
    ]


def _judged(dialogue: Dialogue, person: Person, look_up: LookUp) -> Iterator[_Judgement]:
    history: list[Turn] = []
    for before, asked in zip([None, *dialogue.turns[:-1]], dialogue.turns, strict=True):
        ways = _ways(asked, before, history)
        if before:
            for way, text in ways.items():
                hits = look_up(retrieve(text, person, limit=TOP).hits)
                document = any(hit.document in asked.documents for hit in hits)
                rewritten = text != asked.question
                rank = _rank(hits, asked)
                yield _Judgement(dialogue.split, asked.kind == SWITCH, way, document, rank, rewritten)
        history.append(Turn(ways[Way.UNDERSTOOD], asked.answer))


def _ways(asked: Asked, before: Asked | None, history: Sequence[Turn]) -> Mapping[Way, str]:
    return {
        Way.RAW: asked.question,
        Way.JOINED: f"{before.question} {asked.question}" if before else asked.question,
        Way.UNDERSTOOD: understood(asked.question, history).text,
        Way.ORACLE: asked.standalone,
    }


def _rank(hits: Sequence[Judged], asked: Asked) -> int | None:
    """Of the first passage that answers, from 1."""
    for rank, hit in enumerate(hits, 1):
        if hit.document in asked.documents and all(word in hit.text for word in asked.words):
            return rank
    return None


def _scores(judgements: Sequence[_Judgement]) -> FollowupScores:
    first, count = judgements[0], len(judgements)
    return FollowupScores(
        split=first.split,
        questions="new subjects" if first.switch else "follow-ups",
        way=first.way,
        count=count,
        document_top5=sum(each.document for each in judgements) / count,
        passage_first=sum(each.rank == 1 for each in judgements) / count,
        mrr=sum(1 / each.rank for each in judgements if each.rank) / count,
        rewritten=sum(each.rewritten for each in judgements),
    )

"""Folders of judged documents whose questions have known answers, and a company's own golden questions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ingestion.evaluate.expected import Expected
from ingestion.evaluate.golden import resolved
from ingestion.evaluate.judged import JudgedSet, Query, Source
from ingestion.evaluate.readers import Row, read_set, rows_of
from kb.errors import Rejected
from kb.models import Person


@dataclass(frozen=True, slots=True)
class AnswerSet:
    name: str
    sources: Sequence[Source]
    expected: Sequence[Expected]


def read_answers(folder: Path, *, limit: int | None = None) -> AnswerSet:
    """The folder's documents, and its questions or the first `limit` of them.

    Raises:
        Rejected: it is no folder of a known form, is damaged, or says nothing about answers.
    """
    judged = read_set(folder)
    for mark, reader in READERS.items():
        if (folder / mark).exists():
            try:
                return reader(folder, judged, limit)
            except (KeyError, TypeError) as error:
                raise Rejected(
                    f"{folder} says nothing about answers that could be compared: {error!r} in {mark}."
                ) from error
    raise Rejected(f"{folder} says nothing about answers: only {' or '.join(READERS)} may.")


def as_asked_by(person: Person, expected: Sequence[Expected]) -> list[Expected]:
    """With the ids of documents instead of their titles or file names, as this person sees them.

    Raises:
        Rejected: no document that the person can see is called so.
    """
    queries = resolved([each.query for each in expected], person)
    return [replace(each, query=query) for each, query in zip(expected, queries, strict=True)]


def _with_references(folder: Path, judged: JudgedSet, limit: int | None) -> AnswerSet:
    """BEIR, and the whole answer in somebody's words with each query."""
    queries = {query.id: query for query in judged.queries}
    rows = [row for row in rows_of(folder / "queries.jsonl") if row["id"] in queries]
    expected = [Expected(queries[row["id"]], reference=row["answer"]) for row in rows[:limit]]
    return AnswerSet(judged.name, judged.sources, expected)


def _contracts(folder: Path, judged: JudgedSet, limit: int | None) -> AnswerSet:
    """A clause that a contract does not have has no spans: to ask for it should be refused."""
    queries = {query.id: query for query in judged.queries}
    rows = list(rows_of(folder / "qa.jsonl"))[:limit]
    asked = {row["doc"] for row in rows}
    return AnswerSet(
        judged.name,
        [source for source in judged.sources if source.id in asked],
        [_clause(row, queries) for row in rows],
    )


def _clause(row: Row, queries: Mapping[str, Query]) -> Expected:
    if row["spans"]:
        return Expected(queries[row["id"]])
    return Expected(Query(row["id"], row["text"], ()), refuse=True)


READERS: Mapping[str, Callable[[Path, JudgedSet, int | None], AnswerSet]] = {
    "qa.jsonl": _contracts,
    "queries.jsonl": _with_references,
}

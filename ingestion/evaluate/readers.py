"""Folders of judged documents, each in its own form, and a company's own golden questions."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ingestion.evaluate.expected import Expected
from ingestion.evaluate.judged import Gold, JudgedSet, Query, Source
from kb.errors import Rejected

Row = Mapping[str, Any]
COLUMNS = ("question", "document", "page", "words", "refuse")
BETWEEN_WORDS = "|"
"""In the column words."""
YES = frozenset({"yes", "1", "true", "x", "ja"})
"""In the column refuse."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a CSV: one thing that answers a question, or none where it should be refused."""

    question: str
    gold: Gold | None
    words: tuple[str, ...] = ()


def read_set(folder: Path) -> JudgedSet:
    """The judged set in the folder, whichever of the known forms it has.

    Raises:
        Rejected: it is no folder, has none of the forms, or is damaged.
    """
    for marks, reader in FORMS.items():
        if all((folder / mark).exists() for mark in marks):
            return _complete(folder, reader)
    forms = "; ".join(" + ".join(marks) for marks in FORMS)
    raise Rejected(f"{folder} holds no judged set: a folder is known by its files ({forms}).")


def golden_questions(file: Path) -> tuple[Expected, ...]:
    """A company's own: a CSV file with the columns question, document (title or file name) and, if it likes, page,
    words that an answer must hold (with “|” between them), and refuse (“yes” where nothing answers).

    Raises:
        Rejected: it is not such a file.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return parse_golden(lines.read().splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected(f"{file} cannot be read as CSV in UTF-8: {error}") from error


def parse_golden(lines: list[str]) -> tuple[Expected, ...]:
    """Rows with the same question are one question with several answers. Semicolons do as well as commas.

    Raises:
        Rejected: a column is missing, or a row is not complete.
    """
    rows = csv.DictReader(lines, delimiter=_delimiter(lines))
    try:
        if missing := {"question", "document"} - set(rows.fieldnames or ()):
            raise Rejected(
                f"The CSV has no column {' and no column '.join(sorted(missing))}. "
                f"Its first line must be: {','.join(COLUMNS)}"
            )
        lines_read = [_line(row, number) for number, row in enumerate(rows, 2)]
    except csv.Error as error:
        raise Rejected(f"This is no CSV: {error}.") from error
    if not lines_read:
        raise Rejected("The CSV holds no question below its first line.")
    return as_expected(lines_read)


def as_expected(lines: Iterable[Line]) -> tuple[Expected, ...]:
    """Each question once, in the order in which they come first, with all that answers it."""
    grouped: defaultdict[str, list[Line]] = defaultdict(list)
    for line in lines:
        grouped[line.question].append(line)
    return tuple(
        _expected(Query(str(n), question, tuple(each.gold for each in rows if each.gold)), rows)
        for n, (question, rows) in enumerate(grouped.items(), 1)
    )


def queries_in(expected: Iterable[Expected]) -> tuple[Query, ...]:
    """Those that something answers: what retrieval can be measured on."""
    return tuple(each.query for each in expected if not each.refuse)


def _expected(query: Query, rows: Sequence[Line]) -> Expected:
    """Of lines with the same question, all words are expected. It is refused when no line has what answers."""
    words = tuple(dict.fromkeys(word for row in rows for word in row.words))
    return Expected(query, words=words, refuse=not query.gold)


def _line(row: Row, number: int) -> Line:
    question = _cell(row, "question", number)
    words = tuple(word.strip() for word in (row.get("words") or "").split(BETWEEN_WORDS) if word.strip())
    if (row.get("refuse") or "").strip().casefold() not in YES:
        return Line(question, Gold(_cell(row, "document", number), page=_page(row, number)), words)
    if (row["document"] or "").strip():
        raise Rejected(f"Line {number} of the CSV names a document for a question that is to be refused.")
    return Line(question, None, ())


def _delimiter(lines: list[str]) -> str:
    """Spreadsheets write semicolons where the comma is the decimal point."""
    head = lines[0] if lines else ""
    return ";" if ";" in head and "," not in head else ","


def _cell(row: Row, column: str, number: int) -> str:
    if text := (row[column] or "").strip():
        return str(text)
    raise Rejected(f"Line {number} of the CSV has no {column}.")


def _page(row: Row, number: int) -> int | None:
    text = (row.get("page") or "").strip()
    if text and not (text.isdecimal() and int(text)):
        raise Rejected(f"Line {number} of the CSV has the page “{text}”; pages are numbers from 1 up.")
    return int(text) if text else None


def _complete(folder: Path, reader: Callable[[Path], JudgedSet]) -> JudgedSet:
    try:
        judged = reader(folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(f"{folder} is damaged: {error!r}") from error
    queries = [query for query in judged.queries if query.gold]
    if not judged.sources or not queries:
        raise Rejected(f"{folder} is damaged: it has no documents, or no query that anything answers.")
    known = {source.id for source in judged.sources}
    if strange := {gold.document for query in queries for gold in query.gold} - known:
        raise Rejected(
            f"{folder} is damaged: it judges {sorted(strange)[0]}, which is not among its documents."
        )
    return JudgedSet(judged.name, judged.sources, queries, judged.by_document)


def _beir(folder: Path) -> JudgedSet:
    """Thakur et al., BEIR (2021): qrels.tsv has a head line and the columns query, document, grade."""
    gold: defaultdict[str, list[Gold]] = defaultdict(list)
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, document, grade = line.split("\t")
        if int(grade) > 0:
            gold[query].append(Gold(document, grade=int(grade)))
    sources = [
        Source(row["id"], f"{row['id']}.txt", row.get("title") or "", row["text"])
        for row in rows_of(folder / "corpus.jsonl")
    ]
    queries = [
        Query(row["id"], row["text"], tuple(gold[row["id"]])) for row in rows_of(folder / "queries.jsonl")
    ]
    return JudgedSet(_name(folder), sources, queries)


def _cuad(folder: Path) -> JudgedSet:
    """Contracts as PDF; a clause answers. The file has the name by which the questions call the contract."""
    sources = [
        Source(row["id"], f"{row['name']}.pdf", path=folder / row["file"])
        for row in rows_of(folder / "contracts.jsonl")
    ]
    queries = [
        Query(row["id"], row["text"], tuple(Gold(row["doc"], passage=span) for span in row["spans"]))
        for row in rows_of(folder / "qa.jsonl")
    ]
    return JudgedSet(_name(folder), sources, queries, by_document=False)


def _financebench(folder: Path) -> JudgedSet:
    """Filings as PDF; a page answers. The data counts pages from 0."""
    sources = [Source(path.stem, path.name, path=path) for path in sorted((folder / "docs").iterdir())]
    queries = [
        Query(row["id"], row["text"], tuple(Gold(each["doc"], each["page0"] + 1) for each in row["evidence"]))
        for row in rows_of(folder / "questions.jsonl")
    ]
    return JudgedSet(_name(folder), sources, queries, by_document=False)


def _chroma(folder: Path) -> JudgedSet:
    """Long documents; marked passages answer."""
    sources = [Source(path.stem, path.name, path=path) for path in sorted((folder / "docs").iterdir())]
    queries = [
        Query(row["id"], row["text"], tuple(Gold(row["doc"], passage=span["text"]) for span in row["spans"]))
        for row in rows_of(folder / "queries.jsonl")
    ]
    return JudgedSet(_name(folder), sources, queries, by_document=False)


FORMS: dict[tuple[str, ...], Callable[[Path], JudgedSet]] = {
    ("corpus.jsonl", "queries.jsonl", "qrels.tsv"): _beir,
    ("contracts.jsonl", "qa.jsonl"): _cuad,
    ("docs", "questions.jsonl"): _financebench,
    ("docs", "queries.jsonl"): _chroma,
}


def rows_of(path: Path) -> Iterator[Row]:
    """The JSON object of each line."""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line.strip():
            try:
                yield json.loads(line)
            except ValueError as error:
                raise ValueError(f"line {number} of {path.name} is no JSON") from error


def _name(folder: Path) -> str:
    """“xquad/de” for a folder in a folder of languages, so that two sets never share a name."""
    folder = folder.resolve()
    return f"{folder.parent.name}/{folder.name}" if len(folder.name) == len("de") else folder.name

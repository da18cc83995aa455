"""Folders of judged documents, each in its own form, and a company's own golden questions."""

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from ingestion.evaluate.judged import Gold, JudgedSet, Query, Source
from kb.errors import Rejected

Row = Mapping[str, Any]
COLUMNS = ("question", "document", "page")


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


def golden_questions(file: Path) -> tuple[Query, ...]:
    """A company's own: a CSV file with the columns question, document (title or file name) and, if it likes, page.

    Raises:
        Rejected: it is not such a file.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as lines:
            return parse_golden(lines.read().splitlines())
    except (OSError, UnicodeDecodeError) as error:
        raise Rejected(f"{file} cannot be read as CSV in UTF-8: {error}") from error


def parse_golden(lines: list[str]) -> tuple[Query, ...]:
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
        answers = [
            (_cell(row, "question", number), Gold(_cell(row, "document", number), page=_page(row, number)))
            for number, row in enumerate(rows, 2)
        ]
    except csv.Error as error:
        raise Rejected(f"This is no CSV: {error}.") from error
    if not answers:
        raise Rejected("The CSV holds no question below its first line.")
    return as_queries(answers)


def as_queries(answers: Iterable[tuple[str, Gold]]) -> tuple[Query, ...]:
    """Each question once, in the order in which they come first, with all that answers it."""
    gold: defaultdict[str, list[Gold]] = defaultdict(list)
    for question, answer in answers:
        gold[question].append(answer)
    return tuple(Query(str(n), question, tuple(each)) for n, (question, each) in enumerate(gold.items(), 1))


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
        for row in _rows(folder / "corpus.jsonl")
    ]
    queries = [
        Query(row["id"], row["text"], tuple(gold[row["id"]])) for row in _rows(folder / "queries.jsonl")
    ]
    return JudgedSet(_name(folder), sources, queries)


def _cuad(folder: Path) -> JudgedSet:
    """Contracts as PDF; a clause answers. The file has the name by which the questions call the contract."""
    sources = [
        Source(row["id"], f"{row['name']}.pdf", path=folder / row["file"])
        for row in _rows(folder / "contracts.jsonl")
    ]
    queries = [
        Query(row["id"], row["text"], tuple(Gold(row["doc"], passage=span) for span in row["spans"]))
        for row in _rows(folder / "qa.jsonl")
    ]
    return JudgedSet(_name(folder), sources, queries, by_document=False)


def _financebench(folder: Path) -> JudgedSet:
    """Filings as PDF; a page answers. The data counts pages from 0."""
    sources = [Source(path.stem, path.name, path=path) for path in sorted((folder / "docs").iterdir())]
    queries = [
        Query(row["id"], row["text"], tuple(Gold(each["doc"], each["page0"] + 1) for each in row["evidence"]))
        for row in _rows(folder / "questions.jsonl")
    ]
    return JudgedSet(_name(folder), sources, queries, by_document=False)


def _chroma(folder: Path) -> JudgedSet:
    """Long documents; marked passages answer."""
    sources = [Source(path.stem, path.name, path=path) for path in sorted((folder / "docs").iterdir())]
    queries = [
        Query(row["id"], row["text"], tuple(Gold(row["doc"], passage=span["text"]) for span in row["spans"]))
        for row in _rows(folder / "queries.jsonl")
    ]
    return JudgedSet(_name(folder), sources, queries, by_document=False)


FORMS: dict[tuple[str, ...], Callable[[Path], JudgedSet]] = {
    ("corpus.jsonl", "queries.jsonl", "qrels.tsv"): _beir,
    ("contracts.jsonl", "qa.jsonl"): _cuad,
    ("docs", "questions.jsonl"): _financebench,
    ("docs", "queries.jsonl"): _chroma,
}


def _rows(path: Path) -> Iterator[Row]:
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

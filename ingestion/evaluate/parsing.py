"""Parsing: what comes out of files, compared with the text that should."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean

from markdown_it import MarkdownIt
from markdown_it.token import Token
from rapidfuzz.distance import LCSseq

from ingestion.parse.elements import Kind, Parsed
from ingestion.parse.sandbox import Limits, parse
from ingestion.parse.sniff import sniff
from kb.errors import Rejected, StrongroomError

INDEX = "index.jsonl"
WORD = re.compile(r"[^\W_]+")
COMMENT = re.compile(r"<!--.*?-->", re.S)
"""Marks such as “<!-- image -->” stand for what is no text."""
TAG = re.compile(r"<[^>]*>")
PIPE = re.compile(r"(?<!\\)\|")
MARKDOWN = MarkdownIt("commonmark").enable("table")
TEXT = frozenset({"text", "code_inline", "code_block", "fence"})
"""Kinds of tokens whose content is text; the address of a link is not."""
HTML = frozenset({"html_block", "html_inline"})
BREAKS = frozenset({"softbreak", "hardbreak"})


@dataclass(frozen=True, slots=True)
class Content:
    """The words of a document in reading order, in lower case, and its table cells that hold any."""

    words: tuple[str, ...]
    cells: tuple[str, ...] = ()


NOTHING = Content(())


@dataclass(frozen=True, slots=True)
class Overlap:
    """Of two multisets, 0..1."""

    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class Score:
    """`order` is the share of the words found that come in the order expected. `cells` is None without a table."""

    words: Overlap
    order: float
    cells: Overlap | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file: a score if it is known what it says, and a sentence if it was not read."""

    file: str
    format: str
    score: Score | None
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Means over the `scored` files of a format, in which a file that was not read counts as 0."""

    files: int
    scored: int
    precision: float | None
    recall: float | None
    f1: float | None
    order: float | None
    cells: Overlap | None
    failures: int


@dataclass(frozen=True, slots=True)
class Failure:
    file: str
    reason: str


@dataclass(frozen=True, slots=True)
class Evaluation:
    overall: Figures
    formats: dict[str, Figures]
    failed: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class Sample:
    path: Path
    format: str
    expected: Content | None


def evaluate_folder(folder: Path, limits: Limits) -> Evaluation:
    """Reads every file that the folder's index.jsonl names, each in a child process, as an upload is read.

    Raises:
        Rejected: the folder has no such index, or what it names is not there.
    """
    outcomes = [_outcome(sample, limits) for sample in read_samples(folder)]
    by_format: defaultdict[str, list[Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_format[outcome.format].append(outcome)
    return Evaluation(
        overall=summarise(outcomes),
        formats={name: summarise(own) for name, own in sorted(by_format.items())},
        failed=tuple(Failure(each.file, each.failure) for each in outcomes if each.failure),
    )


def read_samples(folder: Path) -> list[Sample]:
    """Lines of `{"file", "format", "gt_md"}`: a file, and one with its text in Markdown, where that is known.

    Raises:
        Rejected: there is no such file, or what it names is not there.
    """
    try:
        rows = [json.loads(line) for line in (folder / INDEX).read_text(encoding="utf-8").splitlines()]
        return [
            Sample(folder / row["file"], row["format"], _expected(folder, row.get("gt_md"))) for row in rows
        ]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(
            f"{folder} holds no files to read: it needs an {INDEX} with lines of file, format and gt_md. ({error})"
        ) from error


def _expected(folder: Path, file: str | None) -> Content | None:
    return expected_content((folder / file).read_text(encoding="utf-8")) if file else None


def _outcome(sample: Sample, limits: Limits) -> Outcome:
    name = sample.path.name
    try:
        media_type = sniff(sample.path, name).media_type
        parsed = parse(sample.path, name=name, media_type=media_type, limits=limits)
    except StrongroomError as error:
        return Outcome(name, sample.format, _compared(sample.expected, NOTHING), str(error))
    return Outcome(name, sample.format, _compared(sample.expected, found_content(parsed)))


def _compared(expected: Content | None, found: Content) -> Score | None:
    return None if expected is None else score(expected, found)


def expected_content(markdown: str) -> Content:
    """What a reader sees of the Markdown: neither its marks nor the addresses of its links."""
    words: list[str] = []
    cells: list[str] = []
    in_table = False
    for token in MARKDOWN.parse(COMMENT.sub(" ", markdown)):
        if token.type in {"table_open", "table_close"}:
            in_table = token.nesting > 0
        own = _words(_text(token))
        words += own
        if in_table and own:
            cells.append(" ".join(own))
    return Content(tuple(words), tuple(cells))


def found_content(parsed: Parsed) -> Content:
    words = [word for element in parsed.elements for word in _words(element.text)]
    tables = [element.text for element in parsed.elements if element.kind is Kind.TABLE]
    cells = [" ".join(_words(cell)) for table in tables for cell in PIPE.split(table)]
    return Content(tuple(words), tuple(cell for cell in cells if cell))


def score(expected: Content, found: Content) -> Score:
    words = overlap(expected.words, found.words)
    common = (Counter(expected.words) & Counter(found.words)).total()
    order = LCSseq.similarity(expected.words, found.words) / common if common else words.f1
    return Score(words, order, overlap(expected.cells, found.cells) if expected.cells else None)


def overlap(expected: Sequence[str], found: Sequence[str]) -> Overlap:
    """Nothing found where nothing is expected is perfect."""
    if not expected and not found:
        return Overlap(1.0, 1.0, 1.0)
    common = (Counter(expected) & Counter(found)).total()
    return Overlap(
        precision=common / len(found) if found else 0.0,
        recall=common / len(expected) if expected else 0.0,
        f1=2 * common / (len(expected) + len(found)),
    )


def summarise(outcomes: Sequence[Outcome]) -> Figures:
    scores = [each.score for each in outcomes if each.score]
    words = _mean(each.words for each in scores)
    return Figures(
        files=len(outcomes),
        scored=len(scores),
        precision=None if words is None else words.precision,
        recall=None if words is None else words.recall,
        f1=None if words is None else words.f1,
        order=fmean(each.order for each in scores) if scores else None,
        cells=_mean(each.cells for each in scores if each.cells),
        failures=sum(each.failure is not None for each in outcomes),
    )


def _mean(overlaps: Iterable[Overlap]) -> Overlap | None:
    every = list(overlaps)
    if not every:
        return None
    return Overlap(
        fmean(each.precision for each in every),
        fmean(each.recall for each in every),
        fmean(each.f1 for each in every),
    )


def _text(token: Token) -> str:
    if token.type in TEXT:
        return token.content
    if token.type in HTML:
        return TAG.sub(" ", token.content)
    return " " if token.type in BREAKS else "".join(map(_text, token.children or ()))


def _words(text: str) -> list[str]:
    return [word.casefold() for word in WORD.findall(text)]

"""How well the support check tells what a source says from what it does not, on claims of which that is known.

A folder is read in one of two forms:

- HaluEval's: files of lines `{"knowledge", "question", "right_answer", "hallucinated_answer"}`. Both answers are
  judged beside the knowledge, the second as one that it does not say.
- BEIR's: `corpus.jsonl`, `queries.jsonl` and `qrels.tsv`. A query is a claim; one that has an `answer` is a question,
  and each sentence of the answer a claim. It is judged beside its own passages, and beside the other passage that
  holds most of its words, which is taken not to say it. Some do say it, and some of SciFact's own passages say the
  opposite: both count as our mistakes.
"""

import json
import math
import re
import time
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from inference.protocols import Shown
from inference.sentences import split
from inference.support.claims import Claim, judged
from inference.support.reading import Source
from inference.support.verdicts import Judgement, Verdict
from inference.terms import content_terms
from kb.errors import Rejected

MOST = 250
"""Queries of a set in BEIR's form that are looked at, drawn by their digest."""
DRAWS = 1_000
"""Of the bootstrap, over questions."""
LANGUAGE = "en"
GLUED = re.compile(r"(?<=[a-z0-9)\]\"”][.!?])(?=[\"“A-Z])")
"""HaluEval joins the sentences of its knowledge without a space."""


@dataclass(frozen=True, slots=True)
class Known:
    """A claim, and whether its sources say it. Claims of one `question` are drawn together."""

    claim: Claim
    question: str
    is_said: bool

    @property
    def is_held_out(self) -> bool:
        """Whether `manage.py tune support` never learns from it: half of the questions."""
        return zlib.crc32(self.question.encode()) % 2 == 0


@dataclass(frozen=True, slots=True)
class SupportScores:
    """Balanced accuracy is of “supported” against all other verdicts, with its 95 % interval. Precision and recall are
    of “unsupported”; `false_alarms` is the share of what the source says that is called so."""

    claims: int
    balanced_accuracy: float
    low: float
    high: float
    precision: float | None
    recall: float
    false_alarms: float
    ms_a_claim: float


def evaluate_folder(folder: Path) -> dict[str, SupportScores]:
    """Of all claims, and of those that the shipped weights were not learned from.

    Raises:
        Rejected: the folder holds neither form.
    """
    known = read(folder)
    start = time.perf_counter()
    judgements = judged([each.claim for each in known])
    ms = 1_000 * (time.perf_counter() - start) / len(known)
    pairs = list(zip(known, judgements, strict=True))
    parts = {"all": pairs, "held out": [pair for pair in pairs if pair[0].is_held_out]}
    return {name: _scores(part, ms) for name, part in parts.items() if part}


def read(folder: Path) -> list[Known]:
    try:
        known = list(_judged_set(folder) if (folder / "qrels.tsv").is_file() else _halueval(folder))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise Rejected(
            f"{folder} cannot be read: it must hold lines with knowledge, question, right_answer and "
            "hallucinated_answer, or corpus.jsonl, queries.jsonl and qrels.tsv."
        ) from error
    if not known:
        raise Rejected(f"{folder} holds no claims: there is nothing to measure on.")
    return known


def _halueval(folder: Path) -> Iterator[Known]:
    for path in sorted(folder.glob("*.jsonl")):
        for row in _rows(path):
            source = [_source("", GLUED.sub(" ", row["knowledge"]))]
            for answer, is_said in ((row["right_answer"], True), (row["hallucinated_answer"], False)):
                yield Known(Claim(answer, row["question"], source, LANGUAGE), row["question"], is_said)


def _judged_set(folder: Path) -> Iterator[Known]:
    passages = {
        row["id"]: _source(row.get("title", ""), row["text"]) for row in _rows(folder / "corpus.jsonl")
    }
    queries = {row["id"]: row for row in _rows(folder / "queries.jsonl")}
    relevant: dict[str, list[str]] = {}
    for line in (folder / "qrels.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        query, passage, _ = line.split("\t")
        relevant.setdefault(query, []).append(passage)
    words = _Words({name: _terms(source) for name, source in passages.items()})
    for query in sorted(relevant, key=lambda name: zlib.crc32(name.encode()))[:MOST]:
        asked, claims = _claims(queries[query])
        own = relevant[query]
        others = [passages[words.nearest(" ".join(claims), own)]]
        for text in claims:
            yield Known(Claim(text, asked, [passages[name] for name in own], LANGUAGE), query, is_said=True)
            yield Known(Claim(text, asked, others, LANGUAGE), query, is_said=False)


def _claims(query: Mapping[str, Any]) -> tuple[str, list[str]]:
    """The question, if it is one, and the claims."""
    if "answer" in query:
        return query["text"], [sentence.text for sentence in split(query["answer"])]
    return "", [query["text"]]


class _Words:
    """Passages by the words that they share with a claim, rare ones counting more."""

    def __init__(self, terms: Mapping[str, frozenset[int]]):
        self._terms = terms
        self._frequency = Counter(term for held in terms.values() for term in held)

    def nearest(self, claim: str, own: Sequence[str]) -> str:
        """The passage that holds most of it, other than its own."""
        asked = content_terms(claim, LANGUAGE)
        rarity = {term: math.log(len(self._terms) / (1 + self._frequency[term])) for term in asked}
        others = (name for name in self._terms if name not in own)
        return max(others, key=lambda name: sum(rarity[term] for term in asked & self._terms[name]))


def _source(header: str, text: str) -> Source:
    return Source(Shown(1, header, text), LANGUAGE)


def _terms(source: Source) -> frozenset[int]:
    return content_terms(f"{source.shown.header} {source.shown.text}", LANGUAGE)


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        yield from (json.loads(line) for line in lines if line.strip())


def _scores(pairs: Sequence[tuple[Known, Judgement]], ms: float) -> SupportScores:
    said = np.array([known.is_said for known, _ in pairs])
    supported = np.array([judgement.verdict == Verdict.SUPPORTED for _, judgement in pairs])
    unsupported = np.array([judgement.verdict == Verdict.UNSUPPORTED for _, judgement in pairs])
    groups = np.unique([known.question for known, _ in pairs], return_inverse=True)[1]
    low, high = _interval(said, supported, groups)
    return SupportScores(
        claims=len(pairs),
        balanced_accuracy=balanced_accuracy(said, supported),
        low=low,
        high=high,
        precision=float((~said[unsupported]).mean()) if unsupported.any() else None,
        recall=float(unsupported[~said].mean()),
        false_alarms=float(unsupported[said].mean()),
        ms_a_claim=ms,
    )


def balanced_accuracy(said: npt.NDArray[np.bool_], supported: npt.NDArray[np.bool_]) -> float:
    """The mean of the share of what is said that is supported, and of what is not that is not."""
    return float((supported[said].mean() + (~supported[~said]).mean()) / 2)


def _interval(
    said: npt.NDArray[np.bool_], supported: npt.NDArray[np.bool_], groups: npt.NDArray[np.intp]
) -> tuple[float, float]:
    """95 %, by drawing questions with replacement."""
    members = [np.flatnonzero(groups == group) for group in range(groups.max() + 1)]
    random = np.random.default_rng(0)
    drawn = (
        np.concatenate([members[group] for group in random.integers(0, len(members), len(members))])
        for _ in range(DRAWS)
    )
    low, high = np.quantile(
        [balanced_accuracy(said[rows], supported[rows]) for rows in drawn], [0.025, 0.975]
    )
    return float(low), float(high)

"""Passages → a summary of a few sentences. On-premises only.

The sentences of the document that say most of it are taken as they stand, so that a summary is never wrong about
its document. The SLM may then word them anew, and is believed only if each of its sentences holds against them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import numpy as np
import numpy.typing as npt

from inference import gateway, registry
from inference.markings import find_marking
from inference.prompts import summary_prompt
from inference.protocols import Vectors
from inference.sentences import split
from ingestion.votes import representatives
from kb.errors import StrongroomError
from kb.models import ModelCall, Sensitivity

EXTRACTION = "extraction"
PASSAGES = 12
"""How many are looked at, so that a long document takes no longer than a short one."""
CANDIDATES = 100
"""Sentences that are embedded: about a second."""
SENTENCES = 3
WORDS = 90
"""A summary's, at most."""
SHORTEST, LONGEST = 7, 45
"""Words of a sentence that can stand in a summary."""
PLAIN_SHARE = 0.4
"""Of its words that begin with a small letter; German sentences have few."""
TITLE_SHARE = 0.5
"""What nearness to the title counts beside nearness to the whole."""
OPENING_BONUS = 0.25
"""What the first sentence has before the last one: documents say first what they are."""
DANGLING_MALUS = 0.1
"""For a sentence that leans on the one before it."""
DIVERSITY = 0.5
"""Share of a sentence's likeness to those already chosen that is taken off (Carbonell and Goldstein 1998, MMR)."""
TOKENS = 90
"""That the SLM may write."""
SHARED_WORDS = 0.75
"""Share of a sentence's content words that must stand in the source."""
LIKENESS = 0.75
"""Cosine to the nearest source sentence that a sentence of the SLM must reach."""
CONTENT_LETTERS = 4
"""Shorter words are grammar."""

GREETING = re.compile(
    r"(?:dear|hello|hi|good (?:morning|afternoon)|kind regards|best regards|sincerely|thank you for|thanks for"
    r"|sehr geehrte|liebe[rs]? |guten tag|mit freundlichen|viele grüße"
    r"|from:|to:|cc:|subject:|date:|sent:|message-id:|von:|an:|betreff:)",
    re.IGNORECASE,
)
FURNITURE = re.compile(
    r"all rights reserved|©|copyright|alle rechte vorbehalten|table of contents|inhaltsverzeichnis|unsubscribe"
    r"|valid (?:from|until)|gültig (?:ab|bis)|version \d|edition \d"
    r"|^(?:page|seite|owner|verteiler|distribution|approved by|written by|prepared by|for members)\b",
    re.IGNORECASE,
)
NUMBERING = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|[a-z]\))\s+")
DANGLING = re.compile(
    r"(?:this|these|those|it|they|he|she|however|therefore|thus|also|but|and|so|then|such|dies|diese[rs]?|er|sie|es"
    r"|daher|deshalb|jedoch|auch|aber|dann)\b",
    re.IGNORECASE,
)
NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-ZÄÖÜ][\w-]+")
FIGURE = re.compile(r"\d+(?:[.,]\d+)*")
WORD = re.compile(r"[^\W\d_]+")


@dataclass(frozen=True, slots=True)
class Summary:
    """`made_by` is "extraction" or the name of the model whose wording it is."""

    text: str
    made_by: str


def summarise(title: str, passages: Sequence[str], *, subject: UUID, reword: bool = False) -> Summary:
    """Two or three sentences. `subject` is the version.

    `reword` lets the SLM try its own wording. It is off by default: of 25 sample documents SmolLM2-135M's wording held
    for one that it had not merely copied, and that one mixed up two valves, for four seconds a document.

    Raises:
        ModelUnavailable: the embedder failed. A failure of the SLM is no error.
    """
    shown = [passages[place] for place in representatives(passages, PASSAGES)]
    chosen = extract(title, shown)
    if not chosen:
        return Summary(_of_tables(shown) or _opening(shown), EXTRACTION)
    extracted = Summary(" ".join(chosen), EXTRACTION)
    wording = _reworded(chosen, subject) if reword else ""
    if wording in ("", extracted.text):
        return extracted
    return Summary(wording, registry.model_name("slm"))


def extract(title: str, passages: Sequence[str]) -> list[str]:
    """The sentences that say most of the passages, as they stand and in their order; [] if there are none."""
    found = [NUMBERING.sub("", " ".join(item.text.split())) for text in passages for item in split(text)]
    sentences = list(dict.fromkeys(filter(_can_stand_alone, found)))[:CANDIDATES]
    if not sentences:
        return []
    vectors = registry.embedder().embed_passages([title, *sentences])
    places = _diverse(_worth(sentences, vectors), vectors[1:], [len(text.split()) for text in sentences])
    return [sentences[place] for place in sorted(places)]


def holds(wording: str, source: Sequence[str]) -> bool:
    """Whether each sentence of the wording says only what the source says, as far as words can tell."""
    claims = [claim.text for claim in split(wording)]
    if not claims or not all(_only_known(claim, " ".join(source)) for claim in claims):
        return False
    embedder = registry.embedder()
    likeness = embedder.embed_passages(claims) @ embedder.embed_passages(source).T
    return bool((likeness.max(axis=1) >= LIKENESS).all())


def _can_stand_alone(sentence: str) -> bool:
    if (
        sentence.startswith("|")
        or sentence[-1] not in ".!?"
        or not SHORTEST <= len(sentence.split()) <= LONGEST
    ):
        return False
    return not (GREETING.match(sentence) or FURNITURE.search(sentence) or _is_letterhead(sentence))


def _is_letterhead(sentence: str) -> bool:
    """Names, dates and places without a predicate, or a marking."""
    words = sentence.split()
    plain = sum(word[0].islower() for word in words)
    return plain < PLAIN_SHARE * len(words) or find_marking(sentence) is not None


def _worth(sentences: Sequence[str], vectors: Vectors) -> npt.NDArray[np.float64]:
    """Shape (n,): nearness to the whole and to the title (row 0 of the vectors), with a bonus for coming early."""
    title, rows = vectors[0], vectors[1:]
    nearness = rows @ rows.mean(axis=0) + TITLE_SHARE * (rows @ title)
    opening = OPENING_BONUS * np.linspace(1.0, 0.0, len(sentences))
    dangling = [DANGLING_MALUS * bool(DANGLING.match(sentence)) for sentence in sentences]
    worth: npt.NDArray[np.float64] = nearness + opening - np.array(dangling)
    return worth


def _diverse(worth: npt.NDArray[np.float64], vectors: Vectors, lengths: Sequence[int]) -> list[int]:
    """Places of the sentences to take: each worth saying, unlike those before it, and together not too long."""
    chosen: list[int] = []
    rest = list(range(len(worth)))
    left = WORDS
    while rest and len(chosen) < SENTENCES:
        likeness = (vectors @ vectors[chosen].T).max(axis=1) if chosen else np.zeros(len(worth))
        best = max(rest, key=lambda place: worth[place] - DIVERSITY * likeness[place])
        rest.remove(best)
        if lengths[best] <= left:
            chosen.append(best)
            left -= lengths[best]
    return chosen


def _reworded(source: Sequence[str], subject: UUID) -> str:
    """The SLM's wording, or "" when it fails or does not hold."""
    call = gateway.Call(
        purpose=ModelCall.Purpose.SUMMARISE,
        model="slm",
        prompt=summary_prompt(" ".join(source)),
        text_sensitivity=Sensitivity.RESTRICTED,
        subject=subject,
    )
    try:
        written = "".join(gateway.generate(call, max_tokens=TOKENS))
    except StrongroomError:
        return ""
    # The last sentence may have been cut off by the limit.
    whole = [claim.text for claim in split(written) if claim.text[-1] in ".!?"]
    wording = " ".join(whole[:SENTENCES])
    return wording if len(whole) > 1 and holds(wording, source) else ""


def _only_known(claim: str, source: str) -> bool:
    """Whether the claim's figures and names, and most of its words, stand in the source."""
    telling = [*FIGURE.findall(claim), *NAME.findall(claim)]
    if any(not re.search(rf"(?<!\w){re.escape(word)}(?!\w)", source) for word in telling):
        return False
    words = {word for word in WORD.findall(claim.lower()) if len(word) >= CONTENT_LETTERS}
    known = set(WORD.findall(source.lower()))
    return len(words & known) >= SHARED_WORDS * len(words)


def _of_tables(passages: Sequence[str]) -> str:
    """What can be said of a document that is nothing but a table."""
    header = next((line for text in passages for line in text.split("\n") if line.startswith("|")), "")
    columns = [cell.strip() for cell in header.strip("|").split("|") if cell.strip()]
    return f"A table with the columns {', '.join(columns)}."[: WORDS * CONTENT_LETTERS] if columns else ""


def _opening(passages: Sequence[str]) -> str:
    words = " ".join(passages).split()
    return " ".join(words[: WORDS // 2]) + ("…" if len(words) > WORDS // 2 else "")

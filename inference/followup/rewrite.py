"""A follow-up question → one that stands alone, so that retrieval knows what “it” is.

Three ways of leaning on the exchange before, in this order: a fragment that takes the place of a part of the question
before (“And in Köln?”), a pronoun (“How heavy is it?”), and a question of hardly a word (“Who abstained?”). A question
that does none of these begins a new subject, and nothing is carried over.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inference.followup.lexicon import WORD, Lexicon, lexicon_of
from inference.followup.phrases import CODE, Phrase, phrases
from inference.followup.referents import Earlier, resolved
from inference.protocols import Turn

FRAGMENT = 7
"""Words, at most, of what takes the place of a part of a question."""
TERSE = 2
"""Content words. A question with no more than these, and no name, rarely says what it is about."""


@dataclass(frozen=True, slots=True)
class Understood:
    """`leans`: whether something of the exchange before was carried over into `text`."""

    text: str
    leans: bool = False


def understood(question: str, history: Sequence[Turn]) -> Understood:
    """`history` is in order; its questions are those that stand alone."""
    if not history:
        return Understood(question)
    lexicon = lexicon_of(question, history[-1].question)
    before = Earlier(history[-1], lexicon_of(history[-1].question, question))
    opener = _opener(question, lexicon)
    rest = question[len(opener) :].strip()
    fragment = rest.rstrip(" ?.!")
    if _is_fragment(fragment, lexicon) and (whole := _in_place(fragment, before, opened=bool(opener))):
        return Understood(whole, leans=True)
    whole = resolved(rest, before)
    if whole != rest:
        return Understood(_capitalised(whole), leans=True)
    if opener or _is_terse(question, lexicon):
        return Understood(before.about(_capitalised(rest)), leans=True)
    return Understood(question)


def _opener(question: str, lexicon: Lexicon) -> str:
    found = lexicon.openers.match(question)
    return found.group() if found else ""


def _capitalised(question: str) -> str:
    return question[:1].upper() + question[1:]


def _is_fragment(text: str, lexicon: Lexicon) -> bool:
    words = [word.lower() for word in WORD.findall(text)]
    of_a_sentence = lexicon.questions | lexicon.auxiliaries | lexicon.copulas | lexicon.subjects
    leaning = lexicon.leaning - lexicon.ones
    return 0 < len(words) <= FRAGMENT and not (of_a_sentence | leaning) & set(words)


def _is_terse(question: str, lexicon: Lexicon) -> bool:
    if any(map(str.isdigit, question)):
        return False
    spoken = phrases(question, lexicon)
    if lexicon.nouns_are_capitalised:
        return len(spoken) < TERSE
    content = [word for word in WORD.findall(question) if word.lower() not in lexicon.small]
    return len(content) <= TERSE and not any(phrase.is_name for phrase in spoken)


def _in_place(fragment: str, before: Earlier, *, opened: bool) -> str:
    """The question before with the fragment in the place of its counterpart; empty where there is none.

    Without an opening word (“And …?”) only a counterpart of the same kind counts.
    """
    question = before.turn.question
    if swapped := _code_swapped(fragment, question):
        return swapped
    if counterpart := _alike(fragment, before):
        return (
            question[: counterpart.start]
            + _fitted(fragment, counterpart, before)
            + question[counterpart.end :]
        )
    if not opened:
        return ""
    if _preposition(fragment, before.lexicon) or (counterpart := before.focus) is None:
        return f"{question.rstrip(' ?')}, {fragment}?"
    return (
        question[: counterpart.start] + _fitted(fragment, counterpart, before) + question[counterpart.end :]
    )


def _code_swapped(fragment: str, question: str) -> str:
    """“the CB-300” for “CB-150”, where both are codes of the same letters."""
    code = CODE.search(fragment)
    if code is None:
        return ""
    letters = re.match(r"[^\W\d_]+", code.group())
    for earlier in CODE.findall(question):
        if letters and re.match(rf"{letters.group()}(?![^\W\d_])", earlier) and earlier != code.group():
            return question.replace(earlier, code.group())
    return ""


def _alike(fragment: str, before: Earlier) -> Phrase | None:
    """The last phrase of the question before that is of the fragment's kind: its preposition, a name, its last word."""
    preposition = _preposition(fragment, before.lexicon)
    named = not before.lexicon.nouns_are_capitalised and any(
        phrase.is_name for phrase in phrases(fragment, before.lexicon)
    )
    last = WORD.findall(fragment)[-1].lower()
    names = [phrase for phrase in before.phrases if named and phrase.is_name]
    same = [phrase for phrase in before.phrases if preposition and phrase.preposition == preposition]
    heads = [phrase for phrase in before.phrases if phrase.text.lower().endswith(last)]
    both = [phrase for phrase in names if phrase in same]
    return next((found[-1] for found in (both, heads, names, [] if named else same) if found), None)


def _preposition(fragment: str, lexicon: Lexicon) -> str:
    first = WORD.findall(fragment)[0].lower()
    return first if first in lexicon.prepositions else ""


def _fitted(fragment: str, counterpart: Phrase, before: Earlier) -> str:
    """Without the preposition that stands there already, and “ones” with what they are."""
    preposition = _preposition(fragment, before.lexicon)
    if preposition and counterpart.preposition:
        fragment = fragment[len(preposition) :].strip()
    words = fragment.split()
    if words[-1].lower() in before.lexicon.ones:
        words[-1] = counterpart.text.split()[-1]
    return " ".join(words)

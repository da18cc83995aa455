"""What a question speaks of: its noun phrases, by the small words around them and without a grammar."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from inference.followup.lexicon import ENGLISH, WORD, Lexicon

PARTICIPLE = re.compile(r"\w+ed|paid|held|kept|sent|made|called|due|given|taken|written|firm|empty")
CODE = re.compile(r"\b(?=[\w./-]*\d)(?=[\w./-]*[^\W\d_])[A-Za-z][\w./-]*\b")
"""Part numbers, models, fault codes: letters first, with a digit."""
LINK = "of"
VERBS = ENGLISH.auxiliaries | ENGLISH.copulas
BEFORE_VERB = ENGLISH.subjects | ENGLISH.people | ENGLISH.things | ENGLISH.asked | {"who", "to"}


class Part(StrEnum):
    """What a phrase is in its question."""

    ASKED = "asked"
    """“Which oil”, “how much water”."""
    SUBJECT = "subject"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Phrase:
    """`text` is `question[start:end]`, in characters. `preposition` is the word before it, in lower case, or empty."""

    text: str
    start: int
    end: int
    part: Part
    preposition: str = ""

    @property
    def is_name(self) -> bool:
        return any(word[0].isupper() or any(map(str.isdigit, word)) for word in WORD.findall(self.text))


def phrases(question: str, lexicon: Lexicon) -> list[Phrase]:
    """In the order in which they stand."""
    found = list(_runs(question, lexicon))
    return found if lexicon.nouns_are_capitalised else list(_without_verbs(question, found))


def _runs(question: str, lexicon: Lexicon) -> Iterator[Phrase]:
    """What stands between small words and punctuation, with its article."""
    words = list(WORD.finditer(question))
    at = 0
    while at < len(words):
        end = at
        while end < len(words) and _goes_on(question, words, at, end, lexicon):
            end += 1
        first, last = _nouns(words, at, end) if lexicon.nouns_are_capitalised else (at, end)
        if last > first:
            part, preposition = _place(words, at, lexicon)
            begin = at - 1 if at and words[at - 1].group().lower() in lexicon.determiners else first
            start, stop = words[begin].start(), words[last - 1].end()
            yield Phrase(question[start:stop], start, stop, part, preposition)
        at = max(end, at + 1)


def _goes_on(question: str, words: Sequence[re.Match[str]], at: int, end: int, lexicon: Lexicon) -> bool:
    if words[end].group().lower() in lexicon.small:
        return False
    return end == at or question[words[end - 1].end() : words[end].start()].isspace()


def _nouns(words: Sequence[re.Match[str]], at: int, end: int) -> tuple[int, int]:
    """From the first word with a capital or a digit to the last that follows it directly."""
    first = next((place for place in range(at, end) if _is_noun(words[place])), end)
    last = first
    while last < end and _is_noun(words[last]):
        last += 1
    return first, last


def _is_noun(word: re.Match[str]) -> bool:
    return word.group()[0].isupper() or word.group()[0].isdigit()


def _place(words: Sequence[re.Match[str]], at: int, lexicon: Lexicon) -> tuple[Part, str]:
    """What the phrase is, and its preposition, by the words before it."""
    before = [word.group().lower() for word in words[:at]]
    if before and before[-1] in lexicon.determiners | lexicon.owners:
        before.pop()
    if not before:
        return Part.SUBJECT, ""
    if before[-1] in lexicon.prepositions:
        return Part.OTHER, before[-1]
    if before[-1] in lexicon.questions:
        return Part.ASKED, ""
    if before[-1] in lexicon.auxiliaries | lexicon.copulas:
        return Part.SUBJECT, ""
    return Part.OTHER, ""


def _without_verbs(question: str, found: Sequence[Phrase]) -> Iterator[Phrase]:
    """English has the verb beside the nouns, with nothing between that would tell them apart."""
    for phrase in found:
        words = list(WORD.finditer(question, phrase.start, phrase.end))
        article = [words.pop(0)] if words[0].group().lower() in ENGLISH.determiners else []
        if _begins_with_verb(question, phrase) and not article:
            words.pop(0)
        elif _ends_in_verb(question, phrase, words):
            words.pop()
        if words:
            start, end = (article or words)[0].start(), words[-1].end()
            yield Phrase(question[start:end], start, end, phrase.part, phrase.preposition)


def _begins_with_verb(question: str, phrase: Phrase) -> bool:
    """“I [have]”, “who [approves] trips”, “to [book] trips”."""
    before = WORD.findall(question[: phrase.start])
    return bool(before) and before[-1].lower() in BEFORE_VERB and phrase.text[0].islower()


def _ends_in_verb(question: str, phrase: Phrase, words: Sequence[re.Match[str]]) -> bool:
    """“Does the CB-150 [need]”, “what [happened]”, “is the salary [paid]”."""
    last, after = words[-1].group(), WORD.search(question, phrase.end)
    following = after.group().lower() if after else ""
    if not last.isalpha() or not last.islower() or following in VERBS or following == LINK:
        return False
    if phrase.part == Part.ASKED:
        return True
    if len(words) == 1:
        return phrase.part == Part.OTHER and not phrase.preposition and phrase.text == last
    before = {word.lower() for word in WORD.findall(question[: phrase.start])}
    in_subject = phrase.part == Part.SUBJECT or phrase.preposition == LINK
    return bool(PARTICIPLE.fullmatch(last)) or (in_subject and bool(before & ENGLISH.auxiliaries))

"""What the pronouns of a question mean, by the exchange before it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from inference.followup.lexicon import TOGETHER, WORD, Lexicon
from inference.followup.phrases import LINK, Part, Phrase, phrases
from inference.protocols import Turn

PERSON = re.compile(r"\b[A-ZÄÖÜ][\w’-]+(?: (?:de|van|von|der|Dr\.))* [A-ZÄÖÜ][\w’-]+\b")
HIS_OR_HER = frozenset({"his", "her"})
THEY = frozenset({"they", "them", "their"})
PLACED = frozenset({"in", "at", "on", "from", "to", "im", "bei", "nach", "aus", "auf"})
CLAUSE = re.compile(
    r",|\b(?:if|and|when|because|while|although|und|wenn|ob|dass|weil|falls)\b", re.IGNORECASE
)
PLAIN = re.compile(r"[A-Z]|\d|\w+ (?:of |the |an? )*\w+")
NOUN = re.compile(r"\b[A-ZÄÖÜ\d]\w*")
ARTICLE = re.compile(r"^(?:the|an?|my|our|your) ", re.IGNORECASE)


@dataclass(frozen=True)
class Earlier:
    """The exchange before, and what its question speaks of."""

    turn: Turn
    lexicon: Lexicon

    @cached_property
    def phrases(self) -> list[Phrase]:
        return phrases(self.turn.question, self.lexicon)

    @property
    def focus(self) -> Phrase | None:
        """What “it” is: what does or is something, and else what is asked for."""
        return self._first(Part.SUBJECT, Part.ASKED, Part.OTHER)

    @property
    def asked(self) -> Phrase | None:
        """What “that” is."""
        return self._first(Part.ASKED, Part.SUBJECT)

    @property
    def several(self) -> Phrase | None:
        """What “they” are: things in the plural, and else somebody with a name."""
        plural = (each for each in self.phrases if each.text.endswith("s") and each.text.islower())
        named = (each for each in self.phrases if each.is_name)
        return next(plural, None) or next(named, None) or self.focus

    @property
    def place(self) -> Phrase | None:
        return next((each for each in reversed(self.phrases) if each.preposition in PLACED), None)

    @property
    def person(self) -> str:
        """The last name in the answer, and else in the question; empty where there is none."""
        names = PERSON.findall(self.turn.answer) or PERSON.findall(self.turn.question)
        return str(names[-1]) if names else ""

    def whole(self, phrase: Phrase) -> str:
        """The phrase with what belongs to it, and with an article: “the price of the CB-80”."""
        question, end = self.turn.question, phrase.end
        for each in self.phrases:
            if each.start > phrase.start and question[end : each.start].split() == [LINK]:
                end = each.end
        text = question[phrase.start : end]
        bare = self.lexicon.nouns_are_capitalised or ARTICLE.match(text) or text[0].isupper()
        return text if bare else f"the {text}"

    def about(self, question: str) -> str:
        """The question with what the one before spoke of in brackets, apart from what it says itself or instead."""
        instead = {each.preposition for each in phrases(question, self.lexicon)} & PLACED
        spoken = [
            each.text
            for each in self.phrases
            if each.text not in question and each.preposition not in instead
        ]
        return f"{question.rstrip(' ?')} ({', '.join(dict.fromkeys(spoken))})?" if spoken else question

    def _first(self, *parts: Part) -> Phrase | None:
        return next((phrase for part in parts for phrase in self.phrases if phrase.part == part), None)


def resolved(question: str, before: Earlier) -> str:
    """The question with what its first leaning pronoun means; the same text where it has none."""
    own = phrases(question, before.lexicon)
    pronoun = next(
        (word for word in WORD.finditer(question) if _leans(question, word, own, before.lexicon)), None
    )
    if pronoun is None:
        return question
    meant, end = _meaning(pronoun.group().lower(), before), pronoun.end()
    if not meant:
        return before.about(question)
    if owned := _owned(pronoun, own, before.lexicon):
        meant, end = f"the {owned.text} of {meant}", owned.end
    text = question[: pronoun.start()] + meant + question[end:]
    return text if _is_plain(meant, before.lexicon) else before.about(text)


def _is_plain(meant: str, lexicon: Lexicon) -> bool:
    """Whether it says by itself what is meant: by a name, a code, or two words; German by two with a capital."""
    if lexicon.nouns_are_capitalised:
        return len(NOUN.findall(meant)) > 1
    return bool(PLAIN.search(ARTICLE.sub("", meant)))


def _leans(question: str, word: re.Match[str], own: Sequence[Phrase], lexicon: Lexicon) -> bool:
    """Whether the word stands for something outside of its question."""
    said = word.group().lower()
    if said not in lexicon.leaning and not (lexicon.nouns_are_capitalised and TOGETHER.fullmatch(said)):
        return False
    idle = any(found.start() <= word.start() < found.end() for found in lexicon.idle.finditer(question))
    # “Sie” is the reader, where “sie” is somebody.
    formal = lexicon.nouns_are_capitalised and word.start() > 0 and word.group()[0].isupper()
    return not (idle or formal or _is_said(question, word, own, lexicon))


def _is_said(question: str, word: re.Match[str], own: Sequence[Phrase], lexicon: Lexicon) -> bool:
    """Whether the question says itself what its pronoun means: “Does the pump stop if it is hot?”"""
    before = [each for each in own if each.end <= word.start()]
    if word.group().lower() in lexicon.owners:
        return any(each.is_name for each in before) and not lexicon.nouns_are_capitalised
    if word.group().lower() == "that" and _is_relative(question, word, lexicon):
        return True
    return any(CLAUSE.search(question, each.end, word.start()) for each in before)


def _is_relative(question: str, word: re.Match[str], lexicon: Lexicon) -> bool:
    """“Jobs that nobody fetched”, unlike “does it cover that too”."""
    before = WORD.findall(question[: word.start()])
    after = WORD.search(question, word.end())
    goes_on = after is not None and after.group().lower() not in lexicon.prepositions | lexicon.others
    return bool(before) and before[-1].lower() not in lexicon.small and goes_on


def _owned(pronoun: re.Match[str], own: Sequence[Phrase], lexicon: Lexicon) -> Phrase | None:
    """What “its” is followed by."""
    if pronoun.group().lower() not in lexicon.owners or lexicon.nouns_are_capitalised:
        return None
    return next((each for each in own if each.start == pronoun.end() + 1), None)


def _meaning(said: str, before: Earlier) -> str:
    """What to say in the pronoun's place; empty where nothing is known that it means."""
    lexicon = before.lexicon
    if before.person and said in lexicon.people | HIS_OR_HER:
        return before.person
    if said in lexicon.places:
        return f"{before.place.preposition} {before.place.text}" if before.place else ""
    if said in lexicon.ones:
        return before.focus.text.split()[-1] if before.focus else ""
    if said in lexicon.owners and lexicon.nouns_are_capitalised:
        return ""
    meant = before.asked if said in lexicon.asked else before.several if said in THEY else before.focus
    text = before.whole(meant) if meant else ""
    together = TOGETHER.fullmatch(said)
    return f"{together[2]} {text}" if together and text else text

"""Where a text names somebody or something that is known, though the finder found nothing there."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from inference.backends.stop_words import STOP_WORDS
from inference.pseudonyms.entities import NUMBERS, Entity
from inference.pseudonyms.mentions import Mention, mention
from inference.pseudonyms.names import PERSON, parts, stems
from inference.pseudonyms.words import WORD, Word, fold, normal, words_of

SHORTEST_PART = 4
"""Letters of a part of a name that is hidden where it stands alone."""
SHORTEST_DIGITS = 4
"""Of a number that is hidden wherever it stands: an age of 42 is not every 42."""
WIDEST_GAP = 2
"""Characters beside white space between two words of one name: “Schmidt, Anna”."""
GRAMMAR = frozenset(fold(word) for words in STOP_WORDS.values() for word in words)
"""A person called Will is not in every “will”: such a word counts only as it was written in the name."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """What an entity is called, in normal form, and over how many words."""

    kind: str
    text: str
    length: int


class Sightings:
    """Looks for what is known in texts."""

    def __init__(self, known: Iterable[Entity]) -> None:
        self._phrases: dict[str, list[_Phrase]] = defaultdict(list)
        self._numbers: dict[str, str] = {}
        self._people: dict[str, set[int]] = defaultdict(set)
        self._written: set[str] = set()
        for entity in known:
            self._look_for(entity)
        self._beginnings = {number[:end] for number in self._numbers for end in range(1, len(number) + 1)}
        genitives = {f"{part}s" for part in self._people}
        self._first_words = {*self._phrases, *self._beginnings, *self._people, *genitives}

    def in_words(self, text: str, words: Sequence[Word]) -> Iterator[Mention]:
        """In their order and apart; of two that begin at one word the longer one."""
        place = 0
        while place < len(words):
            length, kind = 0, ""
            if words[place].folded in self._first_words:
                length, kind = max(self._at(text, words, place))
            if length:
                yield mention(kind, text, words[place].start, words[place + length - 1].end)
            place += length or 1

    def _look_for(self, entity: Entity) -> None:
        words = words_of(entity.original)
        self._written.update(WORD.findall(entity.original))
        phrase = _Phrase(entity.kind, normal(entity.original), len(words))
        self._phrases[words[0].folded].append(phrase)
        if entity.kind in NUMBERS:
            self._numbers[entity.key] = entity.kind
        if entity.kind == PERSON:
            for part in parts(entity.original):
                self._people[part].add(entity.number)

    def _at(self, text: str, words: Sequence[Word], place: int) -> Iterator[tuple[int, str]]:
        """How many words from `place` on are a name, and what kind of one; for each way to see it."""
        yield from self._phrases_at(text, words, place)
        yield from self._numbers_at(text, words, place)
        yield self._names_at(text, words, place), PERSON

    def _phrases_at(self, text: str, words: Sequence[Word], place: int) -> Iterator[tuple[int, str]]:
        for phrase in self._phrases.get(words[place].folded, ()):
            said = words[place : place + phrase.length]
            if len(said) == 1 and self._says_little(text, said[0]):
                continue
            if len(said) == phrase.length and normal(text[said[0].start : said[-1].end]) == phrase.text:
                yield phrase.length, phrase.kind

    def _numbers_at(self, text: str, words: Sequence[Word], place: int) -> Iterator[tuple[int, str]]:
        joined = ""
        for length, word in enumerate(_together(text, words, place), start=1):
            joined += word.folded
            if joined not in self._beginnings:
                return
            if joined in self._numbers:
                yield length, self._numbers[joined]

    def _names_at(self, text: str, words: Sequence[Word], place: int) -> int:
        """How many words are parts of one person's name. One of them at least has to tell something."""
        if self._is_grammar(text, words[place]):
            return 0
        people, said, telling = self._people_called(words[place]), set[str](), False
        for word in _together(text, words, place):
            people = people & self._people_called(word)
            if not people or not said.isdisjoint(stems(word.folded)):
                break
            said.add(stems(word.folded)[-1])
            telling = telling or (len(word.folded) >= SHORTEST_PART and not self._is_grammar(text, word))
        return len(said) if telling else 0

    def _people_called(self, word: Word) -> set[int]:
        return {number for stem in stems(word.folded) for number in self._people.get(stem, ())}

    def _says_little(self, text: str, word: Word) -> bool:
        """Whether hiding the word everywhere would hide what has nothing to do with the entity."""
        few_digits = word.folded.isdigit() and len(word.folded) < SHORTEST_DIGITS
        return len(word.folded) == 1 or few_digits or self._is_grammar(text, word)

    def _is_grammar(self, text: str, word: Word) -> bool:
        return word.folded in GRAMMAR and text[word.start : word.end] not in self._written


def _together(text: str, words: Sequence[Word], place: int) -> Iterator[Word]:
    """The words from `place` on that little parts from one another."""
    yield words[place]
    for following in range(place + 1, len(words)):
        gap = text[words[following - 1].end : words[following].start]
        if len("".join(gap.split())) > WIDEST_GAP:
            return
        yield words[following]

"""Hides what was found in the texts of one request, and remembers what each alias stands for."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from django.db import transaction

from inference.personal import Finding
from inference.pseudonyms.aliases import LOOKS_LIKE_ALIAS, alias
from inference.pseudonyms.entities import Entities, Entity
from inference.pseudonyms.mentions import Mention, found_mentions
from inference.pseudonyms.restore import Restorer
from inference.pseudonyms.sightings import Sightings
from inference.pseudonyms.words import Word, touched, words_of
from kb.models import Alias, Conversation
from kb.models.aliases import alias_sealer

TELLING = 4
"""Characters. What is shorter stands in many words."""

Name = tuple[str, str]
"""A kind and what stands in the text."""


@dataclass(frozen=True, slots=True)
class Spotted:
    """A text with what the finder found in it."""

    text: str
    findings: Sequence[Finding]


@dataclass(frozen=True, slots=True)
class _Marked:
    """A text with all that will be hidden in it, in its order and without overlap."""

    text: str
    words: Sequence[Word]
    mentions: Sequence[Mention]


class Pseudonyms:
    """The aliases of one conversation, for one request. Making it reads the conversation's rows.

    The number of an alias is kept with the conversation. The letter, which tells ways of naming one entity
    apart, is good for this request only.

    Raises:
        Unavailable: the conversation's originals were sealed under another key.
    """

    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._sealer = alias_sealer()
        self._entities = self._load()
        self._surfaces: dict[tuple[str, int], list[str]] = {}
        self._behind: dict[str, str] = {}

    def hide(self, spotted: Sequence[Spotted]) -> list[str]:
        """The texts with an alias in place of each finding, and wherever else they name what is known.

        All texts of a request belong into one call: what is found in one of them is hidden in all.
        Who is new is written down before this returns.
        """
        marked = [_mark(each) for each in spotted]
        self._learn(marked)
        sightings = Sightings(self._entities)
        marked = [_mark_sightings(each, sightings) for each in marked]
        aliases = self._aliases(self._learn(marked))
        return ["".join(_pieces(each, aliases)) for each in marked]

    def left_in(self, text: str) -> bool:
        """Whether a text that is about to be sent holds anything that was hidden in this request."""
        return any(
            re.search(rf"(?<!\w){re.escape(surface)}(?!\w)", text)
            for surface in self._behind.values()
            if len(surface) >= TELLING and not LOOKS_LIKE_ALIAS.fullmatch(surface)
        )

    def counts(self) -> dict[str, int]:
        """How many entities were hidden so far, by kind."""
        return dict(Counter(kind for kind, _ in self._surfaces))

    def restorer(self) -> Restorer:
        """For one answer to what was hidden so far."""
        return Restorer(self._behind)

    def _load(self) -> Entities:
        rows = Alias.objects.filter(conversation=self._conversation)
        return Entities(Entity(row.kind, row.number, row.original(self._sealer)) for row in rows)

    def _learn(self, marked: Sequence[_Marked]) -> dict[Name, Entity]:
        """Writes down who is new, and gives whom each name means.

        A name that becomes two people's by that is new once more.
        """
        names = _names(marked)
        while new := [name for name in names if not self._entities.find(*name)]:
            with transaction.atomic():
                # Two answers of one conversation take turns here, and the second finds what the first wrote.
                Conversation.objects.select_for_update().get(pk=self._conversation.pk)
                self._entities = self._load()
                for kind, surface in new:
                    self._write_down(kind, surface)
        return {name: entity for name in names if (entity := self._entities.find(*name))}

    def _write_down(self, kind: str, surface: str) -> None:
        if self._entities.find(kind, surface):
            return
        if shorter := self._entities.find_shorter(kind, surface):
            row = Alias.objects.get(conversation=self._conversation, kind=kind, number=shorter.number)
            entity = self._entities.extend(shorter, surface)
        else:
            entity = Entity(kind, self._entities.count(kind) + 1, surface)
            row = Alias(conversation=self._conversation, kind=kind, number=entity.number)
            self._entities.add(entity)
        row.hold(entity.original, normal=entity.key, sealer=self._sealer)
        row.save()

    def _aliases(self, meant: dict[Name, Entity]) -> dict[Name, str]:
        """The fullest way of naming an entity gets the alias without a letter."""
        aliases = {}
        for name, entity in meant.items():
            surface = name[1]
            surfaces = self._surfaces.setdefault((entity.kind, entity.number), [])
            if surface not in surfaces:
                surfaces.append(surface)
            aliases[name] = alias(entity.kind, entity.number, surfaces.index(surface))
            self._behind[aliases[name]] = surface
        return aliases


def _mark(spotted: Spotted) -> _Marked:
    words = words_of(spotted.text)
    return _Marked(spotted.text, words, found_mentions(spotted.text, words, spotted.findings))


def _mark_sightings(marked: _Marked, sightings: Sightings) -> _Marked:
    """What is known is looked for between the findings."""
    seen: list[Mention] = []
    start = 0
    for mention in (*marked.mentions, None):
        end = mention.start if mention else len(marked.text)
        seen += sightings.in_words(marked.text, touched(marked.words, start, end))
        if mention:
            seen.append(mention)
            start = mention.end
    return replace(marked, mentions=seen)


def _names(marked: Iterable[_Marked]) -> list[Name]:
    """Each kind and surface once, the longest first: who is named in full is known before a part of his name."""
    names = dict.fromkeys((mention.kind, mention.surface) for each in marked for mention in each.mentions)
    return sorted(names, key=lambda name: len(name[1]), reverse=True)


def _pieces(marked: _Marked, aliases: dict[Name, str]) -> Iterator[str]:
    start = 0
    for mention in marked.mentions:
        yield marked.text[start : mention.start]
        yield aliases[mention.kind, mention.surface]
        start = mention.end
    yield marked.text[start:]

"""The text of an answer while it is written, as it will be recorded, for readers who cannot be told otherwise later."""

import re
from collections.abc import Mapping, Sequence

from inference.ask import BETWEEN, Gap, Token
from inference.cite import Markers, read_sources
from inference.cited_sentences import CitedSentence, cited_sentences
from inference.pack import Packed
from inference.plan import Asked, Plan
from inference.support.answer import Checked, check
from inference.support.reading import Source

UNFINISHED = re.compile(r"\s?(\[\d{0,3})?\Z")
"""At the end of what has come by now: what may turn out to be a marker, with the space before it."""


class LiveText:
    """Gives out the text piece by piece, its markers numbered as `cite` numbers them. It never takes a word back.

    So what a language model writes is held back until a source says one of its sentences: quotes may yet replace it.
    """

    def __init__(self) -> None:
        self._plan: Plan | None = None
        self._read: Mapping[int, Source] = {}
        self._parts: list[_LivePart] = []
        self._given = ""

    def begin(self, plan: Plan) -> None:
        """The text begins, or begins anew; of an earlier one nothing was given out."""
        self._plan = plan
        self._read = read_sources(plan.packed, plan.asked.language)
        self._parts = []
        self._begin_part(plan)

    def add(self, token: Token) -> str:
        """What the token adds to what was given out."""
        if self._plan is None:
            raise RuntimeError("The text cannot go on before its sources are known.")
        if isinstance(token, Gap):
            self._parts[-1].close()
            self._begin_part(self._plan)
        else:
            self._parts[-1].add(token.text)
        if not (self._plan.only_quotes or self._parts[0].holds()):
            return ""
        return self._give(BETWEEN.join(filter(None, (part.text for part in self._parts))))

    def finish(self, text: str) -> str:
        """What is left of the recorded text."""
        if not text.startswith(self._given):
            raise RuntimeError("What was given out of the answer is not how it was recorded.")
        return self._give(text)

    def _begin_part(self, plan: Plan) -> None:
        sources = plan.parts[len(self._parts)].packed
        cited = sum(part.cited for part in self._parts)
        self._parts.append(_LivePart(sources, self._read, plan.asked, after=cited))

    def _give(self, text: str) -> str:
        new = text[len(self._given) :]
        self._given = text
        return new


class _LivePart:
    """What one model writes."""

    def __init__(
        self, sources: tuple[Packed, ...], read: Mapping[int, Source], asked: Asked, *, after: int
    ) -> None:
        self._read = read
        self._asked = asked
        self._markers = Markers(sources, read, after=after)
        self._resolved = ""
        self._unfinished = ""
        self._checked = 0
        self._holds = False

    @property
    def text(self) -> str:
        return self._resolved.strip()

    @property
    def cited(self) -> int:
        """How many citations there are by now."""
        return len(self._markers.citations)

    def holds(self) -> bool:
        """Whether a source says one of the sentences after which another has begun. Each is checked once."""
        if not self._holds:
            complete = cited_sentences(self.text)[:-1]
            new, self._checked = complete[self._checked :], len(complete)
            self._holds = any(each.stands for each in self._check(new))
        return self._holds

    def _check(self, sentences: Sequence[CitedSentence]) -> Sequence[Checked]:
        sources = {each.marker: self._read[each.source.shown.marker] for each in self._markers.citations}
        return check(sentences, sources, question=self._asked.query, language=self._asked.language)

    def add(self, piece: str) -> None:
        text = self._unfinished + piece
        end = next(UNFINISHED.finditer(text)).start()
        self._unfinished = text[end:]
        self._resolved += self._markers.resolve(text[:end])

    def close(self) -> None:
        self._resolved += self._markers.resolve(self._unfinished)
        self._unfinished = ""

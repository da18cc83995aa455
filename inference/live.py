"""The text of an answer while it is written, as it will be recorded, for readers who cannot be told otherwise later."""

import re
from collections.abc import Mapping

from inference.ask import BETWEEN, Gap, Token
from inference.cite import Markers, read_sources
from inference.pack import Packed
from inference.plan import Part, Plan
from inference.support.reading import Source

UNFINISHED = re.compile(r"\s?(\[\d{0,3})?\Z")
"""At the end of what has come by now: what may turn out to be a marker, with the space before it."""


class LiveText:
    """Gives out the text piece by piece, its markers numbered as `cite` numbers them. It never takes a word back.

    So a part that may yet be replaced by quotes is held back until it has cited a source.
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
        self._parts = [self._part(plan.parts[0], after=0)]

    def add(self, token: Token) -> str:
        """What the token adds to what was given out."""
        if self._plan is None:
            raise RuntimeError("The text cannot go on before its sources are known.")
        if isinstance(token, Gap):
            cited = sum(part.cited for part in self._parts)
            self._parts[-1].close()
            self._parts.append(self._part(self._plan.parts[len(self._parts)], after=cited))
        else:
            self._parts[-1].add(token.text)
        if len(self._plan.parts) > 1 and not self._parts[0].cited:
            return ""
        return self._give(BETWEEN.join(filter(None, (part.text for part in self._parts))))

    def finish(self, text: str) -> str:
        """What is left of the recorded text."""
        if not text.startswith(self._given):
            raise RuntimeError("What was given out of the answer is not how it was recorded.")
        return self._give(text)

    def _part(self, part: Part, *, after: int) -> "_LivePart":
        return _LivePart(part.packed, self._read, after=after)

    def _give(self, text: str) -> str:
        new = text[len(self._given) :]
        self._given = text
        return new


class _LivePart:
    """What one model writes."""

    def __init__(self, sources: tuple[Packed, ...], read: Mapping[int, Source], *, after: int) -> None:
        self._markers = Markers(sources, read, after=after)
        self._resolved = ""
        self._unfinished = ""

    @property
    def text(self) -> str:
        return self._resolved.strip()

    @property
    def cited(self) -> int:
        """How many citations there are by now."""
        return len(self._markers.citations)

    def add(self, piece: str) -> None:
        text = self._unfinished + piece
        end = next(UNFINISHED.finditer(text)).start()
        self._unfinished = text[end:]
        self._resolved += self._markers.resolve(text[:end])

    def close(self) -> None:
        self._resolved += self._markers.resolve(self._unfinished)
        self._unfinished = ""

"""What the steps found → one answer that cites the original chunks.

What may leave is put together by a model; the rest stands below it, by document, as it was found.
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import count, groupby

from django.conf import settings

from inference import gateway, registry
from inference.cite import MARKER, CitedAnswer, Written, cite
from inference.hidden import hide
from inference.hits import Hit
from inference.pack import FENCE, Packed, room_for_sources
from inference.plan import Asked, Part, Plan
from inference.prompts import merge_prompt
from inference.protocols import Prompt, Shown
from inference.pseudonyms import Pseudonyms
from inference.registry import QUOTED
from inference.survey.read import WITHDRAWN, Wanted, said_by, visible_hits
from inference.survey.readers import MERGED_TOKENS, is_hidden, leaving_of, readers
from kb.errors import ModelUnavailable, RouteRefused
from kb.models import ModelCall, RouteTable, Survey, SurveyStep

log = logging.getLogger("strongroom.survey")

BETWEEN = "\n\n"
SEPARATOR = " › "
AS_IT_STANDS = Prompt(version="", system="", user="")
"""Of what no further model was asked for."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a step found. The markers of `text` hold for the whole survey; `hits` is all that its model was shown."""

    step: SurveyStep
    text: str
    cited: tuple[Packed, ...]
    hits: tuple[Hit, ...]

    @property
    def title(self) -> str:
        """Of the document, where they are compared; else of the section."""
        compared = self.step.survey.kind == Survey.Kind.COMPARE
        return self.step.heading if compared else self.step.heading.rpartition(SEPARATOR)[2]


def found_by(survey: Survey, asked: Asked) -> list[Found]:
    """What the steps found. One of which any chunk was withdrawn meanwhile counts as withdrawn."""
    found, markers = list[Found](), count(1)
    for step in survey.steps.filter(state=SurveyStep.State.DONE).select_related("survey"):
        hits = visible_hits(step.chunks, asked.person)
        if len(hits) < len(step.chunks):
            step.settle(SurveyStep.State.WITHDRAWN, failure=WITHDRAWN, text="", chunks=[], cited=[])
            continue
        by_chunk = {hit.chunk: hit for hit in hits}
        new = {marker: next(markers) for marker, _chunk in step.cited}
        cited = tuple(
            Packed(Shown(new[marker], hit.header, hit.text), hit)
            for marker, chunk in step.cited
            if (hit := by_chunk.get(chunk))
        )
        found.append(Found(step, _renumbered(step.text, new), cited, hits))
    return found


def merge(
    found: Sequence[Found], asked: Asked, table: RouteTable, wanted: Wanted
) -> tuple[Plan, CitedAnswer]:
    """The answer, and what made it.

    Raises:
        Stopped: nobody waits for the answer any more.
    """
    said = [each for each in found if each.text]
    written, parts = list[Written](), list[Part]()
    merged = _merged(said, asked, table, wanted) if len(said) > 1 else None
    if merged:
        written.append(merged.written)
        parts.append(merged.part)
        said = [each for each in said if each not in merged.found]
    for model, alike in groupby(said, lambda each: each.step.model):
        together = list(alike)
        sources = tuple(source for each in together for source in each.cited)
        written.append(Written(BETWEEN.join(map(_listed, together)), sources))
        parts.append(Part(model, sources, AS_IT_STANDS))
    if not parts:
        parts.append(Part(QUOTED, (), AS_IT_STANDS))
    leaving = leaving_of(asked, [hit for each in found for hit in each.hits], table)
    cited = cite(written, between=BETWEEN, question=asked.query, language=asked.language)
    return Plan(asked, tuple(parts), leaving, _reason(found, merged)), cited


@dataclass(frozen=True, slots=True)
class _Merged:
    found: tuple[Found, ...]
    written: Written
    part: Part


def _merged(said: Sequence[Found], asked: Asked, table: RouteTable, wanted: Wanted) -> _Merged | None:
    """By the first model that does, from what it may read; None where none puts anything together.

    The strictest of all that went into the findings decides: all chunks that their models were shown are judged anew.
    """
    tried = set[str]()
    while model := _merger(said, asked, table, tried):
        tried.add(model)
        mine = _fitting(model, _readable_by(model, said, asked, table), asked)
        if len(mine) < 2:
            continue
        try:
            merged = _written(model, mine, asked, table, wanted)
        except (ModelUnavailable, RouteRefused) as error:
            log.warning("The findings are not put together by %s: %s", model, error)
            continue
        if MARKER.search(merged.written.text):
            return merged
    return None


def _merger(said: Sequence[Found], asked: Asked, table: RouteTable, tried: set[str]) -> str:
    """The first model, not tried yet, that may read at least one finding; empty where there is none."""
    models = (model for each in said for model in readers(asked, each.hits, table))
    return next((model for model in models if model not in tried and model != QUOTED), "")


def _readable_by(model: str, said: Sequence[Found], asked: Asked, table: RouteTable) -> list[Found]:
    return [each for each in said if model in readers(asked, each.hits, table)]


def _fitting(model: str, said: Sequence[Found], asked: Asked) -> tuple[Found, ...]:
    """As many of the findings as fit the model's window, in their order."""
    generator = registry.generator(model)
    bare = merge_prompt(asked.query, (), aliases=True)
    room = room_for_sources(
        generator.window,
        instructions=generator.count_tokens(f"{bare.system}\n{bare.user}"),
        answer=_answer_tokens(model),
        most=settings.PROMPT_TOKENS,
    )
    fitting = list[Found]()
    for each in said:
        room -= generator.count_tokens(f"{each.title}\n{each.text}") + FENCE
        if room < 0:
            break
        fitting.append(each)
    return tuple(fitting)


def _answer_tokens(model: str) -> int:
    """A quarter of a small window."""
    return min(MERGED_TOKENS, registry.generator(model).window // 4)


def _written(model: str, mine: tuple[Found, ...], asked: Asked, table: RouteTable, wanted: Wanted) -> _Merged:
    hits = [hit for each in mine for hit in each.hits]
    hidden = is_hidden(asked, hits, table, model)
    findings = [Shown(number, each.title, each.text) for number, each in enumerate(mine, 1)]
    question, pseudonyms = asked.query, None
    if hidden:
        pseudonyms = Pseudonyms(asked.conversation)
        texts = [
            # A finding is a new text: what was found in the chunk's own does not stand at the same places.
            Packed(shown, replace(each.hits[0], text=shown.text, personal=None))
            for shown, each in zip(findings, mine, strict=True)
        ]
        said = hide(question, (), texts, pseudonyms)
        question, findings = said.query, list(said.shown)
    prompt = merge_prompt(question, findings, language=asked.language, aliases=hidden)
    call = gateway.Call(
        purpose=ModelCall.Purpose.ANSWER,
        model=model,
        prompt=prompt,
        text_sensitivity=asked.sensitivity,
        text_leaving=asked.leaving,
        reason=f"Puts {len(mine)} findings together.",
        chunks=tuple(hit.chunk for hit in hits),
        person=asked.person,
        subject=mine[0].step.survey.answer_id,
        pseudonyms=pseudonyms,
    )
    text = said_by(call, _answer_tokens(model), wanted)
    sources = tuple(source for each in mine for source in each.cited)
    return _Merged(mine, Written(text, sources), Part(model, sources, prompt, pseudonyms))


def _renumbered(text: str, new: dict[int, int]) -> str:
    return MARKER.sub(
        lambda match: f"{match['space']}[{new[int(match['number'])]}]" if int(match["number"]) in new else "",
        text,
    )


def _listed(found: Found) -> str:
    return f"**{found.title}**: {found.text}"


def _reason(found: Sequence[Found], merged: _Merged | None) -> str:
    steps = f"Read in {len(found)} steps, each by a model that may see it."
    if merged is None:
        return f"{steps} The findings stand as they were made."
    rest = len([each for each in found if each.text]) - len(merged.found)
    put = f"{steps} {merged.part.name} put {len(merged.found)} findings together."
    return f"{put} {rest} more were not given to it and stand below." if rest else put

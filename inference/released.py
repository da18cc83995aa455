"""A finished answer → the sentences of it that somebody else's model may have, and what these were made from.

A sentence by a language model may say something of all that the model was shown, so it stands on all of that. One that
is quoted stands on what it cites.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from inference import registry
from inference.cited_sentences import markers_in
from inference.hits import Hit, hit_of
from inference.outside import Choice, Origin, Reader, choose
from inference.registry import QUOTED
from inference.stretches import Stretch, sentences
from kb.models import Answer, ModelCall

BREAK = "\n\n"
"""Where sentences between two lines were kept back."""

GONE = 0
"""The id of no chunk."""

Chunks = frozenset[int]
"""Ids."""


@dataclass(frozen=True, slots=True)
class Released:
    """`text` has its markers, `made_from` what `origin` names, and `withheld` counts the sentences kept back."""

    text: str
    origin: Origin
    made_from: tuple[Hit, ...]
    withheld: int = 0

    @property
    def markers(self) -> Collection[int]:
        return markers_in(self.text)


def release(answer: Answer, held_to: Origin, reader: Reader) -> Released:
    """All of the answer where all that was shown for it may leave, else the sentences that may.

    It is all of it, too, where none may: then `hand_over` refuses it, and says why. `held_to` is how the question
    and what was said before may leave, at most.
    """
    shown = answer.shown.select_related("version__document").order_by("pk")
    hits = [hit_of(chunk, score=0.0, similarity=0.0, matched=0.0) for chunk in shown]
    documents = tuple(answer.drew_on.order_by("pk").values_list("pk", flat=True))
    everything = replace(held_to, chunks=tuple(hit.chunk for hit in hits), documents=documents)
    whole = Released(answer.text, everything, tuple(hits))
    choice = choose(hits, reader)
    return (_partly(answer, whole, choice, held_to) if choice.withheld else None) or whole


def _partly(answer: Answer, whole: Released, choice: Choice, held_to: Origin) -> Released | None:
    """The sentences that stand on nothing but what was chosen; None where there is none."""
    allowed = {hit.chunk for hit in choice.hits}
    said = list(_stood_on(answer, whole.origin.chunks))
    kept = [place for place, (_sentence, chunks) in enumerate(said) if chunks and chunks <= allowed]
    if not kept:
        return None
    used = frozenset[int]().union(*(said[place][1] for place in kept))
    made_from = tuple(hit for hit in choice.hits if hit.chunk in used)
    origin = replace(
        held_to,
        chunks=tuple(hit.chunk for hit in made_from),
        documents=tuple(dict.fromkeys(hit.document for hit in made_from)),
    )
    text = _joined(answer.text, [sentence for sentence, _chunks in said], kept)
    return Released(text, origin, made_from, len(said) - len(kept))


def _stood_on(answer: Answer, shown: Sequence[int]) -> Iterator[tuple[Stretch, Chunks]]:
    """Each sentence with the chunks that it may say something of."""
    cited = {citation.marker: citation.chunk_id or GONE for citation in answer.citations.all()}
    read = _read_by_models(answer, shown)
    quoted = registry.model_name(QUOTED)
    for sentence in sentences(answer):
        if sentence.model == quoted:
            yield sentence, frozenset(cited.get(marker, GONE) for marker in sentence.markers)
        else:
            yield sentence, read.get((sentence.model, sentence.location), frozenset(shown))


def _read_by_models(answer: Answer, shown: Sequence[int]) -> Mapping[tuple[str, str], Chunks]:
    """By name and location, what each model was sent for the answer, with what was said before. One query."""
    sent = ModelCall.objects.filter(
        subject=answer.pk, purpose=ModelCall.Purpose.ANSWER, decision=ModelCall.Decision.SEND
    )
    read = defaultdict[tuple[str, str], Chunks](frozenset)
    for call in sent:
        read[call.model, call.location] |= {chunk for chunk, _label in call.chunks}
    before = frozenset(shown).difference(*read.values())
    return {model: chunks | before for model, chunks in read.items()}


def _joined(text: str, said: Sequence[Stretch], kept: Sequence[int]) -> str:
    """The kept sentences with what stands between them; across a gap a space, or a break where there were lines."""
    joined, last = "", -1
    for place in kept:
        sentence = said[place]
        if joined:
            between = text[said[last].start + len(said[last].text) : sentence.start]
            skipped = BREAK if "\n" in between else " "
            joined += between if place == last + 1 else skipped
        joined += sentence.text
        last = place
    return joined

"""THE FLOW: what is known to answer → an embedder that was taught it, kept only if it finds more.

gather ─▶ split ─▶ look for examples ─▶ measure ─▶ train ─▶ measure again ─▶ keep or delete
"""

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from django.conf import settings

from inference import registry, weights
from inference.backends.tuning import Example, train
from inference.retrieve import chunk_index
from ingestion.evaluate.judged import Query, Tracked, untracked
from ingestion.tune.compare import FINAL, Asked, Difference, Standing, standing
from ingestion.tune.corpus import Corpus
from ingestion.tune.examples import Examples, Prefixes
from ingestion.tune.known import Confirmed, confirmed, golden, split
from kb import embedder
from kb.errors import Rejected
from kb.models import Person

LEAST_TEACHING, LEAST_HELD_OUT = 30, 15
"""Questions. With fewer, there is nothing to learn, or no way to tell whether it was learnt."""
EPOCHS = 3
"""How often each example is shown, unless somebody says otherwise."""
TUNABLE = "inference.backends.dense.embedder"
MARK = "-tuned-"
"""Between the name of a model and a digest of what became of it."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What there is to learn from, and to measure with."""

    teaching: Sequence[Query]
    confirmed: Sequence[Confirmed]
    held_out: Sequence[Query]


@dataclass(frozen=True, slots=True)
class Tuned:
    """`before`, `after` and `difference` are by leg; `folder` holds the new model, and is None if it was deleted."""

    lesson: Lesson
    examples: int
    chunks: int
    before: Standing
    after: Standing
    difference: Mapping[str, Difference]
    folder: Path | None


def lesson_for(person: Person, names: Sequence[str] = ()) -> Lesson:
    """
    Raises:
        Rejected: there are too few questions, or one names what the person cannot see.
    """
    teaching, held_out = split(golden(person, names))
    learnt = confirmed(person, but_for=[query.text for query in held_out])
    lesson = Lesson(teaching, learnt, held_out)
    if len(teaching) + len(learnt) < LEAST_TEACHING or len(held_out) < LEAST_HELD_OUT:
        raise Rejected(
            f"There are {len(teaching) + len(learnt)} questions to learn from and {len(held_out)} to measure with; "
            f"at least {LEAST_TEACHING} and {LEAST_HELD_OUT} are needed. "
            f"The golden questions that {person.username} added in the console, under Quality, are those that count."
        )
    return lesson


def tune(
    lesson: Lesson, person: Person, *, epochs: int = EPOCHS, keep: bool = True, tracked: Tracked = untracked
) -> Tuned:
    """Takes minutes. What is kept is chosen for the next start; without `keep` it is measured and deleted.

    Raises:
        Rejected: the configured embedder is not one that can be tuned, or its index is not complete.
        ModelUnavailable, IndexUnavailable: a part of the house is away.
    """
    source = _source()
    corpus = Corpus.of(person)
    _check_indexed(corpus)
    examples = _examples(lesson, corpus, person, tracked)
    asked = [Asked.of(query, person) for query in tracked(lesson.held_out, "Asking")]
    before = standing(registry.embedder(), asked, corpus, tracked=tracked)
    folder = _trained(source, examples, epochs=epochs, tracked=tracked)
    kept = False
    try:
        after = standing(registry.embedder_from(folder), asked, corpus, tracked=tracked)
        difference = {leg: Difference.between(before[leg], after[leg]) for leg in before}
        kept = keep and difference[FINAL].surely_better
    finally:
        if not kept:
            _delete(folder)
    if kept:
        embedder.choose(settings.VAR, folder, before=str(_options()["model"]))
    return Tuned(lesson, len(examples), len(corpus.ids), before, after, difference, folder if kept else None)


def _check_indexed(corpus: Corpus) -> None:
    """What is not in the index is not found for questions, and would make bad examples and bad figures."""
    if (held := chunk_index().count()) < len(corpus.ids):
        raise Rejected(
            f"The index holds {held:,} chunks of at least {len(corpus.ids):,}. "
            "Run `python manage.py reindex` first."
        )


def _examples(lesson: Lesson, corpus: Corpus, person: Person, tracked: Tracked) -> list[Example]:
    options = _options()
    prefixes = Prefixes(options.get("query_prefix", ""), options.get("passage_prefix", ""))
    maker = Examples(corpus, person, prefixes)
    return [*maker.of_golden(lesson.teaching, tracked), *maker.of_confirmed(lesson.confirmed, tracked)]


def _trained(source: Path, examples: Sequence[Example], *, epochs: int, tracked: Tracked) -> Path:
    """The folder of the new model, named after the old one and its own weights."""
    models = settings.VAR / "models"
    models.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=models, prefix=".tuning-") as draft:
        made = Path(draft) / "model"
        train(source, made, examples, epochs=epochs, steps=tracked)
        name = Path(_options()["model"]).name.partition(MARK)[0]
        folder: Path = models / f"{name}{MARK}{weights.content(made)[:12]}"
        shutil.rmtree(folder, ignore_errors=True)
        return made.replace(folder)


def _delete(folder: Path) -> None:
    """The model with its int8 form."""
    for each in (folder, *folder.parent.glob(f"{folder.name}-int8-*")):
        shutil.rmtree(each, ignore_errors=True)


def _source() -> Path:
    """The folder of the configured embedder."""
    declared = settings.MODELS["embedder"]
    if declared["BACKEND"] != TUNABLE:
        raise Rejected(f"The embedder is {declared['BACKEND']}; only models of {TUNABLE} can be tuned.")
    options = _options()
    return weights.resolve(options["model"], settings.VAR / "models", hub=options.get("hub", False))


def _options() -> Mapping[str, Any]:
    return cast(Mapping[str, Any], settings.MODELS["embedder"].get("OPTIONS", {}))

"""`manage.py tune`: teaches the embedder what this company knows to answer its questions, or learns from its labels."""

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from inference.support.model import keep as keep_model
from ingestion.evaluate.report import LEG_NAMES
from ingestion.learn import learn
from ingestion.tune.compare import FINAL
from ingestion.tune.flow import EPOCHS, Lesson, Tuned, lesson_for, tune
from ingestion.tune.support import learned
from kb import embedder
from kb.environment import CONFIGURATION
from kb.management.evaluation import tracked
from kb.management.lookup import people_listed, person_named
from kb.models import LearnedVote, Sensitivity

MOST_EPOCHS = 20


class Command(BaseCommand):
    help = (
        "embedder: teaches it from golden questions and confirmed answers, and keeps it if it finds more. "
        "labels: learns from the labels that people decided, and adopts that if labels are better with it. "
        "support: learns what speaks for a sentence's being in its source, and writes the weights that ship."
    )
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("what", choices=["embedder", "labels", "support"])
        parser.add_argument(
            "folders", nargs="*", type=Path, metavar="DIR", help="claims that `support` learns from"
        )
        parser.add_argument(
            "--as", dest="username", metavar="USER", help="whose golden questions, over what he may see"
        )
        parser.add_argument(
            "--set", dest="sets", nargs="+", default=[], metavar="NAME", help="these sets instead of all"
        )
        parser.add_argument(
            "--epochs",
            type=_epochs,
            default=EPOCHS,
            metavar="N",
            help=f"how often each example is shown (default {EPOCHS})",
        )
        parser.add_argument("--dry-run", action="store_true", help="train and measure, but keep nothing")
        parser.add_argument("--undo", action="store_true", help="go back to the embedder before the last one")

    def handle(
        self,
        *args: Any,
        what: str,
        username: str | None,
        sets: Sequence[str],
        epochs: int,
        dry_run: bool,
        undo: bool,
        **options: Any,
    ) -> None:
        if what == "support":
            self.learn_support(options["folders"], keep=not dry_run)
            return
        if what == "labels":
            _refuse({"--undo": undo, "--as": username, "--set": sets})
            for line in _learned_lines(learn(keep=not dry_run), dry_run=dry_run):
                self.stdout.write(line)
            return
        if undo:
            self.undo()
            return
        if not username:
            raise CommandError(f"Questions are asked as somebody: add --as USER. {people_listed()}")
        person = person_named(username)
        lesson = lesson_for(person, sets)
        self.stdout.write(_told(lesson))
        self.stdout.flush()
        tuned = tune(lesson, person, epochs=epochs, keep=not dry_run, tracked=tracked)
        for line in _lines(tuned, dry_run=dry_run):
            self.stdout.write(line)

    def learn_support(self, folders: Sequence[Path], *, keep: bool) -> None:
        if not folders:
            raise CommandError("Name the folders with claims to learn from: tune support DIR…")
        model = learned(folders)
        if keep:
            keep_model(model)
        for name, weight in model.weights.items():
            self.stdout.write(f"  {name:<16} {weight:+.3f}")
        self.stdout.write(f"  {'intercept':<16} {model.intercept:+.3f}")

    def undo(self) -> None:
        before = embedder.go_back(settings.VAR)
        self.stdout.write(f"From the next start on, the embedder is {before} again.")
        self.stdout.write(NEXT_AFTER_UNDO)
        for line in _overruled(before):
            self.stdout.write(line)


NEXT = """\
What was started before goes on with the old one. Now:
  1. python manage.py reindex    fills the new index, while people go on searching the old one
  2. stop Strongroom and start it again
To go back: python manage.py tune embedder --undo"""

NEXT_AFTER_UNDO = """\
Stop Strongroom and start it again. Its index is still there; what came in since is added when the worker starts, \
or before, by `python manage.py reindex`."""


def _epochs(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_EPOCHS:
        raise ArgumentTypeError(f"“{text}” is no number from 1 to {MOST_EPOCHS}")
    return int(text)


def _refuse(options: Mapping[str, object]) -> None:
    for name, given in options.items():
        if given:
            raise CommandError(
                f"{name} is for the embedder: `tune labels` learns from all labels that people decided."
            )


def _learned_lines(learned: LearnedVote, *, dry_run: bool) -> Iterator[str]:
    names = ", ".join(str(Sensitivity(label).label) for label in learned.labels)
    yield f"Learned from {learned.confirmations:,} labels that people decided."
    yield f"  labels      {names}"
    yield f"  difference  {learned.difference:+.3f} a document, 95 % interval {learned.low:+.3f} to {learned.high:+.3f}"
    if not learned.adopted:
        yield "That is not surely better than the votes without it, so it is not adopted."
    elif dry_run:
        yield "Labels are surely better with it; without --dry-run it would be adopted. Nothing changes."
    else:
        yield "It is adopted, and counts for documents that are read from now on."


def _told(lesson: Lesson) -> str:
    return (
        f"Learning from {len(lesson.teaching):,} golden questions and {len(lesson.confirmed):,} confirmed answers; "
        f"{len(lesson.held_out):,} golden questions are held out to measure with."
    )


def _lines(tuned: Tuned, *, dry_run: bool) -> Iterator[str]:
    yield f"{tuned.examples:,} examples; measured over {tuned.chunks:,} chunks."
    yield f"  {'nDCG@10':<27}  before   after  difference  95 % interval"
    for leg, difference in tuned.difference.items():
        low, high = difference.ci95
        yield (
            f"  {LEG_NAMES[leg]:<27}  {tuned.before[leg].ndcg:6.3f}  {tuned.after[leg].ndcg:6.3f}"
            f"  {difference.mean:+10.3f}  {low:+.3f} to {high:+.3f}"
        )
    yield from _verdict(tuned, dry_run=dry_run)


def _verdict(tuned: Tuned, *, dry_run: bool) -> Iterator[str]:
    if tuned.folder:
        yield f"It finds more, surely, and is kept in {tuned.folder}."
        yield NEXT
        yield from _overruled(str(tuned.folder))
    elif not tuned.difference[FINAL].surely_better:
        yield "That is not surely more than people get now: it was deleted, and nothing changes."
    elif dry_run:
        yield "It finds more, surely; without --dry-run it would be kept. It was deleted, and nothing changes."


def _overruled(model: str) -> Iterator[str]:
    if settings.EMBEDDER and Path(settings.EMBEDDER) != Path(model):
        yield f"But STRONGROOM_EMBEDDER names {settings.EMBEDDER}, which wins: unset it, or set it to {model}"

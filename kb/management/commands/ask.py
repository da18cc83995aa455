"""`manage.py ask`: one question, answered as the portal would answer that person."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from inference.ask import Event, Finished, Sources, Token, ask, pose, preview
from inference.survey.begin import begin
from inference.survey.run import run
from kb.environment import CONFIGURATION
from kb.exchange import Answered, Planned, answered, as_json, planned
from kb.management.lookup import person_named
from kb.models import Answer, Leaving, Question, Survey


class Command(BaseCommand):
    help = "Asks a question as a person, and writes the answer with its sources and what left for it."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("question")
        parser.add_argument("--as", required=True, dest="username", metavar="USER")
        parser.add_argument("--on-premises", action="store_true", help="keep the question in the building")
        parser.add_argument("--preview", action="store_true", help="say what would be sent, and send nothing")
        parser.add_argument("--all", action="store_true", help="read every document that the question names")
        parser.add_argument("--yes", action="store_true", help="agree to what --all costs")
        parser.add_argument("--json", action="store_true", help="one JSON object")

    def handle(self, *args: Any, question: str, username: str, json: bool, **options: Any) -> None:
        person = person_named(username)
        leaving = Leaving.NEVER if options["on_premises"] else Leaving.FREELY
        if options["preview"]:
            self.preview(planned(preview(person, question, leaving=leaving)), json=json)
        elif options["all"]:
            self.survey(begin(person, question, leaving=leaving), agreed=options["yes"], json=json)
        else:
            self.answer(pose(person, question, leaving=leaving), json=json)

    def survey(self, survey: Survey, *, agreed: bool, json: bool) -> None:
        if not survey.confirmed and not agreed:
            cost = "an unknown price" if survey.cost_usd is None else f"about ${survey.cost_usd:.2f}"
            raise CommandError(
                f"This takes about {survey.calls} calls of a language model and {survey.tokens:,} tokens, at {cost}. "
                "Say --yes to agree."
            )
        survey.confirm()
        for progress in run(survey):
            what = progress.heading or "all is read; the findings are put together"
            self.stderr.write(f"{min(progress.taken + 1, progress.size)} of {progress.size}: {what}")
        survey.answer.refresh_from_db()
        self.write(survey.answer, json=json)

    def preview(self, sheet: Planned, *, json: bool) -> None:
        if json:
            self.stdout.write(as_json(sheet))
            return
        self.stdout.write(sheet.reason)
        for part in sheet.parts:
            self.stdout.write(f"\n{part.model} ({part.location}) would get {part.size:,} bytes:\n")
            self.stdout.write(f"{part.system}\n\n{part.user}")

    def answer(self, question: Question, *, json: bool) -> None:
        streaming = self.stdout.isatty() and not json
        events = ask(question)
        answer = self.streamed(events) if streaming else _last(events)
        self.write(answer, json=json, said=streaming)

    def write(self, answer: Answer, *, json: bool, said: bool = False) -> None:
        """`said`: whether the text stands there already, as it was written."""
        if answer.state != Answer.State.DONE:
            raise CommandError(answer.failure or "The answer was not finished. Ask again.")
        sheet = answered(answer)
        if json:
            self.stdout.write(as_json(sheet))
            return
        if not said or not sheet.citations:
            self.stdout.write(sheet.answer)
        for sentence in sheet.missing:
            self.stdout.write(sentence)
        for step in sheet.steps:
            if step.failure:
                self.stdout.write(f"Not in this answer: {step.heading}. {step.failure}")
        for conflict in sheet.conflicts:
            kind = "An older edition says" if conflict.other_is_outdated else "Another source says"
            self.stdout.write(f"{kind}: “{conflict.other}”")
        self.explain(sheet)

    def streamed(self, events: Iterator[Event]) -> Answer:
        for event in events:
            match event:
                case Token(text):
                    self.stdout.write(text, ending="")
                    self.stdout.flush()
                case Sources():
                    self.stdout.write("")  # A second one begins the answer anew.
                case Finished(answer):
                    self.stdout.write("")
                    return answer
        raise CommandError("The answer was stopped.")

    def explain(self, sheet: Answered) -> None:
        self.stdout.write("")
        for citation in sheet.citations:
            pages = f", p. {', '.join(map(str, citation.pages))}" if citation.pages else ""
            self.stdout.write(f"[{citation.marker}] {citation.title}{pages}: “{citation.quote}”")
        sent = sum(
            row.sent_bytes for row in sheet.ledger if row.location == "cloud" and row.decision == "send"
        )
        left = f"{sent:,} bytes left the building" if sent else "nothing left the building"
        self.stdout.write(f"Answered {sheet.location} by {sheet.model or 'no model'}: {left}. {sheet.reason}")


def _last(events: Iterator[Event]) -> Answer:
    for event in events:
        if isinstance(event, Finished):
            return event.answer
    raise CommandError("The answer was stopped.")

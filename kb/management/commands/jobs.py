"""`manage.py jobs`: what waits and runs, pausing ingestion and going on with it."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db.models import F
from django.utils import timezone

from ingestion.jobs import pause, resume
from kb.environment import CONFIGURATION
from kb.models import Pause, Version
from kb.models.library import Stage

LISTED = 50


class Command(BaseCommand):
    help = "Lists what waits and runs, pauses ingestion, or goes on with it."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["list", "pause", "resume"])
        parser.add_argument("--reason", default="", help="why it is paused: administrators see it")

    def handle(self, *args: Any, act: str, reason: str, **options: Any) -> None:
        if act == "pause":
            done = pause(None, reason[:200])
            self.stdout.write("Ingestion is paused." if done else "Ingestion was paused already.")
        elif act == "resume":
            self.stdout.write("Ingestion goes on." if resume(None) else "Ingestion was not paused.")
        else:
            self.list_jobs()

    def list_jobs(self) -> None:
        """What runs, then what waits in the order of its priority; within it, people and batches take turns."""
        if held := Pause.objects.first():
            self.stdout.write(f"Ingestion is paused {held}. {held.reason}".strip())
        unsettled = Version.objects.unsettled().select_related("document__owner")
        now = timezone.now()
        for version in unsettled.order_by(F("lease_until").desc(nulls_last=True), "-priority", "created_at")[
            :LISTED
        ]:
            works = version.lease_until is not None and version.lease_until >= now
            stage = Stage(version.stage if works else Stage.QUEUED).label
            priority = version.get_priority_display()
            self.stdout.write(f"{stage:22} {priority:7} {version.document.owner.username:12} {version.name}")
        more = unsettled.count() - LISTED
        if more > 0:
            self.stdout.write(f"and {more:,} more")
        elif more == -LISTED:
            self.stdout.write("Nothing waits.")

"""`manage.py bench`: speed and memory on this machine."""

import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from kb.environment import CONFIGURATION
from kb.management.scratch import scratch_environment


class Command(BaseCommand):
    help = "Measures ingestion, search, answers, memory and start in a data folder that is thrown away."
    requires_system_checks = [CONFIGURATION]

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="one JSON object instead of a table")
        parser.add_argument(
            "--quick", action="store_true", help="a tenth of the work, for a first impression"
        )
        parser.add_argument(
            "--import",
            type=Path,
            dest="folder",
            metavar="FOLDER",
            help="instead: brings these files into a whole Strongroom of their own, and watches it",
        )
        parser.add_argument(
            "--kills", type=int, default=0, metavar="N", help="with --import: kill the worker so often"
        )

    def handle(self, *args: Any, json: bool, quick: bool, **options: Any) -> None:
        chosen = ["--json"] * json + ["--quick"] * quick
        chosen += self.importing(options["folder"], options["kills"], quick=quick)
        with scratch_environment(settings.VAR / "models") as environment:
            measured = subprocess.run(  # noqa: S603 - our own module
                [sys.executable, "-m", "kb.management.bench", *chosen],
                cwd=settings.BASE_DIR,
                env=environment,
                stdout=subprocess.PIPE,
                text=True,
            )
        if measured.returncode:
            raise CommandError("The measuring broke off; what it wrote above says where.")
        self.stdout.write(measured.stdout, ending="")

    def importing(self, folder: Path | None, kills: int, *, quick: bool) -> list[str]:
        if folder is None:
            if kills:
                raise CommandError(
                    "--kills is how often the worker is killed while --import runs. Name a folder."
                )
            return []
        if quick or kills < 0:
            raise CommandError("--import takes all of the folder, and --kills a number from 0 up.")
        if not folder.is_dir() or not any(folder.iterdir()):
            raise CommandError(f"There is no folder {folder} with files in it.")
        return ["--import", str(folder.resolve()), "--kills", str(kills)]

"""`manage.py up`: the whole of Strongroom on this machine, until Ctrl-C."""

import http.client
import io
import signal
import subprocess
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, NoReturn

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand

from kb import supervisor
from kb.bootstrap import SPACE_TO_RUN, check_port, check_space
from kb.demo_cloud import HOST as DEMO_HOST
from kb.demo_cloud import demo_folder
from kb.environment import CONFIGURATION
from kb.errors import Rejected, Unavailable
from kb.models.library import Stage, Version
from kb.sample import PASSWORD
from kb.sample.library import load_library

LOOPBACK = ("127.0.0.1", "::1", "localhost")
FIRST_ANSWER = 180  # seconds; a busy machine with a cold disk needs more than a minute
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
SAMPLE_IS_IN = "sample-is-in"
"""The file in the data folder that says so; what people delete of the sample library stays deleted."""


class Command(BaseCommand):
    help = "Starts the portal and all that it needs on this machine, and stops them at Ctrl-C."
    requires_system_checks = [CONFIGURATION]
    shown = ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
        parser.add_argument("--no-sample", action="store_true", help="no demo people, no sample library")
        parser.add_argument(
            "--demo-cloud",
            action="store_true",
            help="a stand-in for a provider, on the next port of this machine; needs no key",
        )

    def handle(self, *args: Any, host: str, port: int, no_sample: bool, **options: Any) -> None:
        _stop_at_first_signal()
        address = supervisor.Address(host, port)
        demo_cloud = port + 1 if options["demo_cloud"] else 0
        try:
            with supervisor.claimed(settings.RUN, address):
                self.run(address, with_sample=not no_sample, demo_cloud=demo_cloud)
        except KeyboardInterrupt:
            self.stdout.write("Stopped. The next start goes on from here.")

    def run(self, address: supervisor.Address, *, with_sample: bool, demo_cloud: int) -> None:
        check_exposure(address.host, with_sample=with_sample)
        check_port(address.host, address.port)
        if demo_cloud:
            check_demo_cloud(demo_cloud)
        check_space(settings.VAR, SPACE_TO_RUN)
        self.stdout.write("Starting…")
        self.stdout.flush()
        call_command("models", "prepare", stdout=io.StringIO())
        call_command("migrate", verbosity=0)
        chosen = supervisor.programs(address, demo_cloud=demo_cloud)
        variables = {"STRONGROOM_DEMO_CLOUD": str(demo_cloud)} if demo_cloud else {}
        with supervisor.supervised(settings.RUN, chosen, **variables) as process:
            try:
                self.serve(address, process, with_sample=with_sample, demo_cloud=demo_cloud)
            except KeyboardInterrupt:
                self.stdout.write("\nStopping…")
                self.stdout.flush()
                raise

    def serve(
        self,
        address: supervisor.Address,
        process: subprocess.Popen[bytes],
        *,
        with_sample: bool,
        demo_cloud: int,
    ) -> NoReturn:
        wait_for_portal(address, process)
        if with_sample:
            self.install_sample()
        self.introduce(address, demo_cloud=demo_cloud)
        self.follow_ingestion(process)
        process.wait()
        _supervisor_is_gone()

    def install_sample(self) -> None:
        if not _sample_mark().exists():
            call_command("sample", stdout=self.stdout)
            _sample_mark().touch()

    def introduce(self, address: supervisor.Address, *, demo_cloud: int) -> None:
        self.stdout.write(f"\nStrongroom is ready at {self.style.SUCCESS(str(address))}\n\n")
        if _sample_mark().exists():
            self.introduce_sample()
        if demo_cloud:
            self.introduce_demo_cloud(demo_cloud)
        self.stdout.write("Ctrl-C stops it.\n\n")
        self.stdout.flush()

    def introduce_sample(self) -> None:
        library = load_library()
        self.stdout.write(f"Demo people of {library.company} (password: {PASSWORD})")
        for person in library.people:
            self.stdout.write(f"  {person.username:10} {person.role}; may read up to {person.clearance}")
        self.stdout.write("\nQuestions to try")
        for suggestion in library.try_questions:
            self.stdout.write(f"  as {suggestion.ask_as}: {suggestion.question}")
        self.stdout.write("")

    def introduce_demo_cloud(self, port: int) -> None:
        self.stdout.write(
            f"A stand-in for a cloud model answers on {DEMO_HOST}:{port}; what it gets is kept in "
            f"{demo_folder()}"
        )
        if _sample_mark().exists():
            mixed = load_library().mixed
            self.stdout.write(f"  as {mixed.ask_as}: {mixed.question}\n\n")

    def follow_ingestion(self, process: subprocess.Popen[bytes]) -> None:
        """Says how far ingestion is, until nothing waits."""
        while Version.objects.unsettled().exists():
            self.show(progress())
            time.sleep(1)
            if process.poll() is not None:
                _supervisor_is_gone()
        if self.shown:
            self.show(progress())
            self.stdout.write("")
        self.stdout.write("The library is ready.")
        self.stdout.flush()

    def show(self, line: str) -> None:
        """Over the line before on a terminal; below it, and only when it says something new, elsewhere."""
        if self.stdout.isatty():
            self.stdout.write(f"\r{line}", ending="")
        elif line != self.shown:
            self.stdout.write(line)
        self.shown = line
        self.stdout.flush()


def check_exposure(host: str, *, with_sample: bool) -> None:
    """
    Raises:
        Rejected: people whose password anybody can look up would be reachable from other machines.
    """
    if host not in LOOPBACK and (with_sample or _sample_mark().exists()):
        raise Rejected(
            f"The demo people's password is public, so Strongroom listens on {host} only without them. "
            "Add --no-sample, and name a data folder that never held them: STRONGROOM_VAR=…"
        )


def check_demo_cloud(port: int) -> None:
    """
    Raises:
        Rejected: a language model is named already, and would not be asked.
    """
    if settings.LLM_MODEL:
        raise Rejected(
            f"STRONGROOM_LLM_MODEL names {settings.LLM_MODEL}, so there is nothing to demonstrate. "
            "Unset it, or start without the demonstration cloud."
        )
    check_port(DEMO_HOST, port)


def wait_for_portal(address: supervisor.Address, process: subprocess.Popen[bytes]) -> None:
    """
    Raises:
        Unavailable: it did not answer in time.
    """
    deadline = time.monotonic() + FIRST_ANSWER
    while not answers(address):
        if process.poll() is not None:
            _supervisor_is_gone()
        if time.monotonic() > deadline:
            raise Unavailable(
                f"The portal did not answer within {FIRST_ANSWER} seconds. Its log says why: "
                f"{supervisor.log_file('portal')}"
            )
        time.sleep(0.2)


def answers(address: supervisor.Address) -> bool:
    named = settings.ALLOWED_HOSTS[0].lstrip("*.") or "localhost"
    connection = http.client.HTTPConnection(address.host, address.port, timeout=5)
    try:
        connection.request("GET", "/healthz", headers={"Host": named})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def progress() -> str:
    live = Version.objects.filter(retired=False)
    ready, failed = (live.filter(stage=stage).count() for stage in (Stage.READY, Stage.FAILED))
    line = f"Reading the library: {ready} of {live.count()} documents ready"
    return f"{line}, {failed} failed" if failed else line


def _sample_mark() -> Path:
    return Path(settings.VAR) / SAMPLE_IS_IN


def _supervisor_is_gone() -> NoReturn:
    raise Unavailable(
        "The process that keeps the others running has ended. Start again; its log says why: "
        f"{supervisor.log_file('supervisor')}"
    )


def _stop_at_first_signal() -> None:
    """The first signal stops everything in order; further ones must not interrupt that."""

    def stop(*_: object) -> NoReturn:
        for each in STOPPING:
            signal.signal(each, signal.SIG_IGN)
        raise KeyboardInterrupt

    for each in STOPPING:
        signal.signal(each, stop)

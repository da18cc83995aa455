"""A folder of real files through a whole Strongroom: how fast, how much memory, and what the portal's pages take
meanwhile. On request the worker is killed on the way, as a machine without memory would kill it."""

import http.client
import logging
import signal
import subprocess
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import psutil
from django.conf import settings
from django.core.management import call_command

from ingestion.reconcile import reconcile
from kb.management.bench.reading import MEASURED
from kb.management.bench.signed_in import cookie_of
from kb.management.bench.starting import HOST, free_port, wait_for
from kb.management.scratch import running
from kb.models import Chunk, Person, Sensitivity, Version
from kb.models.library import SETTLED, UNDONE, Stage
from kb.supervisor import left_behind

COLLECTION = "Imported"
ADDRESSES = ("/", "/library/", "/search/?q=termination+of+the+agreement", "/uploads/", "/console/jobs/")
EVERY = 1.0
"""Seconds between two rounds of looking: one page, and the memory of all processes."""
PROGRAMS = {"celery worker": "worker", "celery beat": "beat", "uvicorn": "portal", "own_index": "index"}
"""What stands in a command line, and the program's name in the report; what is read in children is “parsers”."""

log = logging.getLogger("strongroom.bench")


@dataclass(frozen=True, slots=True)
class Stay:
    """All versions together in one stage: seconds, and pages in a second of them (a file without pages is one)."""

    stage: str
    seconds: float
    pages_per_second: float


@dataclass(frozen=True, slots=True)
class Resident:
    """Megabytes of one program's processes together: the medians of the first, second, third and last quarter of the
    time, and the most that was seen."""

    program: str
    quarters: Sequence[float]
    most: float


@dataclass(frozen=True, slots=True)
class Imported:
    """One whole import. `page_p95_ms` is of the portal's pages while it ran; `off` is what reconciling found last."""

    files: int
    stages: Mapping[str, int]
    reasons: Mapping[str, int]
    pages: int
    chunks: int
    seconds: float
    stays: Sequence[Stay]
    killed: int
    page_p50_ms: float
    page_p95_ms: float
    asked_pages: int
    refused_pages: int
    memory: Sequence[Resident]
    off: Sequence[str]


@dataclass(slots=True)
class Watched:
    """What was seen while it ran."""

    killed: int = 0
    milliseconds: list[float] = field(default_factory=list)
    refused: int = 0
    megabytes: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))


def measure_import(folder: Path, *, kills: int) -> Imported:
    """Takes as long as the import does; says on stderr how far it is."""
    call_command("migrate", verbosity=0)
    person = Person.objects.create_user("importer", is_staff=True, clearance=max(Sensitivity))
    port = free_port()
    with running("manage.py", "up", "--no-sample", "--port", str(port)):
        wait_for(port, "/healthz")
        begun = time.perf_counter()
        with _sending(folder) as sending:
            watched = _watch(sending, port, cookie_of(person), kills)
        seconds = time.perf_counter() - begun
        off = reconcile(repair=False)
    return imported(seconds, watched, off)


@contextmanager
def _sending(folder: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The command that an administrator would use; it ends when the last file is stored and queued."""
    command = (sys.executable, "manage.py", "ingest", str(folder), "--collection", COLLECTION)
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def _watch(sending: subprocess.Popen[bytes], port: int, cookie: str, kills: int) -> Watched:
    """Until all is sent and settled. The worker is killed after equal shares of what had been sent by then."""
    watched, rounds = Watched(), 0
    while sending.poll() is None or Version.objects.unsettled().exists():
        held = Version.objects.count()
        settled = Version.objects.filter(stage__in=SETTLED).count()
        if rounds % 30 == 0:
            log.info("%s of %s settled", f"{settled:,}", f"{held:,}")
        all_sent = sending.poll() is not None
        if all_sent and watched.killed < kills and settled * (kills + 1) >= held * (watched.killed + 1):
            _kill_worker()
            watched.killed += 1
        _look(watched, port, cookie, ADDRESSES[rounds % len(ADDRESSES)])
        rounds += 1
        time.sleep(EVERY)
    return watched


def _look(watched: Watched, port: int, cookie: str, address: str) -> None:
    connection = http.client.HTTPConnection(HOST, port, timeout=30)
    begun = time.perf_counter()
    try:
        connection.request("GET", address, headers={"Cookie": cookie})
        response = connection.getresponse()
        response.read()
        watched.refused += response.status != http.HTTPStatus.OK
    except OSError:
        watched.refused += 1
    finally:
        connection.close()
    watched.milliseconds.append((time.perf_counter() - begun) * 1000)
    for program, megabytes in _resident().items():
        watched.megabytes[program].append(megabytes)


def _resident() -> Mapping[str, float]:
    held = defaultdict[str, float](float)
    for process in left_behind(settings.RUN):
        with suppress(psutil.Error):
            held[_program(process)] += process.memory_info().rss / 1e6
    return held


def _program(process: psutil.Process) -> str:
    command = " ".join(process.cmdline())
    return next((name for part, name in PROGRAMS.items() if part in command), "parsers and others")


def _kill_worker() -> None:
    """Its main process and its children at once, without a chance to say anything."""
    log.info("Killing the worker")
    for process in left_behind(settings.RUN):
        with suppress(psutil.Error):
            if _program(process) == "worker":
                process.send_signal(signal.SIGKILL)


def imported(seconds: float, watched: Watched, off: Sequence[str]) -> Imported:
    """What became of all versions, and what was seen meanwhile; `off` is what reconciling found."""
    versions = Version.objects.all()
    pages = sum(version.pages or 1 for version in versions)
    spent = {stage: sum(version.seconds.get(stage, 0.0) for version in versions) for stage in MEASURED}
    failures = versions.filter(stage__in=UNDONE).values_list("failure", flat=True)
    return Imported(
        files=versions.count(),
        stages=dict(Counter(str(Stage(stage).label) for stage in versions.values_list("stage", flat=True))),
        reasons=dict(Counter(failures).most_common()),
        pages=pages,
        chunks=Chunk.objects.filter(version__in=versions).count(),
        seconds=round(seconds, 1),
        stays=[Stay(stage, round(of, 1), round(pages / of, 1) if of else 0.0) for stage, of in spent.items()],
        killed=watched.killed,
        page_p50_ms=round(float(np.percentile(watched.milliseconds, 50)), 1),
        page_p95_ms=round(float(np.percentile(watched.milliseconds, 95)), 1),
        asked_pages=len(watched.milliseconds),
        refused_pages=watched.refused,
        memory=[_quarters(program, seen) for program, seen in sorted(watched.megabytes.items())],
        off=off,
    )


def _quarters(program: str, seen: Sequence[float]) -> Resident:
    parts = [part for part in np.array_split(np.array(seen), 4) if len(part)]
    return Resident(program, [round(float(np.median(part)), 0) for part in parts], round(max(seen), 0))


def imported_table(report: Imported) -> Iterator[str]:
    """The report in lines."""
    ended = ", ".join(f"{count:,} {stage}" for stage, count in report.stages.items())
    yield f"Import: {report.files:,} documents, {report.pages:,} pages, {report.chunks:,} chunks ({ended})"
    yield f"  all settled in     {report.seconds:8,.1f} s; the worker was killed {report.killed} times"
    for stay in report.stays:
        yield f"  {stay.stage:18} {stay.seconds:8.1f} s    {stay.pages_per_second:8.1f} pages/s"
    for reason, count in report.reasons.items():
        yield f"  {count:4} × {reason}"
    yield f"Pages of the portal meanwhile: {report.asked_pages} asked for, {report.refused_pages} without an answer"
    yield f"  a page             p50 {report.page_p50_ms:7.1f} ms   p95 {report.page_p95_ms:7.1f} ms"
    yield "Memory: the median of each quarter of the time, and the most"
    for resident in report.memory:
        quarters = "  ".join(f"{quarter:6.0f}" for quarter in resident.quarters)
        yield f"  {resident.program:18} {quarters}   most {resident.most:6.0f} MB"
    yield "SQL, the stored files and the index agree." if not report.off else "\n".join(report.off)

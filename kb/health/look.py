"""Looks at all components side by side, and waits for none of them longer than a second."""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from queue import Empty, SimpleQueue
from threading import Thread

from django.db import DatabaseError, connection

from kb.errors import StrongroomError
from kb.health.finding import Component, Finding, State
from kb.health.machine import database, disk, ledger, migrations
from kb.health.models import embedder, llm, slm
from kb.health.reading import inbox, ingestion, ocr, sandbox, scanner
from kb.health.services import beat, broker, index, worker

log = logging.getLogger("strongroom.health")

WITHIN = 1.0
"""Seconds."""
Check = Callable[[], Finding]

CHECKS: Mapping[str, Check] = {
    "Database": database,
    "Migrations": migrations,
    "Broker": broker,
    "Worker": worker,
    "Clock (beat)": beat,
    "Index": index,
    "Embedding model": embedder,
    "Small model (SLM)": slm,
    "Language model (LLM)": llm,
    "Ledger": ledger,
    "Disk": disk,
    "Ingestion": ingestion,
    "Sandbox of parsers": sandbox,
    "Text recognition (OCR)": ocr,
    "Virus scanner": scanner,
    "Watched folder": inbox,
}
LATE: Mapping[str, Finding] = {
    "Sandbox of parsers": Finding.doubtful("It is still being tried out.", "Look again in a few seconds.")
}
"""What is said of those that are slow without being down; the sandbox starts a process, once."""


def look(checks: Mapping[str, Check] = CHECKS, *, within: float = WITHIN) -> Sequence[Component]:
    """All components, the worst first. One that has not answered in time counts as down."""
    answers: SimpleQueue[tuple[str, Finding]] = SimpleQueue()
    for name, check in checks.items():
        # A daemon, because one that hangs must not keep a command from ending.
        Thread(target=_ask, args=(name, check, answers), name=f"health-{name}", daemon=True).start()
    found = _gathered(answers, len(checks), time.monotonic() + within)
    components = [Component(name, found.get(name) or LATE.get(name) or _late(within)) for name in checks]
    return sorted(components, key=lambda each: list(State).index(each.finding.state))


def _ask(name: str, check: Check, answers: "SimpleQueue[tuple[str, Finding]]") -> None:
    try:
        finding = check()
    except StrongroomError as error:
        finding = Finding.down(str(error), "See its log, and start it again.")
    except DatabaseError:
        finding = Finding.down(
            "The database does not answer, or its tables are missing.",
            "Mend the database and the migrations first.",
        )
    except Exception:  # Whatever one component does, the others are still to be told of.
        log.exception("Looking at “%s” failed", name)
        finding = Finding.down("Looking at it failed on our side.", "The log says why.")
    finally:
        connection.close()  # This thread's own.
    answers.put((name, finding))


def _gathered(
    answers: "SimpleQueue[tuple[str, Finding]]", expected: int, deadline: float
) -> Mapping[str, Finding]:
    found: dict[str, Finding] = {}
    while len(found) < expected:
        try:
            name, finding = answers.get(timeout=max(0, deadline - time.monotonic()))
        except Empty:
            break
        found[name] = finding
    return found


def _late(within: float) -> Finding:
    return Finding.down(
        f"It did not answer within {within:g} s.",
        "Look again. If it stays so, see its log and start it again.",
    )

"""The processes that the portal works with: broker, worker, clock and index."""

from datetime import timedelta

from django.conf import settings
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.timesince import timesince

from kb import broker as messages
from kb.errors import Unavailable
from kb.health.finding import Finding
from kb.index import keeper_answers

START = "Start Strongroom with “make up”; the log of each process is in the folder “log” of the data folder."
MISSED = 3
"""Ticks after which the clock counts as stopped."""


def broker() -> Finding:
    try:
        waiting = messages.waiting()
    except Unavailable as error:
        return Finding.down(f"{error} Nothing new is ingested.", f"{START} With REDIS_URL, see that server.")
    return Finding.works(f"{intcomma(waiting)} messages wait.")


def worker() -> Finding:
    try:
        answers = messages.worker_answers()
    except Unavailable:
        return Finding.down("Without the broker it gets no work.", "Mend the broker first.")
    if not answers:
        return Finding.down("No worker answers. What comes in waits.", START)
    return Finding.works("It answers.")


def beat() -> Finding:
    try:
        last = messages.last_tick()
    except Unavailable:
        return Finding.down("Without the broker it reaches nobody.", "Mend the broker first.")
    if last is None:
        return Finding.doubtful("It has not ticked yet.", "Look again in a minute. If it stays so: " + START)
    ago = timezone.now() - last
    if ago > timedelta(seconds=MISSED * settings.RECONCILE_EVERY):
        return Finding.down(
            f"It last ticked {timesince(last)} ago. Lost work is not found again, and the watched folder is not read.",
            START,
        )
    return Finding.works(f"It last ticked {ago.total_seconds():.0f} s ago.")


def index() -> Finding:
    if keeper_answers():
        return Finding.works("Qdrant answers." if settings.QDRANT_URL else "Its owner answers.")
    return Finding.down(
        "It does not answer. Nothing is found, and nothing new becomes ready.",
        "Start the Qdrant server, or correct QDRANT_URL." if settings.QDRANT_URL else START,
    )

"""What reading documents needs: that it goes on, the sandbox, text recognition, the scanner, the watched folder."""

from dataclasses import asdict
from subprocess import SubprocessError

from django.conf import settings
from django.utils.timesince import timesince

from ingestion import antivirus
from ingestion.parse import tessdata
from ingestion.parse.confine import guards
from ingestion.sources import inbox as watched
from kb.health.finding import Finding
from kb.models import Pause


def ingestion() -> Finding:
    if pause := Pause.objects.first():
        return Finding.doubtful(
            f"It has been paused for {timesince(pause.since)}.",
            "Go on with it on the page “Ingestion”, or with “manage.py jobs resume”.",
        )
    return Finding.works("It is not paused.")


def sandbox() -> Finding:
    try:
        missing = [name for name, holds in asdict(guards()).items() if not holds]
    except (OSError, SubprocessError):
        return Finding.down(
            "No child process could be started.", "See the portal's log, and docs/hostile.md."
        )
    if missing:
        return Finding.doubtful(
            f"This system does not guard: {', '.join(missing)}. Limits of time and memory hold.",
            "docs/hostile.md says what each guard needs.",
        )
    return Finding.works("Files are read without network, other files and programs.")


def ocr() -> Finding:
    languages = settings.OCR_LANGUAGES
    if tessdata.folder_with(languages):
        return Finding.works(f"The data for “{languages}” is here.")
    return Finding.doubtful("Scans and pictures cannot be read.", tessdata.advice(languages))


def scanner() -> Finding:
    if not settings.CLAMD_SOCKET:
        return Finding.unused("No scanner is named (CLAMD_SOCKET).")
    if antivirus.is_there():
        return Finding.works("ClamAV answers.")
    return Finding.down(
        f"Nothing answers at {settings.CLAMD_SOCKET}. Nothing comes in until it does.",
        "Start clamd, or correct CLAMD_SOCKET.",
    )


def inbox() -> Finding:
    """How many notes there are; their text names files, which not everybody may know."""
    if notes := watched.notes():
        return Finding.doubtful(
            f"Not taken, though they lie there: {len(notes)}.",
            f"Look into {settings.INBOX}: a folder needs a collection's name, and a file a folder.",
        )
    return Finding.works("All that lies there is taken.")

"""Where Tesseract's trained languages are. The program comes with Python; they come with the system."""

import os
from collections.abc import Iterator
from pathlib import Path

PLACES = (
    "/usr/share/tesseract-ocr/*/tessdata",
    "/usr/share/tessdata",
    "/usr/share/tesseract/tessdata",
    "/usr/local/share/tessdata",
    "/opt/homebrew/share/tessdata",
)
ORIENTATION = "osd"
"""What tells Tesseract which way up a page is; every package of Tesseract brings it."""


def folder_with(languages: str) -> Path | None:
    """The first folder that has all of the languages, joined by “+”."""
    return next((folder for folder in _folders() if not _missing(folder, languages)), None)


def advice(languages: str) -> str:
    """What to do when there is none."""
    most = min((_missing(folder, languages) for folder in _folders()), key=len, default=_named(languages))
    packages = " ".join(f"tesseract-ocr-{name.replace('_', '-')}" for name in most)
    return (
        f"Text recognition is not installed for “{languages}”. "
        f"An administrator can add it, on Debian and Ubuntu with: apt install tesseract-ocr-{ORIENTATION} {packages}"
    )


def has_orientation(folder: Path) -> bool:
    return _file(folder, ORIENTATION).is_file()


def _folders() -> Iterator[Path]:
    if named := os.environ.get("TESSDATA_PREFIX"):
        yield Path(named)
    for place in PLACES:
        yield from sorted(Path("/").glob(place.removeprefix("/")), reverse=True)


def _missing(folder: Path, languages: str) -> list[str]:
    return [name for name in _named(languages) if not _file(folder, name).is_file()]


def _named(languages: str) -> list[str]:
    return languages.split("+")


def _file(folder: Path, language: str) -> Path:
    return folder / f"{language}.traineddata"

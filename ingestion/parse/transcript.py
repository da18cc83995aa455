"""Transcripts and subtitles (WebVTT, SubRip): who said what, without the clock."""

from collections.abc import Iterator
from io import StringIO
from itertools import groupby
from pathlib import Path
from typing import Any

from ingestion.parse import clean
from ingestion.parse.decode import decoded
from ingestion.parse.elements import Element, Kind, Parsed
from kb.errors import Unreadable

VTT = "WEBVTT"


class Transcript:
    fingerprint = "webvtt-py-0.6.0"

    def parse(self, path: Path, *, media_type: str) -> Parsed:
        from webvtt import WebVTT
        from webvtt.errors import MalformedCaptionError, MalformedFileError

        text = clean.visible(decoded(path.read_bytes()))
        written = "vtt" if text.startswith(VTT) else "srt"
        try:
            captions = WebVTT.from_buffer(StringIO(text), format=written)
        except (MalformedCaptionError, MalformedFileError) as error:
            raise Unreadable("It holds no captions with times. Upload it as a .txt file.") from error
        return Parsed(elements=tuple(_spoken(captions)), parser=self.fingerprint)


def _spoken(captions: Any) -> Iterator[Element]:
    """A paragraph for each turn, with the speaker's name where it is known."""
    for voice, turn in groupby(captions, key=lambda caption: caption.voice):
        said = clean.tidy("\n".join(caption.text for caption in turn))
        if said:
            yield Element(Kind.PARAGRAPH, f"{voice}: {said}" if voice else said)

"""Mail: how many parts hold others, and how long its header fields are."""

import re
from pathlib import Path

from ingestion.parse.bounds import MEGABYTE, Bounds
from kb.errors import Unreadable

CONTAINER = re.compile(rb"^content-type:\s*(?:multipart|message)/", re.I | re.M)
END_OF_HEADER = re.compile(rb"\r?\n\r?\n")


def examine(path: Path, bounds: Bounds) -> tuple[str, ...]:
    data = path.read_bytes()
    end = END_OF_HEADER.search(data)
    if (end.start() if end else len(data)) > bounds.header:
        raise Unreadable(
            f"Its header fields take more than {bounds.header // MEGABYTE} MB, which no mail program writes. "
            "Forward the message to yourself and upload that."
        )
    if len(CONTAINER.findall(data)) > bounds.depth:
        raise Unreadable(
            f"It has more than {bounds.depth} messages and groups of parts inside it. "
            "Save the attached messages one by one."
        )
    return ()

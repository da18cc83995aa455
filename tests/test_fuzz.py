"""Whatever bytes a parser is given, it ends with a document or with a sentence.

STRONGROOM_FUZZ_EXAMPLES is how many broken files are tried of each format.
"""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.parse.elements import Parsed
from ingestion.parse.sandbox import Limits, parse
from ingestion.parse.sniff import EXTENSIONS
from kb.errors import ParserStopped, Unreadable
from tests import files

LIMITS = Limits(seconds=30, memory=512 * 1024**2)
EXAMPLES = int(os.environ.get("STRONGROOM_FUZZ_EXAMPLES", "5"))

SOUND: dict[str, Callable[[Path], object]] = {
    "pdf": lambda path: files.pdf(path, pages=1),
    "docx": files.docx,
    "pptx": files.pptx,
    "xlsx": lambda path: files.xlsx(path, {"Data": files.TABLE}),
    "csv": lambda path: path.write_text("Region,Revenue\nNorth,120\n"),
    "html": lambda path: path.write_text("<h1>Leave</h1><table><tr><td>North</td></tr></table><p>Text.</p>"),
    "md": lambda path: path.write_text("# Leave\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- Ask *first*\n"),
    "txt": lambda path: path.write_text(files.PROSE),
    "eml": files.eml,
    "doc": files.doc,
    "xls": files.xls,
    "ppt": files.ppt,
    "odt": files.odt,
    "ods": files.ods,
    "odp": files.odp,
    "epub": files.epub,
    "rtf": lambda path: path.write_text("{\\rtf1\\ansi Leave\\par " + files.PROSE + "}"),
    "json": lambda path: path.write_text('{"leave": [{"days": 30, "note": "Ask first"}]}'),
    "xml": lambda path: path.write_text("<leave><days>30</days><note>Ask first</note></leave>"),
    "vtt": lambda path: path.write_text("WEBVTT\n\n00:01.000 --> 00:02.000\n<v Ann>Ask first.\n"),
    "msg": files.msg,
    "png": lambda path: files.saved(files.picture("Leave"), path),
}

Change = Callable[[bytes], bytes]


def _flipped(place: float, mask: int) -> Change:
    def flip(data: bytes) -> bytes:
        at = int(place * (len(data) - 1))
        return data[:at] + bytes([data[at] ^ mask]) + data[at + 1 :]

    return flip


def _cut(place: float) -> Change:
    return lambda data: data[: max(1, int(place * len(data)))]


def _with(place: float, inserted: bytes) -> Change:
    return lambda data: data[: int(place * len(data))] + inserted + data[int(place * len(data)) :]


PLACE = st.floats(0, 1)
CHANGES = st.lists(
    st.one_of(
        st.builds(_flipped, PLACE, st.integers(1, 255)),
        st.builds(_cut, PLACE),
        st.builds(_with, PLACE, st.binary(min_size=1, max_size=64)),
    ),
    min_size=1,
    max_size=8,
)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    folder = tmp_path_factory.mktemp("sound")
    for extension, write in SOUND.items():
        write(folder / f"a.{extension}")
    return {extension: (folder / f"a.{extension}").read_bytes() for extension in SOUND}


@pytest.mark.parametrize("extension", SOUND)
@settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(changes=CHANGES)
def test_a_broken_file_gives_a_document_or_a_sentence(
    extension: str, sound: dict[str, bytes], tmp_path: Path, changes: list[Change]
) -> None:
    data = sound[extension]
    for change in changes:
        data = change(data)
    path = tmp_path / "broken"
    path.write_bytes(data)
    media_type = EXTENSIONS[extension].media_type
    try:
        result: object = parse(path, name=f"a.{extension}", media_type=media_type, limits=LIMITS)
    except (Unreadable, ParserStopped) as error:
        assert str(error).endswith(".")
    else:
        assert isinstance(result, Parsed)

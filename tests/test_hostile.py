"""Every kind of hostile file ends as it must, and the next file is read as if nothing had been."""

from pathlib import Path

import pytest

from ingestion.parse.elements import Parsed
from ingestion.parse.sandbox import Limits, parse
from ingestion.parse.sniff import sniff
from kb.errors import ParserStopped, Unreadable
from tests.hostile import KINDS
from tests.hostile.kind import BOUNDS, Ends, Kind, Read, Refused

LIMITS = Limits(seconds=20, memory=512 * 1024**2, output=16 * 1024**2, bounds=BOUNDS)
LEFT = (Path("/tmp/strongroom-was-here"), Path("/tmp/strongroom-was-here.txt"))  # noqa: S108 - nothing may be there


def taken(kind: Kind, folder: Path) -> Parsed:
    """The file on the way that an upload takes it."""
    path = folder / "stored"
    kind.write(path)
    media_type = sniff(path, kind.name).media_type
    return parse(path, name=kind.name, media_type=media_type, limits=LIMITS)


def test_there_are_many_kinds_each_once() -> None:
    assert len(KINDS) == len({str(kind) for kind in KINDS}) >= 40


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_hostile_file_ends_as_it_must(kind: Kind, tmp_path: Path) -> None:
    match kind.fate:
        case Refused(because):
            with pytest.raises(Unreadable) as refused:
                taken(kind, tmp_path)
            assert because in str(refused.value)
        case Read() as wanted:
            check(taken(kind, tmp_path), wanted)
        case Ends():
            try:
                taken(kind, tmp_path)
            except (Unreadable, ParserStopped) as error:
                assert str(error).endswith(".")
    assert not any(path.exists() for path in LEFT)


def check(parsed: Parsed, wanted: Read) -> None:
    assert wanted.says in parsed.text
    assert not wanted.never or wanted.never not in parsed.text
    assert any(wanted.warns in warning for warning in parsed.warnings) or not wanted.warns
    assert wanted.hides is None or wanted.hides in {each.how for each in parsed.hidden}

"""Archives, opened with `tests.packed.BOUNDS`: 20 files, 40 MB, 100 times their size."""

import tarfile
import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

from tests.packed import member, tarred, zipped

GOOD = "leave.txt"
TEXT = b"Everybody has 30 days of leave."
ZEROS = bytes(12_000_000)
ENCRYPTED = 0x1


def zip_bomb() -> bytes:
    return zipped({GOOD: TEXT, "bomb.txt": ZEROS})


def zip_slip() -> bytes:
    return zipped({GOOD: TEXT, "../../tmp/strongroom-was-here.txt": b"x", "a\\..\\..\\b.txt": b"x"})


def absolute_path() -> bytes:
    return zipped({GOOD: TEXT, "/tmp/strongroom-was-here.txt": b"x"})  # noqa: S108 - nothing may be there


def drive_letter() -> bytes:
    return zipped({GOOD: TEXT, "C:\\Windows\\a.txt": b"x"})


def link_in_a_zip() -> bytes:
    data = BytesIO(zipped({GOOD: TEXT}))
    link = zipfile.ZipInfo("link.txt")
    link.external_attr = 0o120777 << 16
    with zipfile.ZipFile(data, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    return data.getvalue()


def encrypted_entry() -> bytes:
    data = bytearray(zipped({"secret.txt": TEXT, GOOD: TEXT}))
    data[6] |= ENCRYPTED
    data[data.index(b"PK\x01\x02") + 8] |= ENCRYPTED
    return bytes(data)


def same_name_twice() -> bytes:
    data = BytesIO(zipped({GOOD: TEXT}))
    with zipfile.ZipFile(data, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python tells who writes such an archive.
        archive.writestr(GOOD, b"Nobody has leave.")
    return data.getvalue()


def twenty_thousand_empty_files() -> bytes:
    return zipped({f"{number}.txt": b"" for number in range(20_000)})


def long_path() -> bytes:
    return zipped({GOOD: TEXT, "a/" * 2_500 + "b.txt": b"x"})


def name_in_another_direction() -> bytes:
    return zipped({GOOD: TEXT, "invoice\u202efdp.exe": b"x"})


def tar_slip() -> bytes:
    return tarred((member(GOOD), TEXT), (member("../../tmp/strongroom-was-here.txt"), b"x"))


def tar_bomb() -> bytes:
    return tarred((member(GOOD), TEXT), (member("bomb.txt"), ZEROS))


def links_in_a_tar() -> bytes:
    soft = member("soft.txt", tarfile.SYMTYPE, "/etc/passwd")
    return tarred((soft, b""), (member("hard.txt", tarfile.LNKTYPE, GOOD), b""), (member(GOOD), TEXT))


def devices() -> bytes:
    disk, pipe = member("disk", tarfile.BLKTYPE), member("pipe", tarfile.FIFOTYPE)
    return tarred((disk, b""), (pipe, b""), (member(GOOD), TEXT))


@dataclass(frozen=True, slots=True)
class Archive:
    """`because` is why it is refused whole, or else why all is left out of it but `GOOD`."""

    kind: str
    make: Callable[[], bytes]
    because: str
    whole: bool = False
    good: int = 1

    def __str__(self) -> str:
        return self.make.__name__


KINDS = (
    Archive("zip", zip_bomb, "unpacks to more than 100 times its size"),
    Archive("zip", zip_slip, "has a path that leads out of the archive"),
    Archive("zip", absolute_path, "has an absolute path"),
    Archive("zip", drive_letter, "has an absolute path"),
    Archive("zip", link_in_a_zip, "is a link"),
    Archive("zip", encrypted_entry, "is encrypted"),
    Archive("zip", same_name_twice, "", good=2),
    Archive("zip", twenty_thousand_empty_files, "It holds more than 20 files", whole=True),
    Archive("zip", long_path, "has a path of more than 1,000 characters"),
    Archive("zip", name_in_another_direction, "has control characters in its name"),
    Archive("tar", tar_slip, "has a path that leads out of the archive"),
    Archive("tar", tar_bomb, "It unpacks to more than 100 times its size", whole=True),
    Archive("tar", links_in_a_tar, "is a link"),
    Archive("tar", devices, "is no ordinary file"),
)

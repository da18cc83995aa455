"""What the three Office formats share: a zip archive that must not tell when it was written."""

import io
import re
import zipfile
from datetime import date, datetime, time

# Zip knows no earlier moment.
ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
STAMP = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*")


def at_noon(day: date) -> datetime:
    return datetime.combine(day, time(12))


def settle(archive: bytes, written: date) -> bytes:
    """The same archive with the clock taken out: of its members and of its core properties."""
    moment = at_noon(written).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    settled = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(settled, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = STAMP.sub(rb"\g<1>" + moment, content)
            new.writestr(zipfile.ZipInfo(name, ZIP_EPOCH), content, zipfile.ZIP_DEFLATED)
    return settled.getvalue()

"""Reading what stands in an address: anybody may write anything there."""

from datetime import date, datetime

from django.http import QueryDict

from kb.models.tags import as_tag

LARGEST = 2**31 - 1
"""No database refuses to compare its keys with this."""


def number(address: QueryDict, name: str) -> int | None:
    """The parameter as a number from 0 on; None when it is missing or anything else."""
    text = address.get(name, "")
    if not text.isdecimal() or len(text) > len(str(LARGEST)):
        return None
    value = int(text)
    return value if value <= LARGEST else None


def tag(address: QueryDict, name: str) -> str | None:
    """The parameter as a tag is written; None when it is missing or cannot be one."""
    text = as_tag(address.get(name, ""))
    return text if text and text.isprintable() else None


def word(address: QueryDict, name: str) -> str | None:
    """The parameter as it stands there; None when it is missing, empty, or no database could hold it."""
    text = address.get(name, "").strip()
    return text if text and "\0" not in text else None


def day(address: QueryDict, name: str) -> date | None:
    """The parameter as a date, written 2026-01-31; None when it is missing or anything else."""
    try:
        return datetime.strptime(address.get(name, ""), "%Y-%m-%d").date()
    except ValueError:
        return None

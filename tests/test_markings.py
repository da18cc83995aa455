import pytest

from inference.markings import find_marking
from kb.models import Sensitivity

BODY = "\nThe filter is cleaned once a year.\nIt is then put back.\n"


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("CONFIDENTIAL", Sensitivity.CONFIDENTIAL),
        ("C O N F I D E N T I A L", Sensitivity.CONFIDENTIAL),
        ("Strictly confidential", Sensitivity.RESTRICTED),
        ("RESTRICTED – Board only", Sensitivity.RESTRICTED),
        ("**Classification:** Internal", Sensitivity.INTERNAL),
        ("| Classification | Confidential |", Sensitivity.CONFIDENTIAL),
        ("Nur für den internen Gebrauch", Sensitivity.INTERNAL),
        ("Streng vertraulich", Sensitivity.RESTRICTED),
        ("Vertraulich: nur für die Geschäftsleitung", Sensitivity.CONFIDENTIAL),
        ("VS – Nur für den Dienstgebrauch", Sensitivity.CONFIDENTIAL),
        ("TLP:AMBER", Sensitivity.CONFIDENTIAL),
        ("Company public", Sensitivity.PUBLIC),
        ("FOR IMMEDIATE RELEASE – 3 May 2026", Sensitivity.PUBLIC),
        ("Acme GmbH | Confidential | Page 3 of 9", Sensitivity.CONFIDENTIAL),
        ("Subject: [Internal] Summer party", Sensitivity.INTERNAL),
        ("This document is for internal use only.", Sensitivity.INTERNAL),
        ("Version 2, valid from May. Owner: Jane Doe. For internal use only.", Sensitivity.INTERNAL),
        ("Edition 5. For internal use by our technicians and partners.", Sensitivity.INTERNAL),
        ("Price list. CONFIDENTIAL: for sales staff and service. Do not copy.", Sensitivity.CONFIDENTIAL),
    ],
)
def test_a_marking_is_read(line: str, expected: Sensitivity) -> None:
    marking = find_marking(f"Filter cleaning\n{line}{BODY}")
    assert marking is not None
    assert marking.sensitivity == expected


@pytest.mark.parametrize(
    "line",
    [
        "We treat your application as strictly confidential and reply soon.",
        "“Confidential Information” means all that one party tells the other.",
        "Confidentiality",
        "## Restricted",
        "- Public: anyone may read it",
        "| Public | Private |",
        "Public health",
        "Public, private and hybrid cloud",
        "Internal audit report",
        "Internal and external communication",
        "Products | Public | Contact",
        "Restricted stock units",
        "Der Vertrag ist vertraulich zu behandeln und gilt drei Jahre.",
    ],
)
def test_other_uses_of_the_words_are_no_marking(line: str) -> None:
    assert find_marking(f"Filter cleaning\n{line}{BODY}") is None


def test_a_marking_says_where_it_stands() -> None:
    text = f"Filter cleaning\nEdition 7. For internal use only.{BODY}"
    marking = find_marking(text)
    assert marking is not None
    assert marking.words == "For internal use only."
    assert text[marking.start :].startswith(marking.words)


def test_in_the_middle_only_what_pages_repeat_is_a_marking() -> None:
    page = "\n".join(f"Step {number} is to turn the screw." for number in range(20))
    assert find_marking(f"{page}\nCONFIDENTIAL\n{page}") is None
    repeated = find_marking(f"{page}\nCONFIDENTIAL\n" * 3 + page)
    assert repeated is not None
    assert repeated.sensitivity == Sensitivity.CONFIDENTIAL


def test_the_strictest_of_several_markings_counts() -> None:
    marking = find_marking(f"Internal\nStrictly confidential{BODY}")
    assert marking is not None
    assert marking.sensitivity == Sensitivity.RESTRICTED

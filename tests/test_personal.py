import itertools

import pytest

from inference.personal import Kind, density, find_personal, question_sensitivity
from kb.models import Sensitivity


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Pay to DE89 3704 0044 0532 0130 00 today.", Kind.IBAN, "DE89 3704 0044 0532 0130 00"),
        ("Card 4111 1111 1111 1111, please.", Kind.CARD, "4111 1111 1111 1111"),
        ("Steuer-ID: 86 095 742 719", Kind.TAX_ID, "86 095 742 719"),
        ("SSN 078-05-1120", Kind.SSN, "078-05-1120"),
        ("He was born on 3 May 1984 in Cork.", Kind.BIRTH_DATE, "3 May 1984"),
        ("Frau Albers, geb. 03.05.1984", Kind.BIRTH_DATE, "03.05.1984"),
        ("Write to anna.berg@keldmere.ie.", Kind.EMAIL, "anna.berg@keldmere.ie"),
        ("Call +49 221 555 0199 or come.", Kind.PHONE, "+49 221 555 0199"),
        ("Tel. 0221 4710-231", Kind.PHONE, "0221 4710-231"),
        ("Request from 93.184.216.34 at noon", Kind.IP_ADDRESS, "93.184.216.34"),
        ("svc_backup has the password Winter2024! and may", Kind.SECRET, "password Winter2024!"),
        ("AWS key AKIAIOSFODNN7EXAMPLE", Kind.SECRET, "AKIAIOSFODNN7EXAMPLE"),
    ],
)
def test_personal_data_is_found(text: str, kind: Kind, value: str) -> None:
    found = find_personal(text)
    assert [(finding.kind, text[finding.start : finding.end]) for finding in found] == [(kind, value)]


@pytest.mark.parametrize(
    "text",
    [
        "DE88 3704 0044 0532 0130 00",
        "4111 1111 1111 1112",
        "order number 86095742719",
        "Write to info@keldmere.ie or support@example.com.",
        "Version 93.184.216.34 is out",
        "See section 6.1.5.2 and host 10.0.0.1.",
        "J Neurosci 1997 17 4087 4093 9151725",
        "A password must have 12 characters; a password reset takes an hour.",
        "On 3 May 2026 we sold 12.345.678,00 euros.",
    ],
)
def test_what_only_looks_like_personal_data_is_not(text: str) -> None:
    assert find_personal(text) == ()


def test_findings_come_in_order_and_do_not_overlap() -> None:
    found = find_personal("anna@keldmere.ie, DE89 3704 0044 0532 0130 00, +49 221 555 0199")
    assert [finding.kind for finding in found] == [Kind.EMAIL, Kind.IBAN, Kind.PHONE]
    assert all(one.end <= other.start for one, other in itertools.pairwise(found))


def test_density_counts_findings_for_a_hundred_words() -> None:
    assert density("anna@keldmere.ie " + "word " * 49) == 2.0
    assert density("") == 0.0


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How many days of leave do I have?", Sensitivity.INTERNAL),
        ("What does “confidential” mean in the policy?", Sensitivity.INTERNAL),
        ("Whose account is DE89 3704 0044 0532 0130 00?", Sensitivity.CONFIDENTIAL),
        ("STRICTLY CONFIDENTIAL\nThe plant closes in May.\nWho knows of it?", Sensitivity.RESTRICTED),
        ("Public\nWhen is the fair?", Sensitivity.INTERNAL),
    ],
)
def test_a_question_is_internal_unless_it_carries_more(question: str, expected: Sensitivity) -> None:
    assert question_sensitivity(question) == expected

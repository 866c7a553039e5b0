"""Ids take no letter that looks like one of another script beside it; ids in one script stay, whatever the script."""

import pytest

from dealflow.domain.track.judge import same_value
from dealflow.domain.values.ids import letter_fault, person_fault
from dealflow.domain.values.text.alike import _GROUPS, as_drawn, look_alike


@pytest.mark.parametrize(
    "text",
    [
        "anna", "Жанна", "АВС-12", "О2", "客户-17", "李娜Anna", "客户Ж1", "Αθηνά", "Σοφία 3", "佐藤カナ", "한국A", "בן כהן Ben",
        "José", "Łódź", "Ёлка", "D02", "n°5", "Ⅳ-a", "5 µm", "ＡＢＣ",
    ],
)  # fmt: skip
def test_an_id_in_one_script_and_one_beside_chinese_is_an_id(text: str) -> None:
    assert letter_fault(text) is None


@pytest.mark.parametrize(
    ("text", "index", "letter", "among"),
    [
        ("\u0410nna", 0, "\u0410", "LATIN"),
        ("ann\u0430", 3, "\u0430", "LATIN"),
        ("D\u041e2", 1, "\u041e", "LATIN"),
        ("\u0391lpha", 0, "\u0391", "LATIN"),
        ("СДЕЛКА-A", 7, "A", "CYRILLIC"),
        ("an\u043aa", 2, "\u043a", "LATIN"),
        ("\u0401lka", 0, "\u0401", "LATIN"),
        ("\u13aanna", 0, "\u13aa", "LATIN"),
        ("\ua4eenna", 0, "\ua4ee", "LATIN"),
        ("AB\u0411", 0, "A", "CYRILLIC"),
        ("李\u0410nna", 1, "\u0410", "LATIN"),
        ("Carl \u0421\u043e\u0445", 5, "\u0421", "LATIN"),
    ],
)
def test_a_letter_that_looks_like_one_of_another_script_beside_it_is_found(
    text: str, index: int, letter: str, among: str
) -> None:
    assert look_alike(text) == (index, letter, among)


def test_the_letter_is_said_with_its_number_and_its_name() -> None:
    assert letter_fault("ann\u0430") == (
        "character 4 is U+0430 CYRILLIC SMALL LETTER A and looks like one of the Latin letters beside it"
    )


def test_names_of_firms_may_change_their_script_between_words_and_not_inside_one() -> None:
    assert letter_fault("ООО SAP", by_word=True) is None
    assert letter_fault("ООО S\u0410P", by_word=True) is not None


@pytest.mark.parametrize("name", ["dealflow", "Dealflow", "DEALFLOW", "ｄｅａｌｆｌｏｗ"])
def test_nobody_has_the_name_of_the_engine(name: str) -> None:
    assert person_fault(name) is not None
    assert letter_fault(name) is None


def test_a_name_that_looks_like_the_engines_is_not_taken_either() -> None:
    assert person_fault("d\u0435alflow") is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("R-1", "R\u20131"),
        ("R-1", "R\u22121"),
        ("R-1", "R\uff0d1"),
        ("AB-1", "\u0410\u0412-1"),
        ("A-1", "\u0391-1"),
        ("\u0416\u0410-1", "\u0416A-1"),
        ("\u00cb1", "\u04011"),
    ],
)
def test_what_looks_the_same_is_the_same_whatever_it_is_written_with(one: str, other: str) -> None:
    assert as_drawn(one) == as_drawn(other)
    assert same_value(one) == same_value(other)
    assert same_value(one.lower()) == same_value(other)


@pytest.mark.parametrize("other", ["R--1", "R_1", "R1", "R 1", "R-\u0417", "R~1"])
def test_what_looks_otherwise_is_another(other: str) -> None:
    assert same_value(other) != same_value("R-1")


def test_capitals_make_no_difference_in_any_script_and_no_two_latin_letters_are_one() -> None:
    for letter in _GROUPS:
        assert same_value(letter) == same_value(letter.upper()) == same_value(letter.casefold())
    latin = "abcdefghijklmnopqrstuvwxyz"
    assert len({same_value(letter) for letter in latin}) == len(latin)


def test_of_an_id_of_another_system_capitals_stay() -> None:
    assert as_drawn("wmAb\u2013C7") == "wmAb-C7" != as_drawn("wmab-c7")

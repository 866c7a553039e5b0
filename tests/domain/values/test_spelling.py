"""The one form of ids and names: composed, single blanks, nothing invisible but what a script or an emoji needs."""

from collections.abc import Callable
from unicodedata import is_normalized

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.values.text.spelling import known_or_normal, normal_id, normal_name, respelled
from dealflow.domain.values.text.visible import is_blank, is_invisible
from tests.support.unseen import BLANKS, INVISIBLE, UNSEEN

HIDES = ("\u202e", "\u2066", "\ufff9", "\x1b", "\x85", "\U000e0041")


@pytest.mark.parametrize("form", [normal_id, normal_name])
@pytest.mark.parametrize("char", INVISIBLE)
def test_what_is_invisible_is_taken_off(form: Callable[[str], str], char: str) -> None:
    assert form(f"{char}D0{char}2{char}") == "D02"


@pytest.mark.parametrize("form", [normal_id, normal_name])
@pytest.mark.parametrize("char", BLANKS)
def test_every_run_of_white_space_is_one_blank_and_none_is_left_outside(form: Callable[[str], str], char: str) -> None:
    assert form(f"{char} Anna{char}{char} Lee {char}") == "Anna Lee"


def test_a_letter_and_its_mark_are_one_character() -> None:
    assert normal_id("Jose\u0301") == "Jos\u00e9"
    assert normal_id("\u212b") == "\u00c5"
    assert normal_id("e\u200b\u0301") == "\u00e9"


def test_case_and_letters_of_other_scripts_stay() -> None:
    assert (normal_id("anna"), normal_id("Anna"), normal_id("\u0410nna")) == ("anna", "Anna", "\u0410nna")
    assert normal_id("\uff21\uff4e\uff4e\uff41") == "\uff21\uff4e\uff4e\uff41"


@pytest.mark.parametrize(
    "name",
    [
        "نامه\u200cها", "क्\u200dष", "ന്\u200d", "👨\u200d👩\u200d👧", "❤\ufe0f\u200d🔥", "1\ufe0f\u20e3",
        "葛\U000e0100城", "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f Ltd",
    ],
)  # fmt: skip
def test_what_a_script_or_an_emoji_needs_stays_in_a_name_and_never_in_an_id(name: str) -> None:
    assert normal_name(name) == name
    assert not any(map(is_invisible, normal_id(name)))


@pytest.mark.parametrize("name", ["a\u200db", "a\u200c", "a\ufe0fb", "\u200d", "山\u200d田", "x\U000e0100"])
def test_a_joiner_that_joins_nothing_is_no_part_of_a_name(name: str) -> None:
    assert not any(map(is_invisible, normal_name(name)))


@pytest.mark.parametrize("hides", HIDES)
def test_what_is_refused_everywhere_is_left_as_it_is_to_be_refused(hides: str) -> None:
    assert normal_id(f" a{hides}b ") == f" a{hides}b "


TEXTS = st.text(alphabet=st.one_of(st.characters(), st.sampled_from([*UNSEEN, *"ab\n🏴❤क\u094dن葛\u0327"])))


@given(TEXTS)
def test_the_form_of_a_form_is_itself(text: str) -> None:
    for form in (normal_id, normal_name):
        assert form(form(text)) == form(text)


@given(TEXTS.filter(lambda text: text.isprintable()))
def test_an_id_is_composed_and_nothing_in_it_is_unseen(text: str) -> None:
    kept = normal_id(text)
    assert is_normalized("NFC", kept)
    assert not any(map(is_invisible, kept))
    assert all(char == " " for char in kept if is_blank(char))
    assert kept == " ".join(kept.split())


@given(TEXTS, TEXTS)
def test_a_name_in_form_has_the_same_id_as_the_name(one: str, other: str) -> None:
    if normal_name(one) == normal_name(other):
        assert normal_id(one) == normal_id(other)


def test_what_was_changed_is_said_with_every_character_by_its_number_and_name() -> None:
    change = respelled("owner", " Anna\u00a0 Lee\u200b", "Anna Lee")
    assert change is not None
    assert change.characters == ("U+0020 SPACE", "U+00A0 NO-BREAK SPACE", "U+200B ZERO WIDTH SPACE")
    assert str(change.said) == (
        "owner: '\\x20Anna\\xa0 Lee\\u200b' is taken as 'Anna Lee'; "
        "taken out or written otherwise: U+0020 SPACE, U+00A0 NO-BREAK SPACE, U+200B ZERO WIDTH SPACE"
    )


def test_nothing_is_said_of_what_was_not_changed() -> None:
    assert respelled("owner", "Anna Lee", "Anna Lee") is None


def test_a_personal_name_is_not_repeated() -> None:
    change = respelled("customer's name", "Li  Na", "Li Na", personal=True)
    assert change is not None
    assert (change.given, change.kept, change.characters) == (None, None, ("U+0020 SPACE",))
    assert "Li" not in change.said


def test_an_id_that_is_known_as_it_was_given_is_taken_as_it_is() -> None:
    assert known_or_normal("e1\u200b", {"e1\u200b"}) == "e1\u200b"
    assert known_or_normal("e1\u200b", {"e1"}) == "e1"

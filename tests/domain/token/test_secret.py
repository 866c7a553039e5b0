"""A token tells a slip of the hand, can be found where it does not belong, and is repeated by nothing."""

import random
import re

import pytest

from dealflow.domain.token import secret as s
from dealflow.domain.token.secret import TokenUnreadable, id_meant, read_token, token_in, token_text

TOKEN = token_text("7k2m9q4x", "A" * 20 + "b" * 23)


def test_a_token_is_read_as_its_id_and_a_digest_of_the_whole() -> None:
    assert read_token(f" {TOKEN}\n").id == "7k2m9q4x"
    assert read_token(TOKEN).digest == s.digest_of_token(TOKEN) and len(TOKEN) == 66
    other = token_text("7k2m9q4x", "B" + "A" * 19 + "b" * 23)
    assert read_token(other).digest != read_token(TOKEN).digest


def test_what_scanners_look_for_finds_it() -> None:
    assert re.fullmatch(r"dfl_pat_[0-9a-hjkmnp-tv-z]{8}_[0-9A-Za-z]{49}", TOKEN)


@pytest.mark.parametrize(
    ("given", "wrong"),
    [
        ("", "it is empty"),
        ("ghp_abc", "does not begin with dfl_pat_"),
        (TOKEN[:-1], "has 65 characters"),
        (TOKEN + "x", "has 67 characters"),
        (TOKEN[:-1] + "!", "mistyped"),
        (TOKEN.replace("7k2m", "7K2m"), "mistyped"),
    ],
)
def test_what_is_no_token_is_told_so_and_not_repeated(given: str, wrong: str) -> None:
    with pytest.raises(TokenUnreadable, match=wrong) as refused:
        read_token(given)
    assert not given or given not in str(refused.value)


def test_every_slip_of_one_character_and_every_exchange_of_two_is_found() -> None:
    letters = random.Random(7)
    for place in range(len(s.PREFIX), len(TOKEN)):
        slip = TOKEN[:place] + letters.choice(s.SECRET_LETTERS.replace(TOKEN[place], "")) + TOKEN[place + 1 :]
        with pytest.raises(TokenUnreadable):
            read_token(slip)
        swapped = TOKEN[:place] + TOKEN[place : place + 2][::-1] + TOKEN[place + 2 :]
        if swapped != TOKEN:
            with pytest.raises(TokenUnreadable):
                read_token(swapped)


@pytest.mark.parametrize("text", ["{}", "a {} b", "'{}'", "--x={}", "x{}\n"])
def test_a_token_in_a_text_is_found_whole_and_in_part(text: str) -> None:
    assert token_in(text.format(TOKEN)) == token_in(text.format(TOKEN[:20])) == "7k2m9q4x"
    assert token_in(text.format("dfl_pat_ and the like")) is None


def test_an_id_is_taken_as_it_is_listed_and_nothing_else_is_repeated() -> None:
    assert {id_meant(given) for given in ("7k2m9q4x", " 7K2M9Q4X")} == {"7k2m9q4x"}
    for given in ("7k2m", TOKEN, TOKEN[20:], "7k2m9q4il", ""):
        with pytest.raises(TokenUnreadable):
            id_meant(given)

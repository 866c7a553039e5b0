"""Did you mean: the nearest name, and what a file full of wrong names may cost."""

import pytest

from dealflow.domain.values.suggest import BUDGET, Suggestions, nearest, one_budget

KNOWN = ("pricing_call", "need_confirmed", "value_show", "王小明", "客户需求确认")


@pytest.mark.parametrize(
    ("word", "right"),
    [
        ("pricing_cal", "pricing_call"),
        ("valueshow", "value_show"),
        ("need_comfirmed", "need_confirmed"),
        ("王晓明", "王小明"),
        ("客户需求确人", "客户需求确认"),
        ("something_else", None),
        ("", None),
    ],
)
def test_the_nearest_name_is_found_and_an_unlike_one_is_not(word: str, right: str | None) -> None:
    assert nearest(word, KNOWN) == right


def test_a_text_that_is_too_long_for_a_name_is_compared_with_nothing() -> None:
    suggestions = Suggestions()
    assert suggestions.nearest("pricing_call" * 1_000, KNOWN) is None
    assert suggestions.spent == 0


def test_the_same_slip_costs_once() -> None:
    suggestions = Suggestions()
    first = suggestions.nearest("pricing_cal", KNOWN)
    spent = suggestions.spent
    assert [suggestions.nearest("pricing_cal", KNOWN) for _ in range(100)] == [first] * 100
    assert suggestions.spent == spent > 0


def test_a_list_that_has_grown_is_read_again() -> None:
    known, suggestions = ["alpha"], Suggestions()
    assert suggestions.nearest("betta", known) is None
    known.append("beta")
    assert suggestions.nearest("betta", known) == "beta"


def test_lists_that_come_and_go_are_never_taken_for_one_another() -> None:
    suggestions = Suggestions()
    found = [suggestions.nearest("name-x", [f"name-{number}"]) for number in range(200)]
    assert found == [f"name-{number}" for number in range(200)]


def test_a_question_beyond_the_budget_gets_no_answer_and_earlier_answers_stay() -> None:
    known = [f"person-{number:04}" for number in range(100)]
    suggestions = Suggestions(budget=6_000)
    answers = [suggestions.nearest(f"persn-{number:04}", known) for number in range(10)]
    assert answers == [*known[:2], *[None] * 8]
    assert suggestions.is_exhausted and suggestions.spent <= 6_000
    assert suggestions.nearest("persn-0001", known) == "person-0001"


def test_two_thousand_wrong_names_beside_two_thousand_right_ones_all_get_a_suggestion() -> None:
    known = [f"person-{number:04}" for number in range(2_000)]
    suggestions = Suggestions()
    assert [suggestions.nearest(f"persn-{number:04}", known) for number in range(2_000)] == known
    assert suggestions.spent <= BUDGET


def test_questions_from_deep_inside_a_run_share_its_budget() -> None:
    def ask(number: int) -> str | None:
        return nearest(f"pricing_cal{number}", KNOWN)

    with one_budget(3_000) as suggestions:
        assert [ask(number) is not None for number in range(10)] == [True] * 5 + [False] * 5
    assert suggestions.is_exhausted
    assert ask(0) == "pricing_call"

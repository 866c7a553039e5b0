"""Rules in CEL: types checked with their column, exact money, a bounded effort."""

from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.adapters.processes.cel import MAX_EXPRESSION, CelRules, percent
from dealflow.adapters.processes.reader import DEFAULT_LADDER
from dealflow.domain.process.definition import EvidenceKind, ProcessDefinition, Stage
from dealflow.domain.process.rules import FieldValue, RuleFailed
from dealflow.domain.values.money import Money

FIELDS: dict[str, Any] = {
    "with": {"type": "one_of", "options": ["decider", "non_decider"]},
    "amount": {"type": "money"},
    "pieces": {"type": "integer", "required": False},
    "ratio": {"type": "number", "required": False},
    "paid_on": {"type": "date"},
    "seen_at": {"type": "instant"},
    "ok": {"type": "boolean"},
    "summary": {"type": "text"},
}
GIVEN: dict[str, FieldValue] = {
    "with": "decider",
    "amount": Money(minor=500_000, currency="CNY"),
    "ratio": "0.25",
    "paid_on": "2026-11-24",
    "seen_at": "2026-11-24T01:30:00Z",
    "ok": True,
    "summary": "微信 💰 paid",
}
DEAL = Money(minor=5_000_000, currency="CNY")


@cache
def rules_of_payment() -> CelRules:
    kind = EvidenceKind.model_validate({"id": "payment", "fields": FIELDS})
    return CelRules(
        ProcessDefinition(name="p", evidence={"payment": kind}, stages=(Stage(id="s"),), ladder=DEFAULT_LADDER)
    )


@pytest.fixture(scope="module")
def rules() -> CelRules:
    return rules_of_payment()


@pytest.mark.parametrize(
    ("where", "holds"),
    [
        ('with == "decider"', True),
        ('with == "non_decider"', False),
        ('with in ["decider", "non_decider"]', True),
        ("amount >= percent(deal.amount, 10)", True),
        ("amount >= percent(deal.amount, 11)", False),
        ("amount >= percent( deal . amount , 10 )", True),
        ("ratio > 0.2 && ratio < 0.3", True),
        ('paid_on > timestamp("2026-11-01T00:00:00Z")', True),
        ("seen_at > paid_on", True),
        ("ok", True),
        ("summary.size() == 9", True),
        ("ok || pieces > 3", True),
    ],
)
def test_a_rule_is_evaluated_over_typed_fields(rules: CelRules, where: str, holds: bool) -> None:
    assert rules.holds("payment", where, GIVEN, DEAL) is holds


@pytest.mark.parametrize(
    ("where", "deal_amount", "message"),
    [
        ("pieces > 3", DEAL, "no value for 'pieces'"),
        ("amount > deal.amount", None, "the deal has no amount"),
        ("amount / 0 > 1", DEAL, "divides by zero"),
        ("amount + 9223372036854775807 > 1", DEAL, "too large"),
        ("amount > deal.amount", Money(minor=1, currency="USD"), "CNY and USD cannot be compared"),
        ("amuont > 1", DEAL, "'amuont' is not a field"),
        ("amount", DEAL, "true or false is needed"),
        ('summary.matches("[")', DEAL, "regular expression"),
    ],
)
def test_what_cannot_be_said_fails_with_a_plain_sentence(
    rules: CelRules, where: str, deal_amount: Money | None, message: str
) -> None:
    with pytest.raises(RuleFailed, match=message.replace("(", r"\(")):
        rules.holds("payment", where, GIVEN, deal_amount)


def test_a_rule_that_runs_too_long_is_stopped(rules: CelRules) -> None:
    numbers = "[" + ",".join(str(i) for i in range(150)) + "]"
    with pytest.raises(RuleFailed, match="too many steps"):
        rules.holds("payment", f"{numbers}.all(x,{numbers}.all(y,{numbers}.all(z,x+y+z>=0)))", GIVEN, DEAL)


def test_an_expression_is_bounded(rules: CelRules) -> None:
    long = "ok" + " || ok" * MAX_EXPRESSION
    assert "longer than" in rules.check_expression("payment", long, "bool")[0].message
    deep = "(" * 300 + "ok" + ")" * 300
    assert rules.check_expression("payment", deep, "bool")[0].message == "the rule is nested too deep"


def test_a_threshold_is_an_amount_or_a_whole_number(rules: CelRules) -> None:
    assert rules.threshold("payment", "deal.amount", DEAL) == DEAL
    assert rules.threshold("payment", "percent(deal.amount, 30)", DEAL) == Money(minor=1_500_000, currency="CNY")
    assert rules.threshold("payment", 'money("5,000 CNY")', None) == Money(minor=500_000, currency="CNY")
    assert rules.threshold("payment", "3 * 4", DEAL) == 12
    with pytest.raises(RuleFailed, match="no amount"):
        rules.threshold("payment", "deal.amount", None)


@pytest.mark.parametrize(
    ("text", "expected", "column", "suggestion"),
    [
        ("amuont > 1", "bool", 1, "amount"),
        ('"中文💰" == with && fob', "bool", 18, None),
        ("amount >= percnt(deal.amount, 10)", "bool", 11, "percent"),
        ("amount > deal.amont", "bool", 10, "deal.amount"),
        ("amount > 1.0", "bool", 8, None),
        ("amount >", "bool", 9, None),
        ('ok && with == "decidr"', "bool", 15, "decider"),
        ('with in ["decider", "non-decider"]', "bool", 21, "non_decider"),
        ("deal.amount > 0", "int", 1, None),
        ("deal.amount > 0", "money", 1, None),
        ("deal.amount", "int", 1, None),
        ("5000", "money", 1, None),
        ("amount", "money", 1, None),
        ("", "bool", 1, None),
    ],
)
def test_a_fault_has_its_column_and_a_suggestion(
    rules: CelRules, text: str, expected: Any, column: int, suggestion: str | None
) -> None:
    (problem,) = rules.check_expression("payment", text, expected)
    assert (problem.line, problem.column, problem.suggestion) == (1, column, suggestion)


def test_all_faults_of_an_expression_are_found(rules: CelRules) -> None:
    found = rules.check_expression("payment", 'with == "x" &&\n foo == 1 || bar', "bool")
    assert [(problem.line, problem.column) for problem in found] == [(1, 9), (2, 2), (2, 14)]


def test_a_lone_surrogate_is_a_fault_and_no_crash(rules: CelRules) -> None:
    assert rules.check_expression("payment", 'summary == "\ud83d"', "bool")


PARTS = st.sampled_from(
    ["amount", "deal.amount", "0", "1", "1.5", "pieces", "ok", "with", '"decider"', 'money("5 CNY")', "money(", ")", "(",
     "+", "-", "*", "/", "%", ">", "==", "!=", "in", "[0]", "&&", "||", "?", ":", "\n", "percent(amount, 10)", "'", "_"]
)  # fmt: skip


@given(st.lists(PARTS, max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_a_rule_or_has_a_fault_with_a_place(text: str) -> None:
    rules = rules_of_payment()
    for expected in ("bool", "int", "money"):
        for problem in rules.check_expression("payment", text, expected):
            assert problem.message and problem.line >= 1 and problem.column >= 0


def test_a_chain_of_zeros_beside_an_amount_takes_no_time(rules: CelRules) -> None:
    assert rules.check_expression("payment", "0 + " * 400 + "amount > 0", "bool")


@given(st.integers(-(10**15), 10**15), st.integers(0, 1000))
def test_percent_is_the_smallest_whole_unit_that_is_enough(amount: int, per_cent: int) -> None:
    exact = Fraction(amount * per_cent, 100)
    assert percent(amount, per_cent) >= exact > percent(amount, per_cent) - 1


def test_rules_are_shared_between_threads(rules: CelRules) -> None:
    def ask(k: int) -> bool:
        where = f"amount >= percent(deal.amount, {k % 20})"
        return rules.holds("payment", where, GIVEN, DEAL) is (k % 20 <= 10)

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(ask, range(4000)))


@pytest.mark.parametrize(
    ("where", "column", "advice"),
    [
        ("amount >= deal.amount * 0.1", 23, "write percent(deal.amount, 10)"),
        ("amount >= .25 * deal.amount && ok", 15, "write percent(deal.amount, 25)"),
        ("amount * 2.5 > deal.amount", 8, "write percent(amount, 250)"),
        ("amount >= deal.amount / 10.0", 23, "as percent(deal.amount, 10), which is 10 % of it"),
        ("amount >= deal.amount * 0.125", 23, "as percent(deal.amount, 10), which is 10 % of it"),
        ("amount >= percent(deal.amount, 12.5)", 18, "percent() takes whole numbers"),
        ("amount >= 1000.50", 8, 'write an amount with its currency, such as money("1,000.50 CNY")'),
        ("ratio > pieces", 7, "write whole numbers as 1.0 beside a number"),
    ],
)
def test_an_amount_beside_decimals_is_refused_with_what_to_write(
    rules: CelRules, where: str, column: int, advice: str
) -> None:
    [problem] = rules.check_expression("payment", where, "bool")
    assert problem.column == column and advice in problem.message
    below = rules.check_expression("payment", f"ok &&\n{where}", "bool")
    assert [(one.line, one.message) for one in below] == [(2, problem.message)]


@pytest.mark.parametrize(
    ("where", "column", "message"),
    [
        ("amount >= 500000", 8, 'write money("500,000 CNY"), or money("5,000.00 CNY") where minor units were meant'),
        ("500000 <= amount", 8, 'write money("500,000 CNY"), or money("5,000.00 CNY") where minor units were meant'),
        ("amount == 1", 8, 'write money("1 CNY")'),
        ("amount + 100 > deal.amount", 8, 'write money("100 CNY")'),
        ("amount in [100]", 8, "write an amount with its currency"),
        ("amount > pieces", 8, "write an amount with its currency"),
        ("ok && deal.amount < 9", 19, 'write money("9 CNY")'),
        ('amount > money("5,000 USD")', 16, "5,000 USD is not in CNY, the currency of the template"),
        ('amount > money("5,000 CNX")', 16, "not a currency"),
        ('amount > money("many CNY")', 16, "many"),
        ("amount > money(summary)", 10, "money() takes an amount in quotes"),
        ("ok && amount in [amount, 5]", 17, "unlike types"),
        ('[amount, 5].exists(x, x > 3) || {"a": amount, "b": 5}["b"] > 3', 1, "unlike types"),
        ('"中文" == summary &&\n [deal.amount, 5].size() > 1', 2, "unlike types"),
        ("dyn(amount) > 5", 1, "'dyn' is not a field or a function"),
        ("amount > money(5000)", 10, "money() takes an amount in quotes"),
    ],
)
def test_a_bare_number_is_no_amount_of_a_new_template(rules: CelRules, where: str, column: int, message: str) -> None:
    problems = rules.check_expression("payment", where, "bool")
    assert message in problems[0].message
    assert problems[0].column == column


@pytest.mark.parametrize(
    "where",
    [
        "amount > 0",
        "0 < amount && amount != 0",
        "(amount - deal.amount) <= 0",
        'amount >= money("5,000 CNY")',
        "amount * 2 + deal.amount / 3 > -amount",
        "percent(pieces, 50) > 3 && pieces > 0",
        "[1, 2.0].size() > 1",
        "[1, 2].filter(x, x > 1).map(x, x * 2).size() > 0 && amount > 0",
        '[amount, deal.amount].exists(x, x > money("1 CNY"))',
        'paid_on - timestamp("2026-01-01T00:00:00Z") > duration("24h")',
        'ratio + 1.0 > 2.0 && summary + "x" != "" && [1] + [2] == [3]',
        """summary == 'money(1)' || ok""",
    ],
)
def test_what_a_new_template_may_write_of_amounts(rules: CelRules, where: str) -> None:
    assert rules.check_expression("payment", where, "bool") == []


def test_amounts_as_written_are_compared_exactly_and_in_one_currency(rules: CelRules) -> None:
    where = 'amount >= money("5,000 CNY")'
    assert rules.holds("payment", where, {"amount": Money(minor=500_000, currency="CNY")}, None)
    assert not rules.holds("payment", where, {"amount": Money(minor=499_999, currency="CNY")}, None)
    with pytest.raises(RuleFailed, match="CNY and USD cannot be compared"):
        rules.holds("payment", where, {"amount": Money(minor=900_000, currency="USD")}, None)


def test_a_published_rule_in_minor_units_is_evaluated_as_it_was(rules: CelRules) -> None:
    given = {"amount": Money(minor=500_000, currency="USD")}
    assert rules.holds("payment", "amount >= 500000", given, None)
    assert rules.threshold("payment", "500000", DEAL) == 500_000

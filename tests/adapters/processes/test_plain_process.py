"""The tests of the domain read their template without adapters; here it is read by the real reader and ruled by real rules."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from dealflow.adapters.calendars.business import BusinessCalendars
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.processes.reader import load_process
from dealflow.domain.process.rules import FieldValue, RuleFailed, Rules
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.money import Money
from tests.support.deals.plain_process import SMALL, PlainDays, PlainRules, process_of
from tests.support.deals.stories import START, money

FIELDS: tuple[dict[str, FieldValue], ...] = (
    {"whom": "helper"},
    {"whom": "decider"},
    {"amount": money("100")},
    {"amount": money("500")},
)
AMOUNTS = (None, money("1000"), money("0.01"), money("333.33"))


def test_the_template_is_read_as_the_reader_reads_it(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(SMALL, encoding="utf-8")
    definition, problems = load_process(path)
    assert definition == process_of()
    assert {problem.severity for problem in problems} <= {"warning"}


def said(rules: Rules, kind: str, where: str, fields: Mapping[str, FieldValue], amount: Money | None) -> bool | None:
    try:
        return rules.holds(kind, where, fields, amount)
    except RuleFailed:
        return None


@pytest.mark.parametrize("amount", AMOUNTS)
def test_its_rules_say_what_the_real_ones_say(amount: Money | None) -> None:
    real, plain = CelRules(process_of()), PlainRules()
    for node in process_of().nodes.values():
        kind, where = node.standard.evidence, node.standard.where
        if kind and where:
            for fields in FIELDS:
                assert said(plain, kind, where, fields, amount) == said(real, kind, where, fields, amount)
    if amount:
        assert plain.threshold("payment", "deal.amount", amount) == real.threshold("payment", "deal.amount", amount)


def test_its_days_are_those_of_the_plain_calendar() -> None:
    length = Duration.model_validate("3 days")
    real = BusinessCalendars().get("plain").after(START, length)
    plain = PlainDays().after(START, length)
    assert (plain.due_at, plain.calendar) == (real.due_at, real.calendar)

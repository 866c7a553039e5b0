"""A good template file, every fault with its place, the digest, and the shipped templates."""

import json
import random
from datetime import date
from pathlib import Path

import pytest

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.processes.cel import CelRules
from dealflow.adapters.processes.reader import DEFAULT_LADDER, load_process
from dealflow.domain.process.canonical import content_of, definition_of
from dealflow.domain.process.definition import FieldType, ProcessDefinition
from dealflow.domain.values.duration import Duration
from dealflow.domain.values.money import Money
from tests.support.deals.plain_process import digest_of
from tests.support.paths import GOLDEN, PROCESS_DEFS

GOOD = """\
process: small-sale
title: {en: Small sale, zh: 小单}
currency: USD
evidence:
  note: {side: customer, fields: {with: {one_of: [decider, helper]}, summary: {text: {min_length: 20}}, held_on: date}}
  payment: {fields: {amount: money, paid_on: date, payer: {person: personal}, phone: phone, units: {integer: optional}}}
stages:
  - id: meeting
    title: {en: Meeting, zh: 见面}
    milestones: [{id: invited, fields: {on: date}}, called]
    nodes:
      - id: helper_met
        title: {en: Helper met, zh: 见助理}
        met_by: decider_met
        standard: {evidence: note, where: 'with == "helper"'}
      - id: decider_met
        title: {en: Decider met, zh: 见决策人}
        standard: {evidence: note, where: with == "decider", count: 2, not_older_than: 90 days}
    clocks: {stage_age: {limit: 10 working days, warn: 8 working days}}
  - id: sign
    title: {en: Sign, zh: 签约}
    wins: true
    nodes:
      - id: paid
        title: {en: Paid, zh: 付款}
        standard: {evidence: payment, sum: {field: amount, at_least: 'percent(deal.amount, 30)'}}
    back_to: [meeting]
  - id: serve
    title: {en: Serve, zh: 服务}
    closes_after: 180 days
lost_reasons: [price, {id: rival, title: {en: Rival, zh: 竞品}}]
"""


def load(tmp_path: Path, text: str, name: str = "t.yaml") -> tuple[ProcessDefinition | None, list[LocatedProblem]]:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return load_process(path)


def good(tmp_path: Path, text: str = GOOD) -> ProcessDefinition:
    definition, problems = load(tmp_path, text)
    assert problems == []
    assert definition is not None
    return definition


def test_a_good_file_gives_the_whole_definition(tmp_path: Path) -> None:
    process = good(tmp_path)
    assert (process.name, process.currency, process.calendar) == ("small-sale", "USD", "plain")
    assert process.ladder == DEFAULT_LADDER
    meeting, sign, serve = process.stages
    assert [milestone.id for milestone in meeting.milestones] == ["invited", "called"]
    assert meeting.nodes[1].standard.count == 2
    assert meeting.clocks["stage_age"].warn == Duration.model_validate("8 working days")
    assert (sign.wins, sign.back_to) == (True, ("meeting",))
    assert serve.closes_after == Duration.model_validate("180 days")
    assert [reason.id for reason in process.lost_reasons] == ["price", "rival"]


def test_the_short_forms_of_fields(tmp_path: Path) -> None:
    fields = good(tmp_path).evidence
    note, payment = fields["note"].fields, fields["payment"].fields
    assert note["with"].option_ids == ("decider", "helper")
    assert note["summary"].min_length == 20
    assert payment["amount"].type is FieldType.MONEY and not payment["amount"].personal
    assert payment["payer"].personal and payment["payer"].required
    assert payment["phone"].personal
    assert not payment["units"].required


def test_a_plain_title_is_english_and_misses_its_translation(tmp_path: Path) -> None:
    definition, problems = load(tmp_path, GOOD.replace("{en: Small sale, zh: 小单}", "Small sale"))
    assert definition is not None and definition.title == {"en": "Small sale"}
    assert [str(problem).split(": ", 1)[1] for problem in problems] == [
        "warning: the title has no wording in zh [translation]"
    ]


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + GOOD.replace("\n", "\r\n").encode())
    definition, problems = load_process(path)
    assert (definition, problems) == (good(tmp_path), [])


# Each fault: what is replaced in the good file, by what, and of the error: the text it points at, rule and suggestion.
FAULTS = [
    ("currency: USD", "curency: USD", "curency", "unknown-key", "currency"),
    ("currency: USD", "currency: USD\ncurrency: CNY", "currency: CNY", "doubled-key", None),
    ("currency: USD", "currency: dollar", "dollar", "currency", None),
    ("currency: USD", "currency: UDS", "UDS", "currency", "USD"),
    ("currency: USD", "calendar: china-ofice", "china-ofice", "unknown-calendar", "china-office"),
    ("process: small-sale", "process: Small Sale", "Small Sale", "id", "small-sale"),
    ("process: small-sale", "title: x", "title: {en", "doubled-key", None),
    ("process: small-sale", "calendar: plain", "calendar", "missing", None),
    ("side: customer", "side: costumer", "costumer", "choice", "customer"),
    ("held_on: date", "held_on: dat", "dat}", "choice", "date"),
    ("held_on: date", "type: date", "type: date", "reserved-name", "type_given"),
    ("held_on: date", "held_on: {one_of: []}", "{one_of: []", "field", None),
    ("held_on: date", "held_on: {text: x}", "x}", "choice", None),
    ("held_on: date", "Held: date", "Held", "id", "held"),
    ("min_length: 20", "min_lenght: 20", "min_lenght", "unknown-key", "min_length"),
    ("min_length: 20", "min_length: many", "many", "type", None),
    ("min_length: 20", "min_length: 20, max_length: 9", "9}", "threshold", None),
    ("amount: money", "amount: {money: {max_length: 3}}", "3}", "field", None),
    ("evidence: note, where: 'with", "evidence: nte, where: 'with", "nte", "unknown-kind", "note"),
    ('with == "helper"', 'with == "helpr"', '"helpr"', "cel", "helper"),
    ('with == "helper"', 'wiht == "helper"', "wiht", "cel", "with"),
    ('with == "decider"', "with == 1", "== 1", "cel", None),
    ("count: 2", "count: 0", "0,", "threshold", None),
    ("not_older_than: 90 days", "not_older_than: 90 dayz", "90 dayz", "unit", "days"),
    ("not_older_than: 90 days", "not_older_than: 9 working days", "9 working", "unit", None),
    ("not_older_than: 90 days", "not_older_than: 99999 days", "99999", "threshold", None),
    ("met_by: decider_met", "met_by: decider_meet", "decider_meet", "unknown-node", "decider_met"),
    ("met_by: decider_met", "met_by: helper_met", "helper_met", "met-by-not-later", "decider_met"),
    ("id: decider_met", "id: helper_met", "helper_met", "duplicate-id", None),
    ("id: paid", "id: invited", "invited", "duplicate-id", None),
    ("id: serve", "id: sign", "sign", "duplicate-id", None),
    ("warn: 8 working days", "warn: 10 working days", "10 working days}}", "warn-after-limit", None),
    ("10 working days", "10 workin days", "10 workin", "unit", "working days"),
    ("stage_age", "stage_aje", "stage_aje", "unknown-key", "stage_age"),
    ("wins: true", "wins: yes", "yes", "type", None),
    ("    wins: true\n", "", "- id: meeting", "no-win", None),
    ("field: amount", "field: amuont", "amuont", "unknown-field", "amount"),
    ("field: amount", "field: paid_on", "paid_on", "sum-type", None),
    ("percent(deal.amount, 30)", "percent(amount, 30)", "amount, 30", "cel", None),
    ("percent(deal.amount, 30)", "deal.amont", "deal.amont", "cel", "deal.amount"),
    ("back_to: [meeting]", "back_to: [meting]", "meting", "unknown-stage", "meeting"),
    ("back_to: [meeting]", "back_to: [serve]", "serve", "back-not-earlier", None),
    ("    closes_after: 180 days\n", "", "serve", "never-left", None),
    ("    wins: true", "    gate: milestones\n    wins: true", "milestones", "gate-without-milestones", None),
    ("    closes_after", "    wins: true\n    closes_after", "true", "two-wins", None),
    ("    wins: true", "    closes_after: 9 days\n    wins: true", "9 days", "closes-before-win", None),
    ("[price,", "[price, price,", "price, {id", "duplicate-id", None),
    ("[price,", "[\u0440rice,", "\u0440rice", "id", None),  # a Cyrillic letter that looks like p
    ("lost_reasons", "ladder: {rungs: []}\nlost_reasons", "[]}", "ladder", None),
    ("lost_reasons", "ladder: {rungs: [{after: 0 days, to: [boss]}]}\nlost_reasons", "boss", "choice", None),
    ("lost_reasons", "ladder: {rungs: [{after: 0 days, to: []}]}\nlost_reasons", "[]}]", "ladder", None),
    (
        "lost_reasons",
        "decisions: {next_deadline: 9 days, cap: 8 days}\nlost_reasons",
        "{next",
        "deadline-beyond-cap",
        None,
    ),
    (
        "lost_reasons",
        "ladder: {rungs: [{after: 2 days, to: [owner]}, {after: 1 day, to: owner}]}\nlost_reasons",
        "1 day",
        "rung-order",
        None,
    ),
]


@pytest.mark.parametrize(("old", "new", "points_at", "rule", "suggestion"), FAULTS)
def test_each_fault_is_found_at_its_place(
    tmp_path: Path, old: str, new: str, points_at: str, rule: str, suggestion: str | None
) -> None:
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    definition, problems = load(tmp_path, text)
    assert definition is None
    lines = text.splitlines()
    found = [
        (p.rule, p.suggestion, lines[p.line - 1][p.column - 1 :][: len(points_at)])
        for p in problems
        if p.severity == "error"
    ]
    assert (rule, suggestion, points_at) in found


def test_ten_faults_are_told_in_one_run_in_the_order_of_the_file(tmp_path: Path) -> None:
    text = GOOD
    chosen = [fault for fault in FAULTS if fault[3] in ("choice", "cel", "unit", "unknown-field", "unknown-stage")]
    applied = 0
    for old, new, *_ in chosen:
        if old in text:
            text, applied = text.replace(old, new, 1), applied + 1
    definition, problems = load(tmp_path, text)
    assert definition is None
    assert len(problems) >= applied >= 9
    places = [(problem.line, problem.column) for problem in problems]
    assert places == sorted(places)


def test_a_problem_reads_as_one_line(tmp_path: Path) -> None:
    _, problems = load(tmp_path, GOOD.replace('with == "helper"', 'with == "helpr"'))
    assert str(problems[0]) == (
        f"{tmp_path / 't.yaml'}:15:52: error: column 9 of the expression: 'helpr' is not an option of 'with' "
        "(decider, helper); did you mean 'helper'? [cel]"
    )


def test_a_calendar_without_the_coming_years_plan_is_warned_of_when_the_day_is_known(tmp_path: Path) -> None:
    path = tmp_path / "t.yaml"
    path.write_text(GOOD.replace("currency: USD", "calendar: china-office"), encoding="utf-8")
    assert load_process(path)[1] == []
    (problem,) = load_process(path, today=date(2038, 11, 24))[1]
    assert (problem.rule, problem.severity) == ("calendar-plan", "warning")


def test_a_calendar_without_a_plan_is_warned_of_once_with_how_many_clocks_it_concerns() -> None:
    _, problems = load_process(PROCESS_DEFS / "standard-sale.yaml", today=date(2038, 11, 24))
    (problem,) = [one for one in problems if one.rule == "calendar-plan"]
    assert problem.message.endswith("(as for 6 more clocks in this file)")


def test_the_digest_does_not_depend_on_the_order_of_keys(tmp_path: Path) -> None:
    head, rest = GOOD.split("evidence:\n")
    evidence, stages = rest.split("stages:\n")
    stages, reasons = stages.split("lost_reasons:")
    parts = [*head.splitlines(keepends=True), "evidence:\n" + evidence, "stages:\n" + stages, "lost_reasons:" + reasons]
    digest = digest_of(good(tmp_path))
    for seed in range(5):
        random.Random(seed).shuffle(parts)
        assert digest_of(good(tmp_path, "".join(parts))) == digest
    swapped = GOOD.replace("{en: Small sale, zh: 小单}", "{zh: 小单, en: Small sale}")
    swapped = swapped.replace(
        "{limit: 10 working days, warn: 8 working days}", "{warn: 8 working days, limit: 10 working days}"
    )
    assert digest_of(good(tmp_path, swapped)) == digest


def test_the_digest_does_not_depend_on_what_is_written_out(tmp_path: Path) -> None:
    written = GOOD.replace("currency: USD", "currency: USD\ncalendar: plain").replace("count: 2", "count: 2, says: {}")
    written = written.replace("wins: true", "wins: true\n    gate: nodes")
    assert digest_of(good(tmp_path, written)) == digest_of(good(tmp_path))


@pytest.mark.parametrize(("old", "new"), [("count: 2", "count: 3"), ("小单", "小单二"), ("[price,", "[cost,")])
def test_the_digest_depends_on_every_value(tmp_path: Path, old: str, new: str) -> None:
    assert digest_of(good(tmp_path, GOOD.replace(old, new, 1))) != digest_of(good(tmp_path))


@pytest.mark.parametrize("name", ["standard-sale", "maven-crm"])
def test_a_shipped_template_loads_without_a_word(name: str) -> None:
    definition, problems = load_process(PROCESS_DEFS / f"{name}.yaml")
    assert problems == []
    assert definition is not None and definition.name == name
    assert definition_of(content_of(definition)) == definition
    assert all(set(node.playbook) == {"en", "zh"} for node in definition.nodes.values())


def test_an_unchanged_file_is_what_was_published_of_it_in_the_first_form() -> None:
    stored = json.loads((GOLDEN / "definitions" / "maven-crm-form-1.json").read_text(encoding="utf-8"))["definition"]
    definition, _ = load_process(PROCESS_DEFS / "maven-crm.yaml")
    assert definition == definition_of(stored)


def test_the_standard_sale_has_nine_stages_with_the_win_at_the_sixth() -> None:
    process, _ = load_process(PROCESS_DEFS / "standard-sale.yaml")
    assert process is not None
    assert (len(process.stages), process.winning_index) == (9, 5)
    assert [node.id for node in process.stages[1].nodes] == ["non_decider_met", "decider_met"]
    assert process.nodes["non_decider_met"].met_by == "decider_met"
    for stage in process.stages[:6]:
        assert stage.clocks["stage_age"].limit.unit.is_working
    for stage in process.stages[7:]:
        assert not stage.required_nodes and str(stage.closes_after) == "180 days"
        assert all(node.opens for node in stage.nodes)


def test_the_maven_template_has_one_clock_of_139_days() -> None:
    process, _ = load_process(PROCESS_DEFS / "maven-crm.yaml")
    assert process is not None
    assert [stage.id for stage in process.stages] == ["prospecting", "engaging"]
    assert process.stages[0].clocks == {}
    clock = process.stages[1].clocks["stage_age"]
    assert (str(clock.limit), clock.warn) == ("139 days", None)
    assert process.winning_index == 1
    assert [rung.to for rung in process.ladder.rungs] == [("owner", "director")]


def test_the_standard_sales_rules_judge_as_they_say() -> None:
    process, _ = load_process(PROCESS_DEFS / "standard-sale.yaml")
    assert process is not None
    rules, deal = CelRules(process), Money(minor=1_000_005, currency="CNY")
    where = process.nodes["price_haggled"].standard.where or ""
    for minor, holds in ((500_002, False), (500_003, True)):
        assert rules.holds("counter_offer", where, {"offer": Money(minor=minor, currency="CNY")}, deal) is holds
    least = {"deposit_paid": Money(minor=100_001, currency="CNY"), "paid_in_full": deal}
    for node, amount in least.items():
        whole = process.nodes[node].standard.sum
        assert whole is not None and rules.threshold("payment", whole.at_least, deal) == amount

"""The keys by which a template says what counts: amounts as written, options with titles, unique, latest, distinct, subtract."""

from pathlib import Path

import pytest

from dealflow.adapters.files.located_yaml import LocatedProblem
from dealflow.adapters.processes.reader import load_process
from dealflow.domain.process.definition import Option, ProcessDefinition, Subtraction
from dealflow.domain.values.money import Money
from dealflow.wording.catalogue import catalogue

GOOD = """\
process: instalments
title: {en: Instalments, zh: 分期付款}
currency: CNY
evidence:
  payment:
    title: {en: Payment, zh: 付款}
    fields:
      amount: {money: {at_least: "100 CNY", at_most: 5万元}, title: {en: Amount, zh: 金额}}
      receipt: {text: unique, title: {en: Receipt, zh: 收据号}}
      method: {one_of: [{id: transfer, title: {en: Transfer, zh: 转账}}, cash], title: {en: Method, zh: 方式}}
      payer: {person: [personal, optional], title: {en: Payer, zh: 付款人}}
      pieces: {integer: optional, title: {en: Pieces, zh: 件数}}
  refund:
    title: {en: Refund, zh: 退款}
    side: seller
    fields:
      amount: {type: money, title: {en: Amount, zh: 金额}}
      receipt: {type: text, title: {en: Receipt, zh: 收据号}}
      number: {type: text, unique: everywhere, title: {en: Number, zh: 编号}}
  approval: {title: {en: Approval, zh: 批准}}
  rejection: {title: {en: Rejection, zh: 驳回}}
stages:
  - id: sign
    title: {en: Sign, zh: 签约}
    wins: true
    milestones: [{id: sent, title: {en: Sent, zh: 已发送}, fields: {number: {type: text, title: {en: Number, zh: 编号}}}}]
    nodes:
      - id: approved
        title: {en: Approved, zh: 已批准}
        standard: {evidence: approval, latest: [approval, rejection]}
      - id: paid
        title: {en: Paid, zh: 已付款}
        standard: {evidence: payment, where: amount > money("500 CNY"), count: 2, distinct: receipt}
      - id: paid_in_full
        title: {en: Paid in full, zh: 结清}
        standard:
          evidence: payment
          sum: {field: amount, at_least: "50,000 CNY", subtract: [{evidence: refund, field: amount, names: receipt}]}
"""


SUM = 'field: amount, at_least: "50,000 CNY", subtract: [{evidence: refund, field: amount, names: receipt}]'


def load(tmp_path: Path, text: str) -> tuple[ProcessDefinition | None, list[LocatedProblem]]:
    path = tmp_path / "t.yaml"
    path.write_text(text, encoding="utf-8")
    return load_process(path)


def good(tmp_path: Path, text: str = GOOD) -> ProcessDefinition:
    definition, problems = load(tmp_path, text)
    assert [str(problem) for problem in problems] == []
    assert definition is not None
    return definition


def test_a_template_with_all_of_these_keys_says_what_it_says(tmp_path: Path) -> None:
    process = good(tmp_path)
    payment, refund = process.evidence["payment"].fields, process.evidence["refund"].fields
    assert payment["amount"].at_least == Money(minor=10_000, currency="CNY")
    assert payment["amount"].at_most == Money(minor=5_000_000, currency="CNY")
    assert (payment["receipt"].unique, refund["number"].unique, refund["receipt"].unique) == (
        "customer",
        "everywhere",
        None,
    )
    assert payment["method"].options == (
        Option(id="transfer", title={"en": "Transfer", "zh": "转账"}),
        Option(id="cash"),
    )
    nodes = process.nodes
    assert nodes["approved"].standard.latest == ("approval", "rejection")
    assert nodes["paid"].standard.distinct == "receipt"
    whole = nodes["paid_in_full"].standard.sum
    assert whole is not None
    assert whole.at_least == 'money("50,000.00 CNY")'
    assert whole.subtract == (Subtraction(evidence="refund", field="amount", names="receipt"),)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("latest: [approval, rejection]}", "latest: [approval, rejection], not_older_than: 9 days}"),
        ("{evidence: approval, latest: [approval, rejection]}", "{latest: [approval, rejection]}"),
        ("{evidence: approval, latest: [approval, rejection]}", "{latest: [approval], not_older_than: 9 days}"),
        ("distinct: receipt", "distinct: author"),
        ("unique: everywhere", "unique: true"),
        ("unique: everywhere", "unique: false"),
        ("{text: unique,", "{text: [unique, optional],"),
        (
            "subtract: [{evidence: refund, field: amount, names: receipt}]",
            "subtract: {evidence: refund, field: amount}",
        ),
        ('at_least: "50,000 CNY"', "at_least: deal.amount"),
        ('at_least: "50,000 CNY"', 'at_least: "percent(deal.amount, 30)"'),
        ('at_least: "50,000 CNY"', "at_least: 'money(\"50,000 CNY\") + percent(deal.amount, 1)'"),
        ('at_least: "50,000 CNY"', "at_least: 0"),
        ('at_least: "100 CNY"', "at_least: 0"),
        ('at_least: "50,000 CNY"', "at_least: ¥50000"),
        ('at_least: "50,000 CNY"', "at_least: 5万"),
        ('money("500 CNY")', 'money("¥500")'),
        ("    wins: true\n", "    wins: true\n    clocks: {stage_age: 9 days, proof_lost: {limit: 4 days, warn: 2 days}}\n"),
        (SUM, "field: pieces, at_least: 3"),
        ('amount > money("500 CNY")', "amount > 0"),
    ],
)  # fmt: skip
def test_what_may_be_written_too(tmp_path: Path, old: str, new: str) -> None:
    assert old in GOOD
    good(tmp_path, GOOD.replace(old, new, 1))


def test_amounts_of_one_value_are_one_content(tmp_path: Path) -> None:
    assert good(tmp_path, GOOD.replace('"50,000 CNY"', '"50000.00"')) == good(tmp_path)


LATEST = "latest: [approval, rejection]"
WINS = "    wins: true\n"
CLOCKS = "    clocks: {{{}}}\n"
SERVE = """\
stages:
  - id: serve
    title: {en: Serve, zh: 服务}
    milestones: [{id: served, title: {en: Served, zh: 已服务}, leaves: true}]
    clocks: {proof_lost: 9 days}
"""
NEEDLESS = """\
stages:
  - id: serve
    title: {{en: Serve, zh: 服务}}
    gate: {}
    milestones: [{{id: served, title: {{en: Served, zh: 已服务}}, leaves: true}}]
    nodes: [{{id: pleased, title: {{en: Pleased, zh: 满意}}, standard: approval}}]
"""
Fault = tuple[str, str, str, str, str | None, str, str]
# Each fault: what is replaced in the good file, by what, and of the error: the text it points at, rule and suggestion,
# and what it says in English and in Chinese.
FAULTS: list[Fault] = [
    ('at_least: "100 CNY"', "at_least: 10000", "10000,", "amount", None, "10,000 CNY, or 100.00 CNY where", "10,000 CNY"),
    ('at_least: "100 CNY"', 'at_least: "100 USD"', '"100 USD"', "amount", None, "not in CNY", "不是CNY"),
    ('at_least: "100 CNY"', "at_least: much", "much", "amount", None, "much", "much"),
    ('at_least: "100 CNY"', 'at_least: "60,000 CNY"', "5万元", "threshold", None, "leaves nothing", "60,000.00 CNY"),
    ('at_least: "100 CNY"', "at_least: 1,000 CNY", "000 CNY", "unknown-key", None, "needs quotes", "引号"),
    ('at_least: "50,000 CNY"', "at_least: 5000000", "5000000", "amount", None, "50,000.00 CNY where minor", "50,000.00 CNY"),
    ('at_least: "50,000 CNY"', 'at_least: "50,000 USD"', '"50,000 USD"', "amount", None, "not in CNY", "不是CNY"),
    ('at_least: "50,000 CNY"', "at_least: deal.amount - 5", "- 5", "cel", None, 'money("5 CNY")', 'money("5 CNY")'),
    ('at_least: "50,000 CNY"', "at_least: 2 * 3", "2 * 3", "cel", None, "money", "money"),
    ('money("500 CNY")', "50000", "> 50000", "cel", None, 'money("500.00 CNY") where minor', 'money("500.00 CNY")'),
    ('money("500 CNY")', 'money("500 USD")', '"500 USD"', "cel", None, "not in CNY", "不是CNY"),
    ("{text: unique,", "{text: uniqe,", "uniqe", "choice", "unique", "cannot be", "不能"),
    ("unique: everywhere", "unique: evrywhere", "evrywhere", "choice", "everywhere", "cannot be", "不能"),
    ("[personal, optional]", "[personal, unique]", "unique]", "field", None, "must be readable", "个人信息"),
    ("cash], title", "cash], unique: true, title", "true, title", "field", None, "does not go with", "unique"),
    ("{number: {type: text,", "{number: {type: text, unique: true,", "true,", "field", None, "only fields of evidence", "凭证"),
    ("{id: transfer, title", "{id: cash, title", "cash]", "duplicate-id", None, "twice", "两次"),
    ("zh: 转账}}, cash", "zh: 银行  转账}}, 银行 转账", "银行 转账]", "duplicate-id", None, "two options", "两个选项"),
    ("zh: 转账}}, cash", "zh: 转账}}, 转账", "转账]", "duplicate-id", None, "two options", "两个选项"),
    ("{id: transfer, title", "{idd: transfer, title", "idd:", "unknown-key", "id", "unknown key", "idd"),
    ("latest: [approval, rejection]", "latest: [approval, rejektion]", "rejektion", "unknown-kind", "rejection", "unknown", "凭证"),
    ("latest: [approval, rejection]", "latest: [rejection]", "[rejection]", "latest", None, "leaves out 'approval'", "approval"),
    ("latest: [approval, rejection]", "latest: []", "[]", "standard", None, "is empty", "latest"),
    ("latest: [approval, rejection]", "latest: [approval, approval]", "approval]", "duplicate-id", None, "twice", "两次"),
    (LATEST, LATEST + ", count: 2", "2}", "standard", None, "does not go with latest", "latest"),
    ('{at_least: "100 CNY", at_most: 5万元}', "{at_most: 0}", "0}", "threshold", None, "leaves nothing", "at_least"),
    ("distinct: receipt", "distinct: reciept", "reciept", "unknown-field", "receipt", "not a field", "reciept"),
    ("count: 2, distinct", "distinct", "receipt}", "no-effect", None, "one piece is enough", "distinct"),
    ("count: 2, distinct", "count: 1, distinct", "receipt}", "no-effect", None, "add count, 2 or more", "count"),
    ("{evidence: approval, " + LATEST, "{latest: [approval]", "[approval]", "no-effect", None, "every 'approval'", "approval"),
    ("stages:\n", NEEDLESS.format("nodes"), "true}", "no-effect", None, "'leaves' of milestone 'served' decides nothing", "leaves"),
    ("stages:\n", NEEDLESS.format("milestones"), "true}", "no-effect", None, "stages without required nodes", "leaves"),
    ("evidence: refund, field", "evidence: refnd, field", "refnd", "unknown-kind", "refund", "unknown", "refnd"),
    ("evidence: refund, field", "evidence: payment, field", "payment, field", "subtract", None, "added and subtracted", "payment"),
    ("field: amount, names", "field: amuont, names", "amuont", "unknown-field", "amount", "not a field of 'refund'", "refund"),
    ("field: amount, names", "field: number, names", "number, names", "sum-type", None, "the sum is of money", "money"),
    ("names: receipt", "names: number", "number}", "unknown-field", None, "not a field of 'payment'", "payment"),
    ("names: receipt", "name: receipt", "name:", "unknown-key", "names", "unknown key", "name"),
    (WINS, WINS + CLOCKS.format("prof_lost: 9 days"), "prof_lost", "unknown-key", "proof_lost", "unknown key", "时钟"),
    (WINS, WINS + CLOCKS.format("proof_lost: 9 dayz"), "9 dayz", "unit", "days", "not a duration", "9 dayz"),
    ("stages:\n", SERVE, "9 days}", "clock-without-nodes", None, "watches nothing", "proof_lost"),
    ("currency: CNY", "languages: [zh, cn]", "cn]", "language", "zh", "not a language", "cn"),
    ("currency: CNY", "languages: [zh, zh]", "zh]", "duplicate-id", None, "twice", "两次"),
    ("currency: CNY", "languages: []", "[]", "language", None, "no language", "语言"),
]  # fmt: skip


@pytest.mark.parametrize("fault", FAULTS, ids=[fault[1] for fault in FAULTS])
def test_each_fault_is_told_at_its_place_in_both_languages(tmp_path: Path, fault: Fault) -> None:
    old, new, points_at, rule, suggestion, english, chinese = fault
    assert old in GOOD
    text = GOOD.replace(old, new, 1)
    definition, problems = load(tmp_path, text)
    assert definition is None
    lines = text.splitlines()
    found = [
        problem
        for problem in problems
        if (problem.rule, problem.suggestion) == (rule, suggestion)
        and lines[problem.line - 1][problem.column - 1 :].startswith(points_at)
    ]
    assert found, [str(problem) for problem in problems]
    assert any(english in str(problem) for problem in found), [str(problem) for problem in found]
    assert any(chinese in catalogue("zh").say(problem.said) for problem in found)


def test_an_option_misses_the_wording_of_a_language_that_the_template_names(tmp_path: Path) -> None:
    _, problems = load(tmp_path, GOOD.replace("{en: Transfer, zh: 转账}", "{en: Transfer}"))
    (problem,) = problems
    assert (problem.severity, problem.rule, problem.line) == ("warning", "translation", 10)
    assert str(problem.message) == "the title of option 'transfer' of field 'method' has no wording in zh"

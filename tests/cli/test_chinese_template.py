"""A template in Chinese alone: checked without a word, published, shown and used in Chinese."""

from pathlib import Path

import pytest

from tests.support.running.typed_commands import FOR_ANNA, CommandLine

RENOVATION = """\
process: renovation
title: 家装销售
languages: [zh]
currency: CNY
evidence:
  visit_note:
    title: 上门记录
    fields:
      whom: {one_of: [户主, {id: other, title: 其他家人}], title: 见到谁}
      said: {text: {min_length: 5}, title: 客户原话}
  payment:
    title: 付款
    fields:
      amount: {money: {at_least: 100元, at_most: 50万}, title: 金额}
      receipt: {text: unique, title: 收据号}
stages:
  - id: visit
    title: 上门量房
    milestones: [{id: measured, title: 已量房}]
    nodes:
      - id: owner_met
        title: 见到户主
        standard: {evidence: visit_note, where: whom == "户主", says: 与户主面谈过。}
        playbook: 约户主在家的时间上门。
  - id: sign
    title: 签约
    wins: true
    nodes:
      - id: paid
        title: 付定金
        standard: {evidence: payment, where: 'amount >= money("5,000元")', says: 单笔定金不低于5000元。}
        playbook: 当场开收据。
lost_reasons: [{id: price, title: 价格}]
"""


@pytest.fixture
def zh(cli: CommandLine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", "zh")
    (tmp_path / "renovation.yaml").write_text(RENOVATION, encoding="utf-8")
    cli.done("process", "check", "--strict", tmp_path / "renovation.yaml")
    cli.done("process", "publish", tmp_path / "renovation.yaml")
    cli.done("deal", "open", "王家装修", "--process", "renovation", "--owner", "anna", "--id", "d1", *FOR_ANNA)
    return cli


def record(cli: CommandLine, kind: str, *fields: str) -> str:
    given = [word for field in fields for word in ("--field", field)]
    return cli.done("evidence", "record", "d1", kind, *given, *FOR_ANNA)


def test_it_is_in_order_without_english(zh: CommandLine, tmp_path: Path) -> None:
    said = zh.json("process", "check", tmp_path / "renovation.yaml")
    assert [file["problems"] for file in said["files"]] == [[]]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_it_is_shown_in_its_own_words_to_any_reader(
    zh: CommandLine, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setenv("DEALFLOW_LANGUAGE", language)
    shown = zh.done("process", "show", "renovation")
    for words in (
        "家装销售",
        "上门记录",
        "户主|其他家人 (other)",
        "100.00 CNY",
        "500,000.00 CNY",
        "单笔定金不低于5000元",
    ):
        assert words in shown
    assert shown.index("上门记录") < shown.index("付款 (payment)")


def test_a_deal_is_led_by_it(zh: CommandLine) -> None:
    answer = record(zh, "visit_note", "whom=其他家人", "said=先看看再说")
    assert "whom = 其他家人" in answer
    assert "见到户主" in record(zh, "visit_note", "whom=户主", "said=下周就开工")
    assert "单笔定金不低于5000元" in record(zh, "payment", "amount=4999元", "receipt=R-1")
    zh.done("evidence", "record", "d1", "payment", "--field", "amount=¥5,000", "--field", "receipt=R-2", *FOR_ANNA)
    nodes = {node["id"]: node["status"] for node in zh.json("deal", "show", "d1")["nodes"]}
    assert nodes == {"owner_met": "reached", "paid": "reached"}


def test_a_payment_outside_its_limits_is_refused_in_chinese(zh: CommandLine) -> None:
    refused = zh("evidence", "record", "d1", "payment", "--field", "amount=99元", "--field", "receipt=R-1", *FOR_ANNA)
    assert refused.code == 1
    assert "100.00 CNY" in refused.err

"""Every reason can be said in both languages, with all its data, with none, and with hostile data."""

import re
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dealflow.domain.process.definition import Field, FieldType
from dealflow.domain.process.fields import check_fields
from dealflow.domain.process.manner import Manner
from dealflow.domain.values.language import LANGUAGES
from dealflow.domain.values.money import Money
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import Code, CommandRefused, Reason
from dealflow.wording.catalogue import catalogue
from dealflow.wording.lengths import length
from dealflow.wording.sentences import SENTENCES, sentence

CHINESE = re.compile(r"[\u4e00-\u9fff]")
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=5,
)


@pytest.mark.parametrize("code", list(Code))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_has_a_sentence_even_without_data(code: Code, language: str) -> None:
    text = sentence(Reason(code=code), language)
    assert text.endswith((".", "。")) and code.value not in text
    assert not re.search(r"[{}\[\]|]|None|  ", text)
    assert bool(CHINESE.search(text)) is (language == "zh")


@pytest.mark.parametrize("code", list(Code))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_documented_key_is_used_by_the_sentence(code: Code, language: str) -> None:
    entry = SENTENCES[code]
    template = catalogue(language).text(entry.says)
    used = {"where": "asks", "says": "asks|says", "wrong": "problem", "field": "field|name", "type": "", "right": "",
            "age_days": "age", "elsewhere": ""}  # fmt: skip
    for key in entry.data:
        assert re.search(rf"\{{(?:{used.get(key, key)})", template), key


@given(st.sampled_from(Code), st.dictionaries(st.sampled_from(["kind", "given", "known", "at", "says"]), VALUES))
def test_no_data_makes_a_sentence_fail_or_break_the_line(code: Code, data: dict[str, Any]) -> None:
    for language in LANGUAGES:
        text = sentence(Reason(code=code, place="a\x1b[31m\nb", data=data, suggestion="\u202ex"), language)
        assert text and all(char.isprintable() or char == "\u200d" for char in text)


class _Unprintable:
    def __str__(self) -> str:
        raise RuntimeError("cannot be shown")


def test_data_that_cannot_be_shown_still_gives_the_code() -> None:
    assert sentence(Reason(code=Code.TOO_OLD, place="n", data={"kind": _Unprintable()}), "en") == "too_old n"


SAID: list[tuple[Reason, str, str]] = [
    (
        Reason(
            code=Code.EVIDENCE_MISSING, place="decider_met", data={"kind": {"en": "Meeting note", "zh": "面谈记录"}}
        ),
        "decider_met: There is no Meeting note yet.",
        "decider_met：还没有面谈记录。",
    ),
    (
        Reason(
            code=Code.EVIDENCE_NOT_COUNTED,
            place="paid",
            data={
                "kind": {"en": "Payment", "zh": "付款"},
                "pieces": [phrase("evidence {evidence} is {status}", evidence="p1", status=phrase("disputed"))],
            },
        ),
        "paid: There is no Payment that counts: evidence p1 is disputed.",
        "paid：没有计入的付款：凭证p1有争议。",
    ),
    (
        Reason(code=Code.RULE_NOT_MET, place="n", data={"where": 'with == "decider"', "seen": {"with": "helper"}}),
        'n: The evidence does not meet the standard. It asks: with == "decider" (seen: with = helper)',
        'n：凭证不符合标准。要求：with == "decider"（实际：with = helper）',
    ),
    (
        Reason(
            code=Code.SUM_SHORT,
            place="paid",
            data={
                "field": "amount",
                "have": Money(minor=100, currency="CNY"),
                "need": {"minor": 900, "currency": "CNY"},
            },
        ),
        "paid: The sum of amount is too small: 9.00 CNY needed, 1.00 CNY so far.",
        "paid：amount合计不足：需要9.00 CNY，目前1.00 CNY。",
    ),
    (
        Reason(code=Code.TOO_OLD, data={"kind": "payment", "limit": "30 working days", "age_days": 44}),
        "The payment was too old when recorded: 44 days, at most 30 working days allowed.",
        "payment录入时已过期：已过44天，期限30个工作日。",
    ),
    (
        Reason(code=Code.UNKNOWN_KIND, place="paymet", data={"known": ["payment", "reply"]}, suggestion="payment"),
        "There is no kind of evidence 'paymet'. Known: payment, reply. Did you mean 'payment'?",
        "没有这个凭证类型“paymet”。已有：payment、reply。是否指“payment”？",
    ),
    (
        Reason(code=Code.ALREADY_DECIDED, place="E-1", data={"by": "anna", "at": AT, "decision": "extend"}),
        "The escalation E-1 was answered already by anna at 2026-11-24 09:30 UTC: extend.",
        "该上报E-1已处理，处理人anna，时间2026-11-24 09:30 UTC，决定：延期。",
    ),
    (
        Reason(code=Code.NOT_PERMITTED, data={"actor": "bo", "who_may": [f"p{n}" for n in range(14)]}),
        "bo may not do this. Who may: p0, p1, p2, p3, p4, p5, p6, p7, p8, p9, p10, p11 and 2 more.",
        "bo无权执行此操作。有权限的人：p0、p1、p2、p3、p4、p5、p6、p7、p8、p9、p10、p11，另有2项。",
    ),
]


@pytest.mark.parametrize(("reason", "english", "chinese"), SAID)
def test_the_sentence_is_concrete(reason: Reason, english: str, chinese: str) -> None:
    assert (sentence(reason, "en"), sentence(reason, "zh")) == (english, chinese)


def test_an_instant_is_said_in_the_readers_zone() -> None:
    late = datetime(2026, 11, 28, 16, 0, tzinfo=UTC)
    reason = Reason(
        code=Code.OVERTAKEN, place="approval", data={"evidence": "r", "at": late, "kind": "no", "wanted": "yes"}
    )
    for language in LANGUAGES:
        assert "2026-11-29 00:00+08:00" in sentence(reason, language, ZoneInfo("Asia/Shanghai"))
        assert "2026-11-28 16:00 UTC" in sentence(reason, language)


def test_a_refused_field_is_said_in_the_readers_language() -> None:
    spec = {"amount": Field(type=FieldType.MONEY), "summary": Field(type=FieldType.TEXT, min_length=20)}
    with pytest.raises(CommandRefused) as refused:
        check_fields(spec, {"summary": "short"}, manner=Manner("CNY"), place="payment")
    assert [sentence(reason, "en") for reason in refused.value.reasons] == [
        "payment.amount is missing: give an amount such as 5000.00 CNY.",
        "payment.summary is not right: 5 characters. Give at least 20 characters.",
    ]
    assert [sentence(reason, "zh") for reason in refused.value.reasons] == [
        "缺少字段payment.amount：请填写金额，例如 5000.00 CNY。",
        "字段payment.summary不正确：共5个字。应为至少20个字。",
    ]


def test_a_suggestion_in_what_is_wrong_ends_with_one_mark() -> None:
    with pytest.raises(CommandRefused) as refused:
        check_fields(
            {"amount": Field(type=FieldType.MONEY)}, {"amount": "5 CYN"}, manner=Manner("CNY"), place="payment"
        )
    (reason,) = refused.value.reasons
    assert [sentence(reason, language) for language in ("en", "zh")] == [
        "payment.amount is not right: CYN is not a currency of ISO 4217 (did you mean CNY?). "
        "Give an amount such as 5000.00 CNY.",
        "字段payment.amount不正确：CYN不是 ISO 4217 的币种（是否指 CNY？）。应为金额，例如 5000.00 CNY。",
    ]


def test_a_braced_value_is_not_read_as_a_template() -> None:
    assert "{place} [x]" in sentence(Reason(code=Code.UNKNOWN_DEAL, data={"given": "{place} [x]"}), "en")


def test_durations_are_said_in_chinese_units() -> None:
    zh = catalogue("zh")
    assert (zh.say(length("10 working days")), zh.say(length("1 hour"))) == ("10个工作日", "1小时")
    assert (length("10 working days"), length("1 days"), length("soon")) == ("10 working days", "1 day", "soon")

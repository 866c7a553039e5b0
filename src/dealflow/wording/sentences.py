"""A sentence for every named reason, in zh and en, short enough for a sales director to act on.

`SENTENCES` is the table: for each code the data keys that fill its sentence, and the wording. In a wording `{key}` is
a value, `{key|words}` has words for when the value is absent, and `[...]` is left out when a value inside it is absent;
so a sentence with missing data gets shorter, and none can fail. `place` is the reason's place; `name` is the place or
`field`; `asks` is `says`, else `where`; `problem` is also `wrong`; what is unknown may be given as place alone.
Values may be text, numbers, instants, durations as text, money, a wording per language, a mapping, or a list of these.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from dealflow.domain.process.definition import wording
from dealflow.domain.values.money import Money
from dealflow.domain.values.refusal import Code, Reason
from dealflow.wording.phrases import length_text, phrase_zh, word_text


class Sentence(NamedTuple):
    """The data keys of a code with what each means, and its wordings."""

    data: Mapping[str, str]
    en: str
    zh: str


_KIND = "the kind of evidence, id or wording"
_EVIDENCE = "ids of the evidence that fails for it, a list"
_SAYS = "the standard in the template's words (a wording)"
_GIVEN = "what was given"
_KNOWN = "what would have been known, a list"
_FIELD = "the field's name"
_RIGHT = "what would be right, as `check_fields` says it"
_WRONG = "what is wrong, as `check_fields` says it (or `problem`)"
_TYPE = "the field's type"
_STAGE = "the stage, id or wording"
_WHO_MAY = {
    "actor": "who asked",
    "who_may": "ids of the people who may, a list",
    "alone": "the owner, where people.yaml puts nobody above",
    "undeclared": "the owner, where there is no people.yaml",
}
_WHO_MAY_EN = (
    "[ Who may: {who_may}.]"
    "[ Nobody may: people.yaml puts nobody above {alone}. Whoever keeps that file can.]"
    "[ Nobody may: nobody stands above {undeclared}, because there is no people.yaml. Whoever runs dealflow writes one:"
    " each person with their manager.]"
)
_WHO_MAY_ZH = (
    "[有权限的人：{who_may}。]"
    "[没有人有权限：people.yaml 中{alone}没有上级，请维护该文件的人补充。]"
    "[没有人有权限：没有 people.yaml，{undeclared}之上没有人。请由 dealflow 的运维者编写该文件，写明每个人的上级（manager）。]"
)


def _unknown(en: str, zh: str) -> Sentence:
    return Sentence(
        {"given": _GIVEN, "known": _KNOWN},
        f"There is no {en}[ '{{given}}']. [Known: {{known}}.]",
        f"没有这个{zh}[“{{given}}”]。[已有：{{known}}。]",
    )


SENTENCES: dict[Code, Sentence] = {
    Code.EVIDENCE_MISSING: Sentence(
        {"kind": _KIND, "says": _SAYS},
        "[{place}: ]There is no {kind|evidence} yet.[ It asks: {says}]",
        "[{place}：]还没有{kind|凭证}。[要求：{says}]",
    ),
    Code.RULE_NOT_MET: Sentence(
        {
            "kind": _KIND,
            "evidence": _EVIDENCE,
            "where": "the rule as written",
            "says": _SAYS,
            "seen": "the values it saw {field: value}",
        },
        "[{place}: ]The {kind|evidence}[ ({evidence})] does not meet the standard.[ It asks: {asks}][ (seen: {seen})]",
        "[{place}：]{kind|凭证}[（{evidence}）]不符合标准。[要求：{asks}][（实际：{seen}）]",
    ),
    Code.RULE_FAILED: Sentence(
        {"kind": _KIND, "evidence": _EVIDENCE, "problem": "why the rule could not be judged, as RuleFailed says it"},
        "[{place}: ]The rule for {kind|the evidence}[ ({evidence})] could not be judged[: {problem}].",
        "[{place}：]无法按规则判定{kind|凭证}[（{evidence}）][：{problem}]。",
    ),
    Code.COUNT_SHORT: Sentence(
        {"kind": _KIND, "have": "how many count", "need": "how many are asked for"},
        "[{place}: ]More {kind|evidence} is needed[: {need} asked for][, {have} so far].",
        "[{place}：]{kind|凭证}数量不足[：需要{need}份][，目前{have}份]。",
    ),
    Code.SUM_SHORT: Sentence(
        {"field": "the field that is added up", "have": "the sum so far", "need": "the least sum"},
        "[{place}: ]The sum of {field|the amounts} is too small[: {need} needed][, {have} so far].",
        "[{place}：]{field|金额}合计不足[：需要{need}][，目前{have}]。",
    ),
    Code.TOO_OLD: Sentence(
        {
            "kind": _KIND,
            "evidence": _EVIDENCE,
            "limit": "the longest age, a duration",
            "age_days": "its age when recorded, in days",
        },
        "[{place}: ]The {kind|evidence}[ ({evidence})] was too old when recorded[: {age_days} days]"
        "[, at most {limit} allowed].",
        "[{place}：]{kind|凭证}[（{evidence}）]录入时已过期[：已过{age_days}天][，期限{limit}]。",
    ),
    Code.CURRENCY_DIFFERS: Sentence(
        {"evidence": _EVIDENCE, "have": "the currency of the evidence", "need": "the currency asked for"},
        "[{place}: ]The amount[ of {evidence}] is in another currency[: {have}][, needed {need}].",
        "[{place}：][{evidence}的]币种不一致[：凭证为{have}][，要求{need}]。",
    ),
    Code.DEAL_AMOUNT_MISSING: Sentence(
        {},
        "[{place}: ]The deal has no amount, which the standard needs; set it with 'deal amend'.",
        "[{place}：]商机没有金额，无法判定该标准；请用 deal amend 补充金额。",
    ),
    Code.NEEDS_NEW_EVIDENCE: Sentence(
        {"kind": _KIND},
        "[{place}: ]The node was opened again: record new {kind|evidence}, or have the earlier one confirmed.",
        "[{place}：]该节点已重新打开：请录入新的{kind|凭证}，或由有权限的人确认原有凭证。",
    ),
    Code.UNKNOWN_DEAL: _unknown("deal", "商机"),
    Code.UNKNOWN_PROCESS: _unknown("published process", "已发布的流程模板"),
    Code.UNKNOWN_KIND: _unknown("kind of evidence", "凭证类型"),
    Code.UNKNOWN_FIELD: Sentence(
        {"field": _FIELD, "known": _KNOWN},
        "There is no field '{name|of that name}'. [Fields: {known}.]",
        "没有这个字段“{name|未命名}”。[可用字段：{known}。]",
    ),
    Code.UNKNOWN_NODE: _unknown("node", "决策节点"),
    Code.UNKNOWN_STAGE: _unknown("stage", "阶段"),
    Code.UNKNOWN_MILESTONE: _unknown("milestone", "销售动作标志"),
    Code.UNKNOWN_EVIDENCE: _unknown("evidence", "凭证"),
    Code.UNKNOWN_STEP: _unknown("step", "跟进计划"),
    Code.UNKNOWN_ESCALATION: _unknown("escalation", "上报"),
    Code.UNKNOWN_PERSON: Sentence(
        {"given": _GIVEN, "known": _KNOWN},
        "There is nobody in people.yaml[ called '{given}']. [Known: {known}.]",
        "people.yaml 中没有此人[“{given}”]。[已有：{known}。]",
    ),
    Code.UNKNOWN_REASON: _unknown("reason in the template's list", "模板中的原因"),
    Code.FIELD_MISSING: Sentence(
        {"field": _FIELD, "type": _TYPE, "right": _RIGHT},
        "{name|A field} is missing[: give {right}].",
        "缺少字段{name|}[：请填写{right}]。",
    ),
    Code.FIELD_INVALID: Sentence(
        {"field": _FIELD, "type": _TYPE, "wrong": _WRONG, "right": _RIGHT},
        "{name|A field} is not right[: {problem}].[ Give {right}.]",
        "字段{name|}不正确[：{problem}]。[应为{right}。]",
    ),
    Code.TIME_IN_FUTURE: Sentence(
        {"given": "the instant", "now": "the instant it was compared with"},
        "[{place}: ]The time lies in the future[: {given}][, it is now {now}].",
        "[{place}：]时间在未来[：{given}][，现在是{now}]。",
    ),
    Code.TIME_BEFORE_FIRST: Sentence(
        {"given": "the instant", "first": "the instant of the first event"},
        "[{place}: ]Nothing had happened yet[ at {given}][; the first event is of {first}].",
        "[{place}：][{given}]还没有任何记录[；最早的事件在{first}]。",
    ),
    Code.TIME_WITHOUT_ZONE: Sentence(
        {"given": "the time as written"},
        "[{place}: ]The time[ {given}] names no zone; write it like 2026-11-24T09:30:00+08:00.",
        "[{place}：]时间[{given}]没有时区；请写成 2026-11-24T09:30:00+08:00 这样。",
    ),
    Code.TEXT_INVALID: Sentence(
        {"field": _FIELD, "wrong": _WRONG, "right": _RIGHT},
        "{name|The text} cannot be stored[: {problem}].[ Give {right}.]",
        "{name|文本}无法保存[：{problem}]。[应为{right}。]",
    ),
    Code.DEAL_EXISTS: Sentence(
        {"given": "the deal's id"}, "There is a deal[ '{given}'] already.", "商机[“{given}”]已存在。"
    ),
    Code.DEAL_CLOSED: Sentence(
        {"outcome": "won, lost, cancelled or open", "closed_at": "when it was closed"},
        "The deal[ {place}] is closed[ ({outcome})][ since {closed_at}]; reopen it first.",
        "商机[{place}]已关闭[（{outcome}）][，关闭时间{closed_at}]；请先重新打开。",
    ),
    Code.DEAL_IN_PROGRESS: Sentence(
        {"stage": _STAGE},
        "The deal[ {place}] is still in progress[, in stage {stage}].",
        "商机[{place}]仍在进行中[，处于阶段“{stage}”]。",
    ),
    Code.OUTCOME_OPEN: Sentence(
        {},
        "The deal[ {place}] is not won; an open deal ends with 'deal lose' or 'deal cancel'.",
        "商机[{place}]尚未赢单；未赢单的商机请用 deal lose 或 deal cancel 结束。",
    ),
    Code.NODES_OPEN: Sentence(
        {"stage": _STAGE, "nodes": "the nodes that are not passed, a list of ids or wordings"},
        "[{place}: ]The stage[ {stage}] cannot be left yet[; still open: {nodes}].",
        "[{place}：]阶段[{stage}]的关口未满足[，未达成节点：{nodes}]。",
    ),
    Code.NODE_ALREADY_PASSED: Sentence(
        {"status": "reached, waived or met by a later one"},
        "The node[ {place}] is passed already[ ({status})].",
        "节点[{place}]已经通过[（{status}）]。",
    ),
    Code.NOT_BACKWARD: Sentence(
        {"stage": "where the deal is", "to": "the stage asked for"},
        "The stage {to|asked for} does not lie before {stage|the present one}; a move back goes to an earlier stage.",
        "阶段{to|目标}不在{stage|当前阶段}之前；退回只能到更早的阶段。",
    ),
    Code.BACK_NOT_ALLOWED: Sentence(
        {"stage": "where the deal is", "to": "the stage asked for", "allowed": "stages one may go back to, a list"},
        "The template does not let a deal go back[ from {stage}][ to {to}].[ Allowed: {allowed}.]",
        "模板不允许[从{stage}]退回[到{to}]。[可退回：{allowed}。]",
    ),
    Code.NOT_PERMITTED: Sentence(
        _WHO_MAY,
        "{actor|You} may not do this[ ({place})]." + _WHO_MAY_EN,
        "{actor|您}无权执行此操作[（{place}）]。" + _WHO_MAY_ZH,
    ),
    Code.OWN_DEAL: Sentence(
        _WHO_MAY,
        "Nobody decides on a deal they own[ ({actor} owns {place})]." + _WHO_MAY_EN,
        "不能对自己负责的商机做此决定[（{place}的负责人是{actor}）]。" + _WHO_MAY_ZH,
    ),
    Code.REASON_NEEDED: Sentence(
        {"known": "reasons to choose from, a list"},
        "A reason is needed: add --reason.[ One of: {known}.]",
        "必须说明原因：请加 --reason。[可选：{known}。]",
    ),
    Code.ALREADY_DECIDED: Sentence(
        {"by": "who decided", "at": "when", "decision": "what was decided"},
        "The escalation[ {place}] was answered already[ by {by}][ at {at}][: {decision}].",
        "该上报[{place}]已处理[，处理人{by}][，时间{at}][，决定：{decision}]。",
    ),
    Code.ALREADY_SO: Sentence(
        {"what": "what is so already"}, "It is so already[: {what}].", "已经是这个状态[：{what}]。"
    ),
    Code.NOTHING_CHANGES: Sentence(
        {},
        "[{place}: ]Nothing would change; name at least one new value.",
        "[{place}：]没有任何变化；请至少给出一个新值。",
    ),
    Code.DEADLINE_TOO_FAR: Sentence(
        {"given": "the deadline asked for", "cap": "the farthest allowed, a duration", "latest": "the latest instant"},
        "The deadline[ {given}] is too far away[: at most {cap}][, that is {latest}].",
        "期限[{given}]太远[：最多{cap}][，即{latest}]。",
    ),
    Code.DEADLINE_PAST: Sentence(
        {"given": "the deadline asked for", "now": "the instant it was compared with"},
        "The deadline[ {given}] has passed already[, it is now {now}].",
        "期限[{given}]已过[，现在是{now}]。",
    ),
    Code.COMMAND_ID_REUSED: Sentence(
        {"given": "the command id"},
        "The command id[ '{given}'] was used for another command; choose a new one.",
        "命令编号[“{given}”]已用于另一条命令；请换一个。",
    ),
}

_TOKEN = re.compile(r"\[(?P<optional>[^\[\]]*)\]|\{(?P<key>\w+)(?:\|(?P<otherwise>[^{}]*))?\}")
_PHRASES = ("right", "problem")
_MAX_ITEMS = 12
_MAX_TEXT = 300


def sentence(reason: Reason, language: str) -> str:
    """The reason in `language` (`zh`, anything else is English) on one line; never raises, whatever the data holds."""
    try:
        entry = SENTENCES[reason.code]
        text = filled(entry.zh if language == "zh" else entry.en, _values(reason, language)).strip()
        if reason.suggestion:
            near = one_line(reason.suggestion)
            text += f"是否指“{near}”？" if language == "zh" else f" Did you mean '{near}'?"
        return text
    except Exception:  # noqa: BLE001  a refusal must reach its reader even when its data cannot be shown
        return f"{reason.code.value} {one_line(reason.place)}".strip()


def _values(reason: Reason, language: str) -> dict[str, str]:
    data = dict(reason.data)
    for key, fallback in (("name", reason.place or data.get("field")), ("asks", data.get("says") or data.get("where"))):
        data.setdefault(key, fallback)
    data.setdefault("problem", data.get("wrong"))
    if reason.code.value.startswith("unknown_") or reason.code in (Code.DEAL_EXISTS, Code.COMMAND_ID_REUSED):
        data.setdefault("given", reason.place)
    if reason.code is Code.NOT_BACKWARD:
        data.setdefault("to", reason.place)
    data["place"] = reason.place
    shown = {key: _shown(value, language) for key, value in data.items()}
    if language == "zh":
        for key in _PHRASES:
            shown[key] = phrase_zh(shown.get(key, ""))
    return {key: text for key, text in shown.items() if text}


def filled(template: str, values: Mapping[str, str]) -> str:
    """The template with its values; what comes out of a value is never read as a template again."""

    def put(match: re.Match[str]) -> str:
        optional = match["optional"]
        if optional is None:
            return values.get(match["key"], match["otherwise"] or "")
        keys = [token["key"] for token in _TOKEN.finditer(optional)]
        return filled(optional, values) if all(key in values for key in keys) else ""

    return _TOKEN.sub(put, template)


def _shown(value: Any, language: str) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return one_line(word_text(length_text(value, language), language))
        case datetime():
            instant = value.astimezone(UTC) if value.tzinfo else value
            return instant.isoformat(sep=" ", timespec="minutes").replace("+00:00", " UTC")
        case Mapping() if set(value) == {"minor", "currency"}:
            return str(Money.model_validate(dict(value)))
        case Mapping() if "en" in value or "zh" in value:
            return one_line(wording({str(key): str(text) for key, text in value.items()}, language, ""))
        case Mapping():
            return _listed(
                [f"{one_line(str(key))} = {_shown(item, language)}" for key, item in value.items()], language
            )
        case list() | tuple() | set() | frozenset():
            items = sorted(value, key=str) if isinstance(value, set | frozenset) else value
            return _listed([_shown(item, language) for item in items], language)
        case _:
            return one_line(str(value))


def _listed(items: list[str], language: str) -> str:
    text = ("、" if language == "zh" else ", ").join(items[:_MAX_ITEMS])
    if more := len(items[_MAX_ITEMS:]):
        text += f"等{len(items)}项" if language == "zh" else f" and {more} more"
    return text


def one_line(text: str) -> str:
    """One line without characters that control a terminal or hide text."""
    cut = text if len(text) <= _MAX_TEXT else text[: _MAX_TEXT - 3] + "..."
    joined = " ".join(cut.split())
    # The zero-width joiner holds emoji and some scripts together.
    return "".join(c if c.isprintable() or c == "\u200d" else c.encode("unicode_escape").decode() for c in joined)

"""Words that the domain writes in English, as a Chinese reader needs them: durations, decisions, what is wrong with a value."""

import re

_LENGTH = re.compile(r"^(\d{1,7}) (working hour|working day|second|minute|hour|day)s?$")
_UNITS_ZH = {
    "working hour": "个工作小时",
    "working day": "个工作日",
    "second": "秒",
    "minute": "分钟",
    "hour": "小时",
    "day": "天",
}
_WORDS_ZH = {
    "extend": "延期",
    "reassign": "改派",
    "waive": "豁免节点",
    "back": "退回",
    "lose": "判为丢单",
    "open": "进行中",
    "won": "赢单",
    "lost": "丢单",
    "cancelled": "已取消",
    "reached": "已达成",
    "waived": "已豁免",
    "met by a later one": "由后续节点达成",
}
# What `check_fields` and the rules say in English, as a Chinese reader needs it; what is not here stays as it is.
_PHRASES_ZH = [
    (re.compile(r"^an amount such as (.+)$"), r"金额，例如 \1"),
    (re.compile(r"^a whole number$"), "整数"),
    (re.compile(r"^a number such as (.+)$"), r"数字，例如 \1"),
    (re.compile(r"^a date such as (.+)$"), r"日期，例如 \1"),
    (re.compile(r"^an instant with its zone such as (.+)$"), r"带时区的时间，例如 \1"),
    (re.compile(r"^true or false$"), "true 或 false"),
    (re.compile(r"^one of (.+)$"), r"以下之一：\1"),
    (re.compile(r"^a person's name or id on one line$"), "一行以内的姓名或编号"),
    (re.compile(r"^a telephone number of 5 to 20 digits such as (.+)$"), r"5至20位的电话号码，例如 \1"),
    (re.compile(r"^an address such as (.+)$"), r"地址，例如 \1"),
    (re.compile(r"^a text of at least (\d+) characters$"), r"至少\1个字的文本"),
    (re.compile(r"^a text$"), "文本"),
    (re.compile(r"^text without it$"), "不含该字符的文本"),
    (re.compile(r"^([\d,]+) characters$"), r"共\1个字"),
    (re.compile(r"^at least ([\d,]+) characters$"), r"至少\1个字"),
    (re.compile(r"^at most ([\d,]+) characters$"), r"最多\1个字"),
    (re.compile(r"^(?:at least|less than) (.+)$"), r"不小于\1"),
    (re.compile(r"^(?:at most|more than) (.+)$"), r"不大于\1"),
    (re.compile(r"^(.+) is not an option$"), r"没有\1这个选项"),
    (re.compile(r"^(.+) is no day of the calendar$"), r"\1不是有效日期"),
    (re.compile(r"^(.+) is not (?:an?|one|true) .+$"), r"\1不合要求"),
    (re.compile(r"^character (\d+) is (.+)$"), r"第\1个字符是 \2"),
    (re.compile(r"^the deal has no amount, which the rule needs$"), "规则需要商机金额，但商机没有金额"),
    (re.compile(r"^the evidence has no value for '(.+)', which the rule needs$"), r"规则需要字段“\1”，但凭证中没有"),
    (re.compile(r"^amounts in (.+) cannot be compared$"), r"金额币种不同（\1），无法比较"),
]


def length_text(length: str, language: str) -> str:
    """A duration as stored (`10 working days`) in the reader's language; other text stays as it is."""
    match = _LENGTH.match(length) if language == "zh" else None
    return f"{match[1]}{_UNITS_ZH[match[2]]}" if match else length


def word_text(word: str, language: str) -> str:
    """A decision, an outcome or a status in the reader's language; other words stay as they are."""
    return _WORDS_ZH.get(word, word) if language == "zh" else word


def phrase_zh(phrase: str) -> str:
    """What is wrong, or would be right, with a value, in Chinese; what is not known stays as it is."""
    for pattern, chinese in _PHRASES_ZH:
        if pattern.match(phrase):
            return pattern.sub(chinese, phrase)
    return phrase

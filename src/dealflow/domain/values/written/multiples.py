"""Words that multiply a number, such as 万 and thousand, alone or one after another (1亿2000万)."""

import re
from decimal import Context, Decimal

from dealflow.domain.values.written.digits import DecimalMark, TwoReadings, read_digits

MAX_LENGTH = 60
# Wide enough for every product of such a text: nothing is ever rounded.
_EXACT = Context(prec=4 * MAX_LENGTH)
_CHINESE = {
    "百": 2, "佰": 2, "千": 3, "仟": 3, "万": 4, "萬": 4, "十万": 5, "百万": 6, "百萬": 6, "千万": 7, "千萬": 7,
    "亿": 8, "億": 8,
}  # fmt: skip
# `m` and `billion` mean different things to different people, so they are none of these.
_WESTERN = {"k": 3, "thousand": 3, "lakh": 5, "million": 6, "crore": 7}
_NUMBER = r"\d(?:[\d.,' ]*\d)?"
_CHINESE_WORD = "|".join(sorted(_CHINESE, key=len, reverse=True))
_WESTERN_WORD = "|".join(sorted(_WESTERN, key=len, reverse=True))
NUMBER = rf"{_NUMBER}(?:\s*(?:{_CHINESE_WORD})(?:\d+(?:{_CHINESE_WORD}))*(?:\d+)?|\s*(?:{_WESTERN_WORD}))?"
_MULTIPLE = re.compile(rf"({_NUMBER})\s*({_CHINESE_WORD}|{_WESTERN_WORD})", re.ASCII | re.IGNORECASE)
_PART = re.compile(rf"(\d+)({_CHINESE_WORD})?", re.ASCII)


def read_multiple(
    text: str, mark: DecimalMark | None, *, comma_groups: bool, point_groups: bool, places: int | None = None
) -> Decimal | None:
    """The number with what multiplies it, None where it is none; the rest as `read_digits`."""
    if len(text) > MAX_LENGTH:
        return None
    begun = _MULTIPLE.match(text)
    if begun is None:
        return read_digits(text, mark, comma_groups=comma_groups, point_groups=point_groups, places=places)
    power = _CHINESE.get(begun[2])
    if power is None:
        return None if begun.end() < len(text) else _times(begun[1], _WESTERN[begun[2].lower()], mark)
    first = _times(begun[1], power, mark)
    rest = text[begun.end() :]
    return first if first is None or not rest else _followed(first, power, rest)


def _times(number: str, power: int, mark: DecimalMark | None) -> Decimal | None:
    try:
        # Whatever the word, three digits behind a lone mark may be decimals of what it multiplies, or a group.
        read = read_digits(number, mark, comma_groups=False, point_groups=True)
    except TwoReadings as two:
        raise TwoReadings(*(each.scaleb(power, _EXACT) for each in (two.one, two.other))) from two
    return None if read is None else read.scaleb(power, _EXACT)


def _followed(total: Decimal, power: int, rest: str) -> Decimal | None:
    if total != total.quantize(Decimal(1).scaleb(power), context=_EXACT):
        return None  # 1.5万3千
    end = 0
    while end < len(rest):
        part = _PART.match(rest, end)
        if part is None:
            return None
        less = _CHINESE[part[2]] if part[2] else 0
        if less >= power or Decimal(part[1]).scaleb(less) >= Decimal(1).scaleb(power):
            return None
        if not part[2] and len(part[1]) == 1:
            # 18万5 is said for 185,000, and written for 180,005.
            one = Decimal(part[1])
            raise TwoReadings(_EXACT.add(total, one), _EXACT.add(total, one.scaleb(power - 1)))
        total = _EXACT.add(total, Decimal(part[1]).scaleb(less))
        power, end = less, part.end()
    return total

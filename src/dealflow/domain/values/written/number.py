"""A number without a currency as people write it, read exactly."""

import re
from decimal import Decimal

from dealflow.domain.values.written.characters import half_width
from dealflow.domain.values.written.digits import PLAIN, DecimalMark, TwoReadings, is_plain, two_readings
from dealflow.domain.values.written.multiples import NUMBER, read_multiple

_WRITTEN = re.compile(rf"([+-]?)\s*({NUMBER})", re.ASCII | re.IGNORECASE)
_PLAIN = re.compile(rf"\s*{PLAIN}\s*", re.ASCII)


def read_number(written: str, mark: DecimalMark | None, *, is_whole: bool) -> Decimal | None:
    """The number, None where it is none; ValueError with both readings where there are two.

    Only a whole number may have a lone comma before three digits: in any other that could be the decimal mark.
    """
    match = _WRITTEN.fullmatch(half_width(written))
    if match is None:
        return None
    sign = match[1].replace("+", "")
    try:
        read = read_multiple(match[2], mark, comma_groups=is_whole, point_groups=is_whole)
    except TwoReadings as two:
        one, other = (f"{sign}{each:f}" for each in (two.one, two.other))
        raise ValueError(two_readings(repr(written), one, other)) from two
    return read.copy_negate() if read is not None and sign else read


def is_plain_number(written: str, mark: DecimalMark | None = None) -> bool:
    """Whether it is written as programs write numbers."""
    return is_plain(written, _PLAIN, mark)

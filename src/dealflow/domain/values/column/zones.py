"""The zone that a cell names behind its time: an id, or letters that mean one offset wherever they are written."""

import re
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

_ID = re.compile(r"[A-Z][A-Za-z]+(?:/[A-Za-z0-9_+-]+){1,2}", re.ASCII)
_GMT = re.compile(r"(?:GMT|UTC)?([+-])(\d{1,2}):?(\d{2})", re.ASCII)
# Those that mean one offset wherever they are written; others count only where the mapping's own zone is called so.
_ABBREVIATIONS = {
    "UTC": 0, "GMT": 0, "Z": 0, "WET": 0, "WEST": 60, "CET": 60, "CEST": 120, "MEZ": 60, "MESZ": 120, "EET": 120,
    "EEST": 180, "MSK": 180, "EST": -300, "EDT": -240, "CDT": -300, "MST": -420, "MDT": -360, "PST": -480, "PDT": -420,
    "AKST": -540, "AKDT": -480, "HST": -600, "BRT": -180, "JST": 540, "KST": 540, "HKT": 480, "SGT": 480, "AEST": 600,
    "AEDT": 660, "ACST": 570, "ACDT": 630, "AWST": 480, "NZST": 720, "NZDT": 780,
}  # fmt: skip


def in_written_zone(wall: datetime, written: str, zone: ZoneInfo) -> datetime | None:
    """What the clocks show, in the zone that is `written` beside it; None where that is none, or one of several.

    `zone` is the mapping's own, whose letters go before all others.
    """
    if _ID.fullmatch(written):
        try:
            return wall.replace(tzinfo=ZoneInfo(written))
        except (KeyError, ValueError, OSError):
            return None
    for fold in (0, 1):
        here = wall.replace(tzinfo=zone, fold=fold)
        offset = here.utcoffset()
        if here.tzname() == written and offset is not None:
            return wall.replace(tzinfo=timezone(offset))
    minutes = _ABBREVIATIONS.get(written)
    if (offset_written := _GMT.fullmatch(written)) is not None:
        sign = -1 if offset_written[1] == "-" else 1
        minutes = (60 * int(offset_written[2]) + int(offset_written[3])) * sign
    if minutes is None or abs(minutes) >= 1440:
        return None
    return wall.replace(tzinfo=timezone(timedelta(minutes=minutes)))

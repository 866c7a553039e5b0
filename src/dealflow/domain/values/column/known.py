"""The patterns that days and instants of files are usually written by, found in one cell."""

import re
from collections.abc import Iterator

from dealflow.domain.values.column.names import in_english, languages_of
from dealflow.domain.values.column.spelled import plain, without_end_of_day, without_zone

JAVA = "java"
JAVA_DATE = re.compile(
    r"[A-Z][a-z]{2} (?P<day>[A-Z][a-z]{2} \d{1,2}) (?P<clock>\d{2}:\d{2}:\d{2}) (?P<zone>\S+) (?P<year>\d{4})", re.ASCII
)
_BY_NUMBERS = re.compile(
    r"(\d{1,4})(?P<mark>\. |[-/.])(\d{1,2})(?P=mark)(\d{4}|\d{1,2})(?P<last>\.?)(?P<rest>\D.*)?", re.ASCII
)
_IN_ONE = re.compile(r"(?:19[7-9]|20\d)\d\d{4}(?P<clock>\d{4}(?:\d{2})?)", re.ASCII)
_CHINESE = re.compile(r"\d{4} ?[年년] ?\d{1,2} ?[月월] ?\d{1,2} ?[日号號일](?P<rest>.*)", re.ASCII)
_WEEKDAY = re.compile(r"(?P<name>[A-Za-z]{3,9})(?P<mark>,? )(?=[A-Za-z\d])", re.ASCII)
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?P<long>[a-z]*)\.?"
# As C and Ruby write the time: the year comes last.
_YEAR_LAST = re.compile(r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d{1,2} \d{2}:\d{2}:\d{2} \d{4}", re.ASCII)
_DAY_FIRST = re.compile(
    rf"\d{{1,2}}(?P<mark>\. |[-/. ])(?:{_MONTH})(?P<next>, |[-/. ])(?P<year>\d{{4}}|\d{{2}})(?P<rest>\D.*)?",
    re.ASCII | re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    rf"(?:{_MONTH})(?P<mark>[-/ ])\d{{1,2}}(?P<next>, |[-/ ])(?P<year>\d{{4}}|\d{{2}})(?P<rest>\D.*)?",
    re.ASCII | re.IGNORECASE,
)
# With the month put into English, and little words between: 1 de marzo de 2017, den 1 mars 2017, 2017. március 1.
_ENGLISH = "January|February|March|April|May|June|July|August|September|October|November|December"
_LITTLE = r"(?:[^\d%]{1,6})"
_NAMED_DAY_FIRST = re.compile(
    rf"(?P<before>[^\d%]{{0,6}})\d{{1,2}}(?P<mark>{_LITTLE})(?:{_ENGLISH})(?P<next>{_LITTLE})(?P<year>\d{{4}}|\d{{2}})"
    r"(?P<last> ?(?:г|р|r|y)\.?)?(?P<rest>\D.*)?"
)
_NAMED_MONTH_FIRST = re.compile(
    rf"(?:{_ENGLISH})(?P<mark>[-/ ])\d{{1,2}}(?P<next>,? |[-/])(?P<year>\d{{4}}|\d{{2}})(?P<rest>\D.*)?"
)
_NAMED_YEAR_FIRST = re.compile(
    rf"(?P<year>\d{{4}})(?P<next>\.? |-)(?:{_ENGLISH})(?P<mark>[ -])\d{{1,2}}(?P<last>\.?)(?P<rest>\D.*)?"
)
_CLOCK = re.compile(
    r"(?P<gap>T|,? ?(?:(?:at|à|um|kl\.?|klo|às|alle|в|o) )?)(?P<lead>[AP]M ?)?"
    r"(?P<hour>\d{1,2})(?:(?P<mark>[:.])(?P<minute>\d{2})(?:(?P=mark)(?P<second>\d{2})(?P<part>[.,]\d{1,6})?)?"
    r"|(?P<word> ?[h时時点點시] ?)(?P<minute_word>\d{1,2})(?P<behind> ?[分분]?)(?:(?P<second_word> ?\d{1,2})(?P<ends>[秒초]))?)"
    r"(?P<half> ?[AaPp][Mm])?(?P<oclock> (?:Uhr|Uhr\.|h|hrs|hs))?"
    r"(?P<blank> ?)(?:(?P<zone>UTC|GMT(?![+-])|Z)|(?P<named>GMT|UTC)?(?P<offset>[+-]\d{2}:?\d{2}))?",
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def known_forms(cell: str) -> Iterator[tuple[str, str]]:
    """Patterns that may read the cell, each after the pattern of its day alone; short numbers without marks are none.

    A pattern for the names of a language ends in it: `%d. %B %Y@de`.
    """
    text, _ = without_end_of_day(without_zone(plain(cell))[0])
    before, rest = "", text
    if (weekday := _WEEKDAY.match(text)) and (named := _weekday(weekday["name"])):
        before, rest = f"{named}{weekday['mark']}", text[weekday.end() :]
    yield from ((f"{before}{day}", f"{before}{form}") for day, form in _with_clock(_days(rest)))
    if _YEAR_LAST.fullmatch(text):
        yield "%a %b %d %H:%M:%S %Y", "%a %b %d %H:%M:%S %Y"
    if one := _IN_ONE.fullmatch(text):
        yield "%Y%m%d", "%Y%m%d%H%M%S" if len(one["clock"]) == 6 else "%Y%m%d%H%M"
    if JAVA_DATE.fullmatch(text):
        yield JAVA, JAVA
    for language in languages_of(text):
        if (english := in_english(text, language)) is not None:
            for day, form in _with_clock(_named_days(english)):
                yield f"{day}@{language}", f"{form}@{language}"
            for day, form in _with_clock(_by_numbers(english)) if english != text else ():
                yield day, f"{form}@{language}"


def swapped(form: str) -> str | None:
    """The pattern with day and month the other way round; None where it has not both as numbers."""
    if "%d" not in form or "%m" not in form:
        return None
    return form.replace("%d", "\0").replace("%m", "%d").replace("\0", "%m")


def _with_clock(days: Iterator[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for day, rest in days:
        if (clock := _clock_form(rest)) is not None:
            yield day, f"{day}{clock}"


def _weekday(name: str) -> str | None:
    lower = name.lower()
    if lower in _WEEKDAYS:
        return "%A"
    return "%a" if any(lower == day[:3] for day in _WEEKDAYS) else None


def _days(text: str) -> Iterator[tuple[str, str]]:
    """Patterns for a day with which the text begins, and the rest of the text."""
    found = False
    for day in _by_numbers(text):
        found = True
        yield day
    if found:
        return
    if match := _DAY_FIRST.fullmatch(text):
        year = "%Y" if len(match["year"]) == 4 else "%y"
        for month in _months(match):
            yield f"%d{match['mark']}{month}{match['next']}{year}", match["rest"] or ""
    elif match := _MONTH_FIRST.fullmatch(text):
        year = "%Y" if len(match["year"]) == 4 else "%y"
        for month in _months(match):
            yield f"{month}{match['mark']}%d{match['next']}{year}", match["rest"] or ""


def _by_numbers(text: str) -> Iterator[tuple[str, str]]:
    if match := _BY_NUMBERS.fullmatch(text):
        first, mark, last, rest = match[1], match["mark"], match[4], match["rest"] or ""
        behind = match["last"]
        if len(first) == 4:
            yield f"%Y{mark}%m{mark}%d{behind}", rest
        elif len(last) == 4:
            yield f"%d{mark}%m{mark}%Y{behind}", rest
            yield f"%m{mark}%d{mark}%Y{behind}", rest
        elif len(first) <= 2:
            yield f"%d{mark}%m{mark}%y{behind}", rest
            yield f"%m{mark}%d{mark}%y{behind}", rest
            yield f"%y{mark}%m{mark}%d{behind}", rest
    elif match := _CHINESE.fullmatch(text):
        parts = iter(("%Y", "%m", "%d"))
        yield re.sub(r"\d+", lambda _: next(parts), text[: match.start("rest")]), match["rest"]


def _named_days(text: str) -> Iterator[tuple[str, str]]:
    if match := _NAMED_DAY_FIRST.fullmatch(text):
        year = "%Y" if len(match["year"]) == 4 else "%y"
        day = f"{match['before']}%d{match['mark']}%B{match['next']}{year}{match['last'] or ''}"
        yield day, match["rest"] or ""
    elif match := _NAMED_MONTH_FIRST.fullmatch(text):
        year = "%Y" if len(match["year"]) == 4 else "%y"
        yield f"%B{match['mark']}%d{match['next']}{year}", match["rest"] or ""
    elif match := _NAMED_YEAR_FIRST.fullmatch(text):
        yield f"%Y{match['next']}%B{match['mark']}%d{match['last']}", match["rest"] or ""


def _months(match: re.Match[str]) -> tuple[str, ...]:
    """Short or long, May is both."""
    if match["long"]:
        return ("%B",)
    dot = "." if match[0][match.end("month") : match.end("month") + 1] == "." else ""
    return ("%b", "%B") if match["month"].lower() == "may" and not dot else (f"%b{dot}",)


def _clock_form(rest: str) -> str | None:
    """The pattern of a time of day with its offset; "" where there is none, None where the rest is something else."""
    if not rest.strip():
        return ""
    match = _CLOCK.fullmatch(rest)
    if match is None or (match["lead"] and match["half"]):
        return None
    is_half = bool(match["half"] or match["lead"])
    hour = "%I" if is_half else "%H"
    parts = [match["gap"], match["lead"] and f"%p{match['lead'][2:]}", hour]
    if match["mark"]:
        mark = match["mark"]
        parts += [f"{mark}%M", match["second"] and f"{mark}%S", match["part"] and f"{match['part'][0]}%f"]
    else:
        parts += [match["word"], "%M", match["behind"]]
        parts += [f"%S{match['ends']}"] if match["ends"] else []
    if match["half"]:
        parts += [" " if match["half"].startswith(" ") else "", "%p"]
    parts.append(match["oclock"])
    if match["zone"]:
        parts += [match["blank"], "%z" if match["zone"] == "Z" else "%Z"]
    elif match["offset"]:
        parts += [match["blank"], match["named"] or "", "%z"]
    return "".join(part for part in parts if part)

"""Months, weekdays and halves of the day as other languages call them, put into English: after that one reader is enough."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple
from unicodedata import combining, normalize

# The likelier ones first: where several languages read a column alike, the first of them is named.
LANGUAGES = (
    "en", "de", "fr", "es", "it", "pt", "nl", "zh", "zh_Hant", "ja", "ko", "sv", "da", "nb", "fi", "pl", "cs", "sk", "hu", "ro",
    "bg", "el", "hr", "sl", "uk", "ru", "tr", "et", "lv", "lt", "ca", "id", "vi",
)  # fmt: skip
# What Excel writes and the common data of languages have not.
_ALSO: Mapping[str, Mapping[str, int]] = {"de": {"mrz": 3}}
_ENGLISH = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+", re.UNICODE)
# Neither a blank nor a digit parts these from what comes next.
_BEHIND_A_DAY = re.compile(r"(?<=[日号號일])(?=[^\W\d_])", re.UNICODE)
_HALF = re.compile(r"\b([ap])\. ?m\.?(?!\w)", re.IGNORECASE)
_GREEK_HALF = re.compile(r"\b(π|μ)\.μ\.?(?!\w)", re.IGNORECASE)
_ORDINAL = re.compile(r"(?<=\d)(?:st|nd|rd|th|er|re|ère|º|ª|°)(?![^\W\d_])", re.IGNORECASE)
_LONE_WEEKDAY = re.compile(r"[月火水木金土日一二三四五六월화수목금토일]")
_LONGEST = 80


class _Means(NamedTuple):
    """What a word says; 0 and "" where it says no such thing."""

    month: int = 0
    is_weekday: bool = False
    half: str = ""


def in_english(text: str, language: str) -> str | None:
    """The text with the months and halves of the day in English, without weekdays; None where no word is of the language."""
    if len(text) > _LONGEST:
        return None
    words = _words_of(language)
    text = _GREEK_HALF.sub(lambda half: "AM" if half[1].lower() == "π" else "PM", _HALF.sub(r"\1m", text))
    text = _ORDINAL.sub("", _BEHIND_A_DAY.sub(" ", text))
    found = [(match, means) for match in _WORD.finditer(text) if (means := words.get(_plain(match[0])))]
    months = sum(1 for _, means in found if means.month)
    parts, end, is_known = list[str](), 0, False
    for match, means in found:
        is_alone = bool(_LONE_WEEKDAY.fullmatch(match[0]))
        if is_alone and not (text[: match.start()].endswith("(") and text[match.end() :].startswith(")")):
            continue
        begin, behind = match.span()
        is_weekday = means.is_weekday and (not means.month or months > 1)
        if is_weekday:
            months -= bool(means.month)
            begin, behind = _with_marks(text, begin, behind)
        elif text[behind : behind + 1] == ".":
            behind += 1
        parts.append(text[end:begin])
        parts.append("" if is_weekday else _ENGLISH[means.month - 1] if means.month else means.half)
        end, is_known = behind, True
    parts.append(text[end:])
    return " ".join("".join(parts).split()) if is_known else None


def languages_of(text: str) -> Iterator[str]:
    """The languages of which a word of the text is."""
    if len(text) > _LONGEST or not any(map(str.isdigit, text)):
        return
    text = _BEHIND_A_DAY.sub(" ", text)
    known = _index()
    found = {language for word in _WORD.findall(text) for language in known.get(_plain(word), ())}
    if _ORDINAL.search(text):
        found.add("en")
    yield from (language for language in LANGUAGES if language in found)


def _with_marks(text: str, begin: int, behind: int) -> tuple[int, int]:
    """A weekday with what stands between it and the day: brackets, a point, a comma."""
    if text[:begin].endswith("(") and text[behind:].startswith(")"):
        return begin - 1, behind + 1
    while text[behind : behind + 1] in (".", ","):
        behind += 1
    return begin, behind


def _plain(word: str) -> str:
    """Without the marks that are left out on many keyboards."""
    return "".join(one for one in normalize("NFKD", word.casefold()) if not combining(one))


@lru_cache(maxsize=1)
def _index() -> Mapping[str, tuple[str, ...]]:
    languages: dict[str, list[str]] = {}
    for language in LANGUAGES:
        for word in _words_of(language):
            languages.setdefault(word, []).append(language)
    return {word: tuple(found) for word, found in languages.items()}


@lru_cache(maxsize=len(LANGUAGES))
def _words_of(language: str) -> Mapping[str, _Means]:
    from babel import Locale  # noqa: PLC0415  it loads slowly, and most files have no such word

    locale = Locale.parse(language)
    months = _months(locale.months, language)
    weekdays = {
        word
        for context in ("format", "stand-alone")
        for width in ("wide", "abbreviated", "short")
        for name in locale.days[context].get(width, locale.days[context]["abbreviated"]).values()
        if (word := _only_word(name)) and (len(word) > 1 or _LONE_WEEKDAY.fullmatch(word))
    }
    halves = {
        word: half.upper()
        for width in ("wide", "abbreviated")
        for half in ("am", "pm")
        if (word := _only_word(locale.day_periods["format"].get(width, {}).get(half, "")))
    }
    return {
        word: _Means(months.get(word, 0), word in weekdays, halves.get(word, ""))
        for word in months.keys() | weekdays | halves.keys()
    }


def _months(names: Mapping[str, Mapping[str, Mapping[int, str]]], language: str) -> dict[str, int]:
    """The names, and what they are cut to where that is no shorter than the language itself has it."""
    own: dict[str, int] = {**_ALSO.get(language, {})}
    shortest = dict.fromkeys(range(1, 13), _LONGEST)
    for number, name in (
        (number, name)
        for context in names.values()
        for width in ("wide", "abbreviated")
        for number, name in context.get(width, {}).items()
    ):
        if word := _only_word(name):
            own[word] = number
            shortest[number] = min(shortest[number], len(word))
    if any(word.startswith("sept") for word in own):
        own["sep"] = 9
    cut: dict[str, set[int]] = {}
    for word, number in own.items():
        for length in range(shortest[number], len(word)):
            cut.setdefault(word[:length], set()).add(number)
    return {word: min(numbers) for word, numbers in cut.items() if len(numbers) == 1} | own


def _only_word(name: str) -> str | None:
    """The word of a name with an article or a point; None for one of numbers."""
    words = _WORD.findall(name)
    return _plain(words[-1]) if words and not any(map(str.isdigit, name)) else None

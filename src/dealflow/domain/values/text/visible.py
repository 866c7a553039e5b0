"""What of a text can be seen: the rest counts for no length, and what controls a terminal or hides text is found."""

import re
from unicodedata import category
from unicodedata import name as character_name

# Default_Ignorable_Code_Point of Unicode 16 (DerivedCoreProperties.txt): what is drawn as nothing at all.
_DEFAULT_IGNORABLE = (
    (0x00AD, 0x00AD), (0x034F, 0x034F), (0x061C, 0x061C), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F),
    (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFF8), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
# Beside them: annotation marks, the null note, the controls and blanks of hieroglyphs, and what is no character at all.
_DRAWN_AS_NOTHING = (
    (0xFFF9, 0xFFFB), (0x1D159, 0x1D159), (0x13430, 0x1343F), (0x13441, 0x13442), (0xFDD0, 0xFDEF),
    *((plane | 0xFFFE, plane | 0xFFFF) for plane in range(0, 0x110000, 0x10000)),
)  # fmt: skip
# These are as wide as a letter and have nothing in them: the blank of Braille, and the fillers of Hangul on a keyboard.
_EMPTY_LETTERS = "\u2800\u3164\uffa0"
_BLANKS = "\t\n\r \u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000" + _EMPTY_LETTERS
# Flags such as Scotland's are a black flag followed by tag characters, which elsewhere only hide text.
FLAG = re.compile("\U0001f3f4[\U000e0020-\U000e007e]+\U000e007f")
_HIDING = (
    {chr(c) for c in (*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0xFFF9, 0xFFFC))}
    | {chr(c) for c in range(0xE0000, 0xE0080)}
)  # fmt: skip
_CONTROLS = {"\t": "TAB", "\n": "LINE FEED", "\r": "CARRIAGE RETURN"}
_UNSEEN = ("Cc", "Cs", "Mc", "Me", "Mn")
_invisible = "".join(f"{chr(first)}-{chr(last)}" for first, last in (*_DEFAULT_IGNORABLE, *_DRAWN_AS_NOTHING))
_is_blank = re.compile(f"[{_BLANKS}]").match
_is_invisible = re.compile(f"[{_invisible}]").match
_special_in = re.compile(f"[{_BLANKS}{_invisible}]").search


def is_blank(char: str) -> bool:
    """Whether this is white space, or as wide as a letter with nothing in it."""
    return _is_blank(char) is not None


def is_invisible(char: str) -> bool:
    """Whether this is drawn as nothing at all; a blank is not."""
    return _is_blank(char) is None and _is_invisible(char) is not None


def has_only_letters(text: str) -> bool:
    """Whether there is neither a blank nor anything invisible in the text: so of most words, and soon seen."""
    return _special_in(text) is None


def visible_length(text: str) -> int:
    """How long a text is for people: what cannot be seen is nothing, white space between two letters is one.

    A combining mark belongs to its letter, so a letter with its marks is one, and marks alone are nothing.
    """
    if text.isascii() and text.isprintable():
        return len(" ".join(text.split()))
    shown = "".join(" " if is_blank(char) else "x" for char in text if is_blank(char) or _is_seen(char))
    return len(" ".join(shown.split()))


def is_text(text: str) -> bool:
    """Whether there is anything in the text that can be seen."""
    if text.isascii() and text.isprintable():
        return not text.isspace() and text != ""
    return any(not is_blank(char) and _is_seen(char) for char in text)


def forbidden_character(text: str) -> tuple[int, str] | None:
    """Index and name of the first character that controls a terminal or hides text; emoji, tabs and new lines pass."""
    if text.isprintable() and _HIDING.isdisjoint(text):
        return None  # which is so of nearly every text, and seen at once
    plain = FLAG.sub(lambda flag: "x" * len(flag[0]), text)
    for index, char in enumerate(plain):
        if (char in _HIDING or category(char) in ("Cc", "Cs")) and char not in "\n\t":
            return index, code_point(char)
    return None


def code_point(char: str) -> str:
    """A character by its number and its name: `U+200B ZERO WIDTH SPACE`."""
    return f"U+{ord(char):04X} {_CONTROLS.get(char) or character_name(char, 'control character')}"


def _is_seen(char: str) -> bool:
    return category(char) not in _UNSEEN and not is_invisible(char)

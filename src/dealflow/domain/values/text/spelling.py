"""The one form in which ids and names are kept, and what of a given one was changed for it."""

from collections import Counter
from collections.abc import Collection
from unicodedata import category, combining, is_normalized, normalize
from unicodedata import name as character_name

from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import Phrase, phrase
from dealflow.domain.values.text.visible import (
    FLAG,
    code_point,
    forbidden_character,
    has_only_letters,
    is_blank,
    is_invisible,
)

_JOINERS = "\u200c\u200d"
_VIRAMA = 9  # the combining class of what joins two letters of an Indic script
# Scripts whose words are written with joiners: cursive ones, and those that build clusters.
_JOINING = frozenset({
    "ADLAM", "ARABIC", "BALINESE", "BENGALI", "DEVANAGARI", "GUJARATI", "GURMUKHI", "JAVANESE", "KANNADA", "KHMER",
    "MALAYALAM", "MANDAIC", "MANICHAEAN", "MONGOLIAN", "MYANMAR", "NKO", "ORIYA", "PHAGS-PA", "SINHALA", "SOGDIAN",
    "SYRIAC", "TAMIL", "TELUGU", "TIBETAN",
})  # fmt: skip
_PLACES = {
    "customer": phrase("customer"),
    "customer's name": phrase("customer's name"),
    "deal": phrase("deal"),
    "director": phrase("director"),
    "escalation": phrase("escalation"),
    "evidence": phrase("evidence"),
    "manager": phrase("manager"),
    "name": phrase("name"),
    "owner": phrase("owner"),
    "person": phrase("person"),
    "position": phrase("position"),
    "process": phrase("process"),
    "stage": phrase("stage"),
    "author": phrase("author"),
    "step": phrase("step"),
    "title": phrase("title"),
    "user": phrase("user"),
}
_SHOWN = 60
_NAMED = 8


class Respelled(Frozen):
    """An id or a name that was not given as it is kept; `characters` are those that are not in it any more.

    Without any, it is the id of a customer who was merged into another.
    Of a personal name neither spelling is repeated: an answer is stored, and whoever is erased would stay in it.
    """

    place: str
    given: str | None
    kept: str | None
    characters: tuple[str, ...]

    @property
    def what(self) -> Phrase:
        """What was given and what is kept, with every character that cannot be seen written as its code."""
        if self.given is None or self.kept is None:
            return phrase("taken out or written otherwise: {characters}", characters=self.characters)
        if not self.characters:
            return phrase("'{given}' goes on as '{kept}'", given=_shown(self.given), kept=_shown(self.kept))
        return phrase(
            "'{given}' is taken as '{kept}'; taken out or written otherwise: {characters}",
            given=_shown(self.given),
            kept=_shown(self.kept),
            characters=self.characters,
        )

    @property
    def said(self) -> Phrase:
        """The same, with the place in the reader's language."""
        return phrase("{place}: {what}", place=_PLACES.get(self.place, self.place), what=self.what)


def normal_id(given: str) -> str:
    """An id as it is kept: NFC, one blank for all white space between two words, none around them, nothing invisible.

    A text with a character that is refused everywhere stays as it was given, so that it is refused.
    """
    return _normal(given, is_name=False)


def normal_name(given: str) -> str:
    """A name as it is kept: the same, but what a script or an emoji needs to be drawn right stays inside a word."""
    return _normal(given, is_name=True)


def respelled(place: str, given: str, kept: str, *, personal: bool = False) -> Respelled | None:
    """What was changed; None where nothing was."""
    if given == kept:
        return None
    # Where nothing is gone, marks on one letter stand in another order.
    gone = list(Counter(given) - Counter(kept)) or [char for char in dict.fromkeys(given) if combining(char)]
    characters = tuple(map(code_point, gone[:_NAMED]))
    shown = (None, None) if personal else (given, kept)
    return Respelled(place=place, given=shown[0], kept=shown[1], characters=characters)


def merged_away(given: str, current: str) -> Respelled:
    """That a customer is given by a former id."""
    return Respelled(place="customer", given=given, kept=current, characters=())


def known_or_normal(given: str, known: Collection[str]) -> str:
    """The id itself where it is known as it was given, which old records may need; else as it is kept."""
    return given if given in known else normal_id(given)


def _normal(given: str, *, is_name: bool) -> str:
    if given.isascii() and given.isprintable():
        return " ".join(given.split())
    if has_only_letters(given) and is_normalized("NFC", given):
        return given
    if forbidden_character(given) is not None:
        return given
    text = given
    # What is taken out may have stood between a letter and its mark, or a joiner and its letter.
    while (further := _step(text, is_name=is_name)) != text:
        text = further
    return text


def _step(text: str, *, is_name: bool) -> str:
    composed = normalize("NFC", text)
    flags = {index for flag in FLAG.finditer(composed) for index in range(*flag.span())} if is_name else set[int]()
    kept: list[str] = []
    for index, char in enumerate(composed):
        if is_blank(char):
            if kept and kept[-1] not in " \n":
                kept.append("\n" if char == "\n" else " ")
            elif kept and char == "\n":
                kept[-1] = char
        elif not is_invisible(char) or index in flags or (is_name and _is_needed(char, kept, composed[index + 1 :])):
            kept.append(char)
    return "".join(kept).strip(" \n")


def _is_needed(char: str, before: list[str], after: str) -> bool:
    """Whether what is drawn beside this invisible character would be drawn otherwise without it."""
    last = before[-1] if before else " "
    following = next((each for each in after if not is_invisible(each)), " ")
    is_symbol = category(last)[0] == "S" or last == "\ufe0f"
    if char in _JOINERS:
        in_a_word = combining(last) == _VIRAMA or (_script(last) in _JOINING and _script(following) in _JOINING)
        return in_a_word or (char == "\u200d" and is_symbol and category(following)[0] == "S")
    if "\ufe00" <= char <= "\ufe0f":
        is_key = last in "#*0123456789" and following == "\u20e3"
        return (
            is_key or (is_symbol and last != "\ufe0f") or _script(last) in ("CJK", "MONGOLIAN", "MYANMAR", "PHAGS-PA")
        )
    if "\U000e0100" <= char <= "\U000e01ef":
        return _script(last) == "CJK" and not is_invisible(last)
    return "\u180b" <= char <= "\u180f" and _script(last) == "MONGOLIAN" and not is_invisible(last)


def _script(char: str) -> str:
    """The first word of a character's name, which for letters is their script."""
    return character_name(char, "").partition(" ")[0]


def _shown(text: str) -> str:
    """The text with everything in it that a reader would not see, the doubled and outer blanks too, as its code."""
    cut = text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
    last = len(cut) - 1
    return "".join(
        _escaped(char)
        if not char.isprintable()
        or is_invisible(char)
        or (is_blank(char) and (char != " " or index in (0, last) or cut[index - 1] == " "))
        else char
        for index, char in enumerate(cut)
    )


def _escaped(char: str) -> str:
    return "\\x20" if char == " " else char.encode("unicode_escape").decode()

"""Letters of one script that look like another's, and dashes of any kind: no reader can tell such a text from its double."""

import re
from collections import Counter
from typing import NamedTuple
from unicodedata import category, normalize
from unicodedata import name as character_name

# Letters in everyday use that are drawn alike, from confusables.txt of Unicode 15.1 (UTS #39), by group. A letter of
# Latin beyond Extended-A, and what is a letter with a mark, is left out: the mark is taken off before.
_ALIKE = (
    "AΑАᎪꓮ", "BΒВᏴꓐ", "CСᏟⲤꓚ𐐕", "DᎠꓓ", "EΕЕᎬꓰ", "FϜꓝ", "GԌᏀᏳꓖ", "HΗНᎻⲎꓧ", "IlΙІӀⲒꓲ", "JͿЈᎫꓙ", "KΚКᏦⲔꓗ", "LᏞⳐꓡ𐐛",
    "MΜϺМᎷⲘꓟ", "NΝⲚꓠ", "OΟОՕⲞꓳ𐐄", "PΡРᏢⲢꓑ", "RᎡᏒꓣ", "SЅՏᏕᏚꓢ𐐠", "TΤТᎢⲦꓔ", "UՍꓴ", "VѴᏙꓦ", "WԜᎳᏔꓪ", "XΧХⲬꓫ", "YΥУҮᎩᎽⲨꓬ",
    "ZΖᏃꓜ", "aαа", "bЬᏏ", "cсⲥꮯ𐐽", "dԁᏧꓒ", "eеҽ", "fք", "gց", "hһհᏂ", "iıιіӏᎥꙇꭵ", "jϳј", "nոռ", "oοσоօⲟ𐐬", "pρрⲣ",
    "qԛգզ", "rгᴦⲅꮁ", "sѕꮪ𐑈", "uυս", "vνѵꮩ", "wѡԝաꮃ", "xх", "yγуү", "zꮓ", "ÞϷ", "ßβᏰ", "þϸ", "ĸκкⲕꮶ", "ͰᎨᎰ", "ͶИ𐐥",
    "ͷи𐑍", "ΓГᎱⲄ", "ΔⲆ", "ΛЛꓥ", "ΠПⲠ", "ΦФՓⲪ", "ΨѰⲮ", "δծ", "εєԑⲉꮛ𐐩", "λⲖ", "πпᴨ", "τтꭲ", "φфⲫ", "χⲭ", "ψѱ", "ωⲱꙍ",
    "ϨꙄ", "ϩꙅ", "ЄⲈ", "ЗӠⳌ", "ШⲼ", "бᏮⳒ", "вᏼ", "мꮇ", "нꮋ", "шⲽ", "ьꮟ", "ѠᏇ", "ӡⳍ", "ԍᏻꮐ", "ԐᏋ𐐁", "Ոꓵ", "ᴩꮲ", "ⳑꮮ𐑃",
    "ꓛ𐐣", "ꓶ𐐑",
)  # fmt: skip
_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "COPTIC", "CHEROKEE", "LISU", "DESERET")
_GROUPS = {letter: group for group in _ALIKE for letter in group}
# Drawn as a hyphen, beside what Unicode calls a dash: the minus, a bullet and a modifier letter that are as short.
_HYPHENS = {0x2212: "-", 0x2043: "-", 0x02D7: "-"}
_LATIN = {ord(letter): group[0] for group in _ALIKE if group[0].isascii() for letter in group if not letter.isascii()}
_WORD = re.compile(r"\S+")


class LookAlike(NamedTuple):
    """A letter, where it stands in the text (0 is the first), and the script of the letters beside it."""

    at: int
    letter: str
    among: str


def as_drawn(text: str) -> str:
    """The text as it is compared with others: every dash is a hyphen, a letter that looks like a Latin one is that one."""
    if text.isascii():
        return text
    # A mark stands on the letter, whichever script that is of.
    apart = "".join("-" if category(char) == "Pd" else char for char in normalize("NFKD", text))
    return normalize("NFC", apart.translate(_HYPHENS | _LATIN))


def look_alike(text: str, *, by_word: bool = False) -> LookAlike | None:
    """A letter that looks like one of another script in the same text, or with `by_word` in the same word.

    A text in one script, and one whose scripts share no looks (Chinese beside Latin), has none.
    """
    if text.isascii():
        return None
    if not by_word:
        return _mixed_in(text, 0)
    found = (_mixed_in(word[0], word.start()) for word in _WORD.finditer(text))
    return next((each for each in found if each), None)


def _mixed_in(text: str, start: int) -> LookAlike | None:
    scripts = [_script(char) for char in text]
    counts = Counter(filter(None, scripts))
    if len(counts) < 2:
        return None
    found = [
        (counts[script], script == "LATIN", LookAlike(start + index, char, max(alike, key=counts.__getitem__)))
        for index, (char, script) in enumerate(zip(text, scripts, strict=True))
        if script and (alike := (counts.keys() - {script}) & _drawn_alike(char))
    ]
    # A keyboard was left in another script for a letter: the rarer script has it, and few mean a letter of Latin.
    return min(found)[2] if found else None


def _script(char: str) -> str:
    """The script of a letter, of those that share letters; "" for all else."""
    if category(char)[0] != "L":
        return ""
    script = character_name(char, "").partition(" ")[0]
    return script if script in _SCRIPTS else ""


def _drawn_alike(char: str) -> set[str]:
    """The scripts that have a letter like this one, great or small, whatever mark it bears."""
    base = normalize("NFD", char)[0]
    return {_script(other) for form in (base, base.upper(), base.lower()) for other in _GROUPS.get(form, "")}

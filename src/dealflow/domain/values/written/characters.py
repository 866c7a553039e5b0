"""One spelling of the characters that numbers and days are written with: half width, plain blanks, one minus."""

# Only these. What Unicode calls compatible would read a superscript two as a digit, and 5² as 52.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
_BLANKS = dict.fromkeys((0x00A0, 0x2007, 0x2009, 0x202F, 0x3000), " ")
_MARKS = {0x2212: "-", 0x2019: "'", 0x02BC: "'", 0xFFE5: "¥", 0xFFE1: "£", 0xFFE6: "₩"}
_SPELLED = _FULL_WIDTH | _BLANKS | _MARKS


def half_width(text: str) -> str:
    """The text in half width, without blanks around it."""
    return text.translate(_SPELLED).strip()

"""Characters that nobody sees: none of them is text, and none belongs to an id."""

UNSEEN = (
    "\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u17b4", "\u17b5", "\u180b", "\u180e", "\u180f", "\u200b",
    "\u200c", "\u200d", "\u200e", "\u200f", "\u2060", "\u2064", "\u206a", "\u2800", "\u3164", "\ufe00", "\ufe0f",
    "\ufeff", "\uffa0", "\U0001d173", "\U000e0100", "\U000e01ef", "\u00a0", "\u1680", "\u2003", "\u2028", "\u2029",
    "\u202f", "\u205f", "\u3000", " ", "\t", "\u0301", "\u20dd",
)  # fmt: skip
INVISIBLE = tuple(char for char in UNSEEN if char not in "\u2800\u3164\uffa0\u0301\u20dd" and not char.isspace())
BLANKS = tuple(char for char in UNSEEN if char.isspace() or char in "\u2800\u3164\uffa0")

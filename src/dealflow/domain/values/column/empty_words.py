"""The words that spreadsheets, data frames and databases write where there is nothing."""

from collections.abc import Collection

from dealflow.domain.values.written.characters import half_width

EMPTY_WORDS = frozenset(
    (
        "-", "--", "---", "—", "–", "n/a", "#n/a", "n.a.", "na", "nan", "-nan", "null", "(null)", "none", "nat", "<na>", "nil",
        "\\n", "(blank)", "(empty)", "(none)", "#null!", "#value!", "#ref!", "#div/0!", "#name?", "#num!", "not available",
        "unknown", "(leer)", "(空白)", "无",
    )
)  # fmt: skip
# Where databases and programs must write a day and have none.
NO_DAYS = frozenset(("0", "0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "01/01/0001", "0001-01-01"))


def is_empty_word(cell: str, words: Collection[str] = EMPTY_WORDS) -> bool:
    """Whether the cell is one of the words, in any case."""
    return half_width(cell).casefold() in words

"""The words that spreadsheets, data frames and databases write where there is nothing."""

from collections.abc import Collection

from dealflow.domain.values.written.characters import half_width

EMPTY_WORDS = frozenset(
    (
        "-", "--", "---", "—", "–", "n/a", "#n/a", "n.a.", "na", "nan", "-nan", "null", "(null)", "none", "nat", "<na>", "nil",
        "\\n", "(blank)", "(empty)", "(none)", "#null!", "#value!", "#ref!", "#div/0!", "#name?", "#num!", "not available",
        "unknown", "(leer)", "(vide)", "(vacío)", "(en blanco)", "(空白)", "无", "#n/d", "#nv", "#wert!", "#bezug!", "#valeur!",
        # Nothing as bookkeepers have spreadsheets write it.
        "$ -", "- $", "€ -", "- €", "£ -", "¥ -", "₹ -", "$-", "€-", "-€", "£-", "¥-",
    )
)  # fmt: skip
# Those that nobody is called: what is left out here may be a name.
NO_NAMES = EMPTY_WORDS - {"unknown", "not available", "无"}
# Where databases and programs must write a day and have none.
NO_DAYS = frozenset(
    (
        "0", "0000-00-00", "0000-00-00 00:00:00", "00/00/0000", "00.00.0000", "00000000", "01/01/0001", "0001-01-01",
        "0001-01-01 00:00:00", "0001-01-01t00:00:00", "0001-01-01t00:00:00z", "01/01/0001 00:00:00", "01.01.0001 00:00:00",
        "1/1/0001 12:00:00 am", "1/0/1900", "1/0/00", "00.01.1900", "1900-01-00", "1899-12-30", "1899-12-30 00:00:00",
        "12/30/1899", "30/12/1899", "30.12.1899",
        # The end of what has none.
        "9999-12-31", "9999-12-31 00:00:00", "9999-12-31 23:59:59", "9999-12-31t23:59:59z", "31.12.9999", "31/12/9999",
        "12/31/9999", "99991231",
    )
)  # fmt: skip


def is_empty_word(cell: str, words: Collection[str] = EMPTY_WORDS) -> bool:
    """Whether the cell is one of the words, in any case."""
    return " ".join(half_width(cell).split()).casefold() in words

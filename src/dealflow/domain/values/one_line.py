"""Foreign text on one line, without characters that control a terminal or hide text."""

MAX_SHOWN = 300


def one_line(text: str, most: int = MAX_SHOWN) -> str:
    """The text on one line of at most `most` characters; a character that cannot be printed is written as its code."""
    cut = text if len(text) <= most else text[: most - 3] + "..."
    joined = " ".join(cut.split())
    # The zero-width joiner holds emoji and some scripts together.
    return "".join(c if c.isprintable() or c == "\u200d" else c.encode("unicode_escape").decode() for c in joined)

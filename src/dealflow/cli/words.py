"""The program's own words in Chinese; the English text is the key."""

_CHINESE: dict[str, str] = {}


def translated(text: str, language: str) -> str:
    """The text in this language; what has no translation stays as it is."""
    return _CHINESE.get(text, text) if language == "zh" else text

"""The words and marks that stand for yes and no in the columns of spreadsheets, forms and programs."""

from dealflow.domain.values.written.characters import half_width

_YES = frozenset(
    (
        "true", "yes", "y", "t", "1", "1.0", "on", "x", "checked", "✓", "✔", "☑", "✅", "√", "是", "真", "对", "wahr", "ja", "vrai",
        "oui", "verdadero", "sí", "si", "vero", "sì", "verdadeiro", "sim", "waar", "prawda", "tak", "истина", "да", "doğru",
        "evet", "sant", "sand", "igaz", "igen", "adevărat", "ano",
    )
)  # fmt: skip
_NO = frozenset(
    (
        "false", "no", "n", "f", "0", "0.0", "off", "unchecked", "✗", "✘", "☐", "❌", "×", "否", "假", "falsch", "nein", "faux",
        "non", "falso", "não", "nao", "onwaar", "nee", "fałsz", "nie", "ложь", "нет", "yanlış", "hayır", "falskt", "nej",
        "falsk", "nei", "hamis", "nem", "fals", "nu", "ne",
    )
)  # fmt: skip


def read_yes(cell: str) -> bool | None:
    """Whether the cell says yes; None where it says neither."""
    word = half_width(cell).casefold()
    return True if word in _YES else False if word in _NO else None

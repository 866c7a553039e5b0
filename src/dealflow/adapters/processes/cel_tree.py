"""The checked tree of an expression: where a part may be of any type, as the rule library stores it (`cel.expr.CheckedExpr`)."""

from collections.abc import Iterator

from cel_expr_python import cel  # type: ignore[import-untyped]  # its stubs lack the py.typed marker

# Numbers of fields in the messages of CEL's syntax, which are part of its stored form and never change.
_WRAPPED = 2  # Any.value
_TYPE_MAP, _SOURCE = 3, 5  # of a CheckedExpr
_POSITIONS = 4  # of its source
_KEY, _VALUE = 1, 2  # of an entry of a map
_ANYTHING, _LIST, _MAP = 1, 6, 7  # of a Type
_LENGTH_DELIMITED = 2


def first_of_any_type(expression: cel.Expression) -> int | None:
    """The offset of the first part that may hold values of any type, such as a list of unlike values; None without one."""
    checked = next(value for number, value in _fields(expression.serialize()) if number == _WRAPPED)
    assert isinstance(checked, bytes)
    loose: set[object] = set()
    places: dict[object, int] = {}
    for number, value in _fields(checked):
        if number == _TYPE_MAP and isinstance(value, bytes):
            entry = dict(_fields(value))
            if _is_loose(entry.get(_VALUE, b"")):
                loose.add(entry.get(_KEY, 0))
        elif number == _SOURCE and isinstance(value, bytes):
            entries = (
                dict(_fields(each)) for part, each in _fields(value) if part == _POSITIONS and isinstance(each, bytes)
            )
            places = {entry.get(_KEY, 0): int(entry.get(_VALUE, 0)) for entry in entries}
    return min((places.get(part, 0) for part in loose), default=None)


def _is_loose(written: object) -> bool:
    """Whether a type is, or holds, the type that takes anything."""
    if not isinstance(written, bytes):
        return False
    for number, value in _fields(written):
        if number == _ANYTHING:
            return True
        inner = _fields(value) if number in (_LIST, _MAP) and isinstance(value, bytes) else ()
        if any(_is_loose(each) for _, each in inner):
            return True
    return False


def _fields(message: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message in Protocol Buffers' wire format; only numbers and what has a length occur here."""
    at = 0
    while at < len(message):
        tag, at = _number(message, at)
        if tag & 7 == _LENGTH_DELIMITED:
            length, at = _number(message, at)
            yield tag >> 3, message[at : at + length]
            at += length
        else:
            value, at = _number(message, at)
            yield tag >> 3, value


def _number(message: bytes, at: int) -> tuple[int, int]:
    """A number of variable length, and where the next value begins."""
    value = shift = 0
    while True:
        byte = message[at]
        value |= (byte & 0x7F) << shift
        shift, at = shift + 7, at + 1
        if byte < 0x80:
            return value, at

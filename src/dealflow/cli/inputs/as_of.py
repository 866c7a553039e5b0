"""`--as-of` and `--as-known-at`, read into the past that they ask about."""

from dealflow.application.reading.as_of import AS_KNOWN_AT, AS_OF, AsOf
from dealflow.cli.inputs.writing import Writing


def asked_past(writing: Writing, as_of: str | None, known_at: str | None = None) -> AsOf:
    """The past that is asked about; a date is its last instant, today is now. What a word was read as is said."""
    asked = AsOf(writing.as_of(as_of, AS_OF), writing.as_of(known_at, AS_KNOWN_AT))
    writing.tell()
    return asked

"""`--as-of` and `--as-known-at`, read into the past that they ask about."""

from dealflow.application.reading.as_of import AS_KNOWN_AT, AS_OF, AsOf
from dealflow.cli.inputs.values import instant
from dealflow.cli.session import Session


def asked_past(session: Session, as_of: str | None, known_at: str | None = None) -> AsOf:
    """The past that is asked about; a date is its 00:00 in the zone of the user."""
    return AsOf(instant(as_of, session.zone, AS_OF), instant(known_at, session.zone, AS_KNOWN_AT))

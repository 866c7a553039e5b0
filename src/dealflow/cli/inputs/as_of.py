"""`--as-of` and `--as-known-at`, read into the past that they ask about."""

from zoneinfo import ZoneInfo

from dealflow.application.reading.as_of import AS_KNOWN_AT, AS_OF, AsOf
from dealflow.cli.inputs.values import instant


def asked_past(zone: ZoneInfo, as_of: str | None, known_at: str | None = None) -> AsOf:
    """The past that is asked about; a date is its 00:00 in this zone."""
    return AsOf(instant(as_of, zone, AS_OF), instant(known_at, zone, AS_KNOWN_AT))

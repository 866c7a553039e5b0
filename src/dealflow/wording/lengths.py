"""Lengths of time in words."""

from dealflow.domain.values.duration import Duration


def length(written: str) -> str:
    """A duration as it is stored (`10 working days`), to be said by a catalogue; other text as it stands."""
    try:
        return Duration.model_validate(written).said
    except ValueError:
        return written

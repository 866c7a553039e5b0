"""Versions of people and calendars as a person reads them."""

from dealflow.application.house.versions import HouseLoaded
from dealflow.cli.output import print_json, reader, say
from dealflow.domain.house.streams import PEOPLE_STREAM
from dealflow.domain.values.phrase import Phrase, counted, phrase

SHOWN = 12


def print_loaded(done: HouseLoaded, entries: int) -> int:
    """Print which version counts now, and whether it did before."""
    to = reader()
    if to.json:
        print_json({**done.model_dump(mode="json", exclude={"stream"}), "entries": entries})
        return 0
    of = _people(entries) if done.stream == PEOPLE_STREAM else _calendars(entries)
    named = {"of": of, "version": done.version, "digest": done.digest[:SHOWN]}
    said = (
        phrase("From now on version {version} counts: {of} ({digest}).", **named)
        if done.new
        else phrase("Version {version} counts already, since {at}: {of} ({digest}).", at=to.time(done.since), **named)
    )
    say(to.t(said))
    return 0


def _people(n: int) -> Phrase:
    return counted("{n:,} person", "{n:,} people", n)


def _calendars(n: int) -> Phrase:
    return counted("{n:,} calendar beside those shipped", "{n:,} calendars beside those shipped", n)

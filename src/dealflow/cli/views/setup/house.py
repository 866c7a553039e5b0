"""Versions of people and calendars as a person reads them."""

from collections.abc import Iterator

from dealflow.application.house.versions import HouseLoaded
from dealflow.application.tokens.people_change import PeopleChange
from dealflow.cli.output import print_json, reader, say
from dealflow.domain.house.streams import PEOPLE_STREAM
from dealflow.domain.values.phrase import Phrase, counted, phrase

SHOWN = 12


def print_loaded(done: HouseLoaded, entries: int) -> int:
    """Print which version counts now, and whether it did before."""
    if reader().json:
        print_json(_document(done, entries))
        return 0
    _say_loaded(done, entries)
    return 0


def print_people_loaded(done: HouseLoaded, entries: int, change: PeopleChange) -> int:
    """The same for people, and what they mean for deals in progress and for tokens."""
    if reader().json:
        print_json({**_document(done, entries), **change.model_dump(mode="json")})
        return 0
    _say_loaded(done, entries)
    for line in _means(change):
        say(line)
    return 0


def _means(change: PeopleChange) -> Iterator[Phrase]:
    for gone in change.owners_gone:
        named = {"owner": gone.owner, "deals": list(gone.first)}
        if not gone.first:
            yield counted(
                "{owner} is not among the people, and owns {n:,} deal in progress",
                "{owner} is not among the people, and owns {n:,} deals in progress",
                gone.deals,
                owner=gone.owner,
            )
        elif len(gone.first) == gone.deals:
            yield counted(
                "{owner} is not among the people, and owns {n:,} deal in progress: {deals}",
                "{owner} is not among the people, and owns {n:,} deals in progress: {deals}",
                gone.deals,
                **named,
            )
        else:
            yield phrase(
                "{owner} is not among the people, and owns {n:,} deals in progress, such as {deals}",
                n=gone.deals,
                **named,
            )
    if change.owners_gone:
        yield phrase("Give such deals to others: dealflow deal reassign")
    if change.left_alone:
        yield phrase("had somebody above, and have nobody any more: {people}", people=list(change.left_alone))
    for token in change.tokens_again:
        yield phrase(
            "{person} is back: token {token} is good again; if it is not to be: dealflow token revoke {token}",
            person=token.person,
            token=token.token_id,
        )


def _document(done: HouseLoaded, entries: int) -> dict[str, object]:
    return {**done.model_dump(mode="json", exclude={"stream"}), "entries": entries}


def _say_loaded(done: HouseLoaded, entries: int) -> None:
    to = reader()
    of = _people(entries) if done.stream == PEOPLE_STREAM else _calendars(entries)
    named = {"of": of, "version": done.version, "digest": done.digest[:SHOWN]}
    said = (
        phrase("From now on version {version} counts: {of} ({digest}).", **named)
        if done.new
        else phrase("Version {version} counts already, since {at}: {of} ({digest}).", at=to.time(done.since), **named)
    )
    say(to.t(said))


def _people(n: int) -> Phrase:
    return counted("{n:,} person", "{n:,} people", n)


def _calendars(n: int) -> Phrase:
    return counted("{n:,} calendar beside those shipped", "{n:,} calendars beside those shipped", n)

"""`deal history` as a person reads it."""

from dataclasses import dataclass

from dealflow.application.reading.history import EntriesWanted, HistoryEntry, history
from dealflow.cli.inputs.values import past
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.session import Session
from dealflow.cli.tables import cell
from dealflow.cli.views.deals.board import must_be_known
from dealflow.domain.deal.events import TOPICS
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.suggest import nearest


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries are asked for, as written."""

    as_of: str | None
    known_at: str | None
    kind: str | None
    actor: str | None
    limit: int | None
    after: int


def show_history(session: Session, deal_id: str, asked: Wanted) -> int:
    """Print the story of one deal."""
    deal, process = session.system.known_deals.load(deal_id)
    as_of = past(asked.as_of, session.zone, "as-of", session.now)
    known_at = past(asked.known_at, session.zone, "as-known-at", session.now)
    for place, instant, first in (("as-of", as_of, deal.opened_at), ("as-known-at", known_at, deal.opened_recorded_at)):
        if instant is not None and instant < first:
            raise refuse(Code.TIME_BEFORE_FIRST, place, given=instant, first=first)
    wanted = EntriesWanted(
        kind=asked.kind, actor=asked.actor, as_of=as_of, as_known_at=known_at, limit=asked.limit, after=asked.after
    )
    recorded = session.system.store.load(stream_of(deal_id))
    people, to = session.system.people.current(), reader()
    story = history(recorded, process.definition, people, wanted, language=to.language, zone=to.zone)
    if not story.entries:
        _must_be_known(session, asked)
    if to.json:
        print_json(story)
        return 0
    say(f"{deal_id}  {cell(deal.title)}  {deal.process}")
    for entry in story.entries:
        say(_line(entry))
    if not story.entries:
        note(to.t("Nothing of that kind has happened."))
    if story.more:
        say(to.t("There is more: --after {n}").format(n=story.entries[-1].n))
    return 0


def _must_be_known(session: Session, asked: Wanted) -> None:
    """A kind or a person that exists nowhere: an empty story for a slip of the pen would say something untrue."""
    must_be_known(session, people=(asked.actor,))
    kinds = [topic.removeprefix("deal.").rpartition(".")[0] for topic in TOPICS if topic.startswith("deal.")]
    if asked.kind is not None and not any(kind.startswith(asked.kind.removeprefix("deal.")) for kind in kinds):
        suggestion = nearest(asked.kind, [*kinds, *(kind.partition("_")[0] for kind in kinds)])
        wrong, right = f"nothing is called {asked.kind!r}", f"the beginning of one of {', '.join(kinds)}"
        raise refuse(Code.FIELD_INVALID, "kind", field="kind", wrong=wrong, right=right, suggestion=suggestion)


def _line(entry: HistoryEntry) -> str:
    to = reader()
    said = f"{entry.n:>4}  {to.time(entry.effective_at)}  {'  ' if entry.caused_by else ''}{entry.what}"
    if entry.caused_by is None:
        acted = (
            to.t("{actor} for {person}").format(actor=entry.actor, person=entry.on_behalf_of)
            if entry.on_behalf_of
            else entry.actor
        )
        said += f"  [{cell(acted)}]"
    if entry.back_dated:
        said += "  " + to.t("(recorded {at})").format(at=to.time(entry.recorded_at))
    return said

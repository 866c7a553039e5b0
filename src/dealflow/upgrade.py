"""Brings a store up to date: what an older version did not keep, or what was damaged, is computed from the events."""

from collections.abc import Callable

from dealflow.adapters.files.private import holds
from dealflow.adapters.store import found_schema, place_of, seals_were_removed
from dealflow.adapters.store.found_schema import AFTER_REMOVED_SEALS, SEALED_FROM, removed_seals
from dealflow.adapters.store.rows.tables import SCHEMA_VERSION
from dealflow.application.customers.linked_ids import id_differences
from dealflow.application.engine.held import AllHeld, held_by_all, held_differences
from dealflow.application.health.parts import named_part, running
from dealflow.application.health.state import RunningState
from dealflow.application.ports.store import StoreUnreachable
from dealflow.bootstrap import System, open_system
from dealflow.domain.track.unique_values import ValueHolder
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.phrase import NOTHING, Phrase, phrase
from dealflow.settings import Settings

_TRIES = 5
MOST_LISTED = 1000


class HeldPiece(Frozen):
    """A piece of evidence by its deal and id."""

    deal: str
    evidence: str


class Upgraded(Frozen):
    """What an upgrade did. `twice`: pieces of evidence with one value, the first of which will count; `unread`: deals that
    cannot be read, so that their values are not known; `keys`: what is wrong with those of personal data. Nothing was
    done where the schema was this version's already; a store that was made has no schema before.
    """

    place: str
    schema_before: int
    schema_after: int
    events: int = 0
    values: int = 0
    twice: tuple[tuple[HeldPiece, ...], ...] = ()
    unread: tuple[str, ...] = ()
    keys: Phrase = NOTHING

    @property
    def changed(self) -> bool:
        """Whether there was anything to do."""
        return self.schema_before != self.schema_after

    @property
    def is_new(self) -> bool:
        """Whether there was no store before."""
        return self.schema_before == 0


def upgrade_store(
    settings: Settings, progress: Callable[[int, int], None], must_be_let: Callable[[System], None]
) -> Upgraded:
    """Bring it up to date; again, nothing. StoreUnreachable where there is none, where it is newer, or where parts run.

    `must_be_let` is asked of whoever does not hold the home, and raises CommandRefused. Whoever holds it is not asked: their
    people may be what this version cannot read before the upgrade.

    In a PostgreSQL database that is named and empty the tables are made, as by any command.
    """
    before = found_schema(settings.database_url, settings.home)
    if before == 0 and not settings.database_url:
        raise StoreUnreachable(phrase("there is no store to upgrade; set DEALFLOW_HOME or --home"))
    if before < SCHEMA_VERSION and seals_were_removed(settings.database_url, settings.home, settings.seal_keys):
        place = place_of(settings.database_url, settings.home)
        raise StoreUnreachable(phrase("{says}; {do}", says=removed_seals(place), do=AFTER_REMOVED_SEALS))
    with open_system(settings, upgrading=True) as system:
        place = system.parts.place
        if before in (0, SCHEMA_VERSION):
            return Upgraded(place=place, schema_before=before, schema_after=SCHEMA_VERSION)
        if not holds(settings.home):
            must_be_let(system)
        _must_stand_still(system)
        keys = (before < SEALED_FROM and system.parts.keys.upgrade()) or NOTHING
        # Whoever began its seal anew has sealed it before it is brought up to date.
        if before >= SEALED_FROM or system.parts.sealing.state().seals:
            reindex_store(system, progress)
            events, held = system.parts.upgrade.events(), held_by_all(system.store, system.processes, progress)
            system.parts.upgrade.finish_sealed()
            return _done(place, before, events, held).model_copy(update={"keys": keys})
        for _ in range(_TRIES):
            events = system.parts.upgrade.events()
            held = held_by_all(system.store, system.processes, progress)
            if system.parts.upgrade.finish(held.rows(), events):
                return _done(place, before, events, held).model_copy(update={"keys": keys})
    raise StoreUnreachable(phrase("somebody writes to the store ({place}); stop all parts and try again", place=place))


class Reindexed(Frozen):
    """How many values had other holders in the store than the deals say, and were put right.

    `ids`: so many rows of ids of other systems said something else than the customers' events; `keys`: so many rows of keys
    something else than the events and the keys.
    """

    place: str
    mended: int
    ids: int = 0
    keys: int = 0


def reindex_store(system: System, progress: Callable[[int, int], None]) -> Reindexed:
    """Put right who holds the values that may stand once, who is found by ids of other systems, and whose keys are whose.

    Again, nothing.

    The system may work meanwhile. Raise StoreUnreachable.
    """
    values, place = system.parts.held_values, system.parts.place
    for _ in range(_TRIES):
        wrong = held_differences(system.store, values, system.processes, progress)
        if not wrong or values.put([difference.mended for difference in wrong]):
            # Whose id it is is digested under a key, which a row may have hidden.
            keys = system.parts.key_rows.put_right()
            ids = id_differences(system.store, system.parts.external_ids)
            system.parts.external_ids.put_right(ids)
            return Reindexed(place=place, mended=len(wrong), ids=len(ids), keys=keys)
    raise StoreUnreachable(phrase("the store ({place}) changes too fast for this; try again", place=place))


def _must_stand_still(system: System) -> None:
    """Parts of the older version would go on writing what this one has to keep."""
    parts = system.parts.running
    alive = running(RunningState(at=parts.now(), parts=tuple(parts.all())))
    if alive:
        first, more = named_part(alive[0]), len(alive) - 1
        raise StoreUnreachable(
            phrase("{part} runs, and {n} more; stop them and try again", part=first, n=more)
            if more
            else phrase("{part} runs; stop it and try again", part=first)
        )


def _done(place: str, before: int, events: int, held: AllHeld) -> Upgraded:
    return Upgraded(
        place=place,
        schema_before=before,
        schema_after=SCHEMA_VERSION,
        events=events,
        values=len(held.holders),
        twice=tuple(tuple(_piece(one) for one in holders) for holders in held.twice()[:MOST_LISTED]),
        unread=tuple(held.unread[:MOST_LISTED]),
    )


def _piece(holder: ValueHolder) -> HeldPiece:
    return HeldPiece(deal=holder.deal, evidence=holder.evidence)

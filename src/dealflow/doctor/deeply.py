"""`doctor --deep`: everything in the store and in Temporal checked against each other."""

import asyncio
from collections.abc import Callable, Iterator

from dealflow.adapters.temporal.client import let_go
from dealflow.application.audit.invariants import Checked, Invariants, checked, to_its_end
from dealflow.application.audit.seal_checks import SealCheck
from dealflow.application.audit.stream_checks import RESTORE, Finding, finding
from dealflow.application.audit.value_checks import id_fault, key_fault, not_compared, value_fault
from dealflow.application.audit.workflow_checks import compare
from dealflow.application.customers.linked_ids import id_differences
from dealflow.application.engine.held import held_differences
from dealflow.application.ports.store import EventUnreadable, KeysUnavailable, StoreUnreachable
from dealflow.bootstrap import System, open_system
from dealflow.doctor.looking import has_views
from dealflow.domain.deal.stream import stream_of
from dealflow.domain.values.phrase import phrase, phrase_of
from dealflow.settings import Settings
from dealflow.worker import reconcile

# Longer than the relay leaves a wake to others: one that was under way has arrived by then.
SETTLED_SECONDS = 10.0


def examine_deeply(settings: Settings, progress: Callable[[int, int], None]) -> Checked:
    """Whether everything holds that the store promises; `progress` hears how many events of how many were read."""
    try:
        with open_system(settings, reading=True) as system:
            return asyncio.run(check_invariants(system, progress))
    finally:
        let_go()


def _in_views(system: System) -> list[Finding]:
    """Where the board says something else than the streams that it was made of."""
    do = phrase("`dealflow reconcile` fills the board anew")
    if not has_views(system):
        return []
    try:
        return [
            finding("views", stream_of(deal), phrase("the board has deal {deal} otherwise than it is", deal=deal), do)
            for deal in system.board.differing()
        ]
    except EventUnreadable as error:
        return [Finding(check="views", stream=error.stream, version=error.version, says=phrase_of(error), do=RESTORE)]
    except StoreUnreachable:
        raise
    except Exception as error:  # noqa: BLE001  whatever stands in its tables, it is told and not thrown
        says = phrase("the tables of the board cannot be read: {error}", error=type(error).__name__)
        return [Finding(check="views", says=says, do=do)]


def in_rows(system: System) -> Iterator[Finding]:
    """Where rows that follow from the events say something else than the events do."""
    parts = system.parts
    yield from map(value_fault, held_differences(system.store, parts.held_values, system.processes))
    yield from map(key_fault, parts.key_rows.differing())
    try:
        yield from map(id_fault, id_differences(system.store, parts.external_ids))
    except KeysUnavailable as error:
        yield not_compared(phrase_of(error))


async def check_invariants(
    system: System,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    *,
    settled_seconds: float = SETTLED_SECONDS,
) -> Checked:
    """The store's rows, then its deals against their workflows; the system may work on meanwhile."""
    invariants = Invariants(system.parts.rows, system.processes, progress)
    counted, found = await asyncio.to_thread(lambda: invariants.check(system.parts.count_events()))
    rows = await asyncio.to_thread(lambda: [*to_its_end("rows", lambda: in_rows(system)), *_in_views(system)])
    counted = counted.model_copy(update={"faults": counted.faults + len(rows)})
    found += rows
    compared = await compare(lambda: reconcile(system, dry_run=True), lambda: asyncio.sleep(settled_seconds))
    seal = SealCheck(system.parts.seals, system.parts.rows)
    return await asyncio.to_thread(checked, counted, found, seal, compared)

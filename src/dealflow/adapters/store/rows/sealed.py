"""What an append leaves to be sealed: its events and the rows beside them, by their digests."""

from collections.abc import Sequence
from typing import Any

from dealflow.adapters.store.instants import to_micros
from dealflow.adapters.store.rows.tables import TransactionRows
from dealflow.adapters.store.seal.chain import UnsealedAppend
from dealflow.adapters.store.seal.digests import digest_of_row
from dealflow.application.ports.store import Append


def unsealed(appends: Sequence[Append], digests: Sequence[str], rows: TransactionRows) -> list[UnsealedAppend]:
    """In the order of the appends; `digests` are those of all their events, one after the other."""
    notices = {row[0]: row for row in rows.notices}
    found: list[UnsealedAppend] = []
    first = 0
    for append in appends:
        last = first + len(append.facts)
        beside: dict[str, Any] = {}
        if row := append.command:
            beside["command"] = (row.key, digest_of_row(row.content, row.answer))
        if append.notices:
            beside["notices"] = [(notice.key, digest_of_row(*notices[notice.key][1:5])) for notice in append.notices]
        if append.held:
            beside["held"] = [change.key for change in append.held]
        if change := append.schedule:
            due = to_micros(change.next_due)
            # A first run is not written, so that what was sealed before there were others says the same.
            later_run = (change.run,) if change.run > 1 else ()
            beside["schedule"] = (change.opening, int(change.in_progress), due, int(change.wake), *later_run)
        found.append(UnsealedAppend(append.stream, append.version + 1, digests[first:last], beside))
        first = last
    return found

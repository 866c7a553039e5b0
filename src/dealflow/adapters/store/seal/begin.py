"""Where a chain goes on, or begins: the last seal and the secret of the next, or why nothing may be written."""

from collections.abc import Callable, Sequence

from dealflow.adapters.store.seal.chain import SealHead
from dealflow.adapters.store.seal.keys import SealKeys
from dealflow.adapters.store.seal.marks import MarkedTable, changes_of, mark_of
from dealflow.adapters.store.seal.standing import Execute, Row, seal_as_it_stands
from dealflow.application.ports.store import StoreUnreachable
from dealflow.domain.values.phrase import phrase

LAST_SEAL = "SELECT number, key_id, seal FROM seals ORDER BY number DESC LIMIT 1"
# Of a row that changed: how often it has, the mark over what it says now, and its key.
NewMark = tuple[int, str, str]


class StoreSeal:
    """The seal of one open store: what is sealed and marked with, and whether it may be; for use in its transactions."""

    def __init__(self, keys: SealKeys, place: str) -> None:
        self.keys = keys
        self._place = place
        self._key_id = ""

    def begin_where_events_are(self, execute: Execute, *, position: str, now: str) -> None:
        """For a store of before the seal: seal it as it stands; one without events is sealed from its first append on."""
        is_sealed = execute(LAST_SEAL, ())
        if not is_sealed and execute("SELECT 1 AS one FROM stored_events LIMIT 1", ()):
            self.begin(execute, SealHead(0, "", ""), position=position, now=now, reason="upgrade")

    def begin(self, execute: Execute, head: SealHead, *, position: str, now: str, reason: str) -> SealHead:
        """Seal everything as it stands, by a new key; `now` is the database's clock as an expression, in microseconds."""
        at = int(execute(f"SELECT {now} AS micros", ())[0]["micros"])
        head = seal_as_it_stands(execute, self.keys, head, position=position, at=at, reason=reason)
        self._key_id = head.key_id
        return head

    def chain_at(self, last: Row | None, *, has_events: Callable[[], bool]) -> tuple[SealHead, bytes]:
        """Head and secret for the next seal; raise StoreUnreachable where it cannot be made.

        A store without events has no seal, and its first append makes the first key. Where there are events, a store
        without seals has lost them.
        """
        if last is not None:
            head = SealHead(last["number"], last["key_id"], last["seal"])
        elif has_events():
            raise self._gone()
        else:
            head = SealHead(0, self.keys.first(), "")
        self._key_id = head.key_id
        return head, self.keys.get(head.key_id)

    def marks(
        self, table: MarkedTable, rows: Sequence[Row], last: Callable[[], Row | None] = lambda: None
    ) -> list[NewMark]:
        """Those of rows that were just changed; none before a chain has begun. `last` reads the last seal."""
        if not self._key_id and rows:
            found = last()
            self._key_id = found["key_id"] if found else ""
        if not self._key_id:
            return []
        secret = self.keys.get(self._key_id)
        # Of a row that was changed twice, or put in the place of another, as it stands in the end.
        standing = {row[table.key]: (changes_of(row) + 1, row) for row in rows}
        return [
            (changes, mark_of(secret, self._key_id, table, row, changes), key)
            for key, (changes, row) in standing.items()
        ]

    def _gone(self) -> StoreUnreachable:
        return StoreUnreachable(
            phrase(
                "the store ({place}) has events and no seals, so nothing is written: somebody has removed them; restore"
                " it from a backup, or `dealflow store seal --anew` begins again with what is there",
                place=self._place,
            )
        )

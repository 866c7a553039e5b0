"""The place where the keys are kept, held against what the store knows: this store's own, gone, another's, or damaged."""

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from threading import RLock
from typing import Protocol

from dealflow.adapters.store.keys.key import Kept, KeyRow, KeysGone, KeyTable, id_of, whose
from dealflow.adapters.store.keys.registry import KeyRegistry, Registered
from dealflow.application.ports.store import KeysUnavailable, StoreUnreachable
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of


class EncryptedValue(Protocol):
    """A personal value of the store as it stands there."""

    @property
    def key_id(self) -> str:
        """The key that it names."""
        ...

    def opens(self, secret: bytes) -> bool:
        """Whether it can be decrypted with this secret."""
        ...


class Erasures(Protocol):
    """The log of the store: the only authority by which a key is destroyed again."""

    def of(self, keys: Mapping[str, str]) -> frozenset[str]:
        """Those of these keys, given with their subjects, that the log says are destroyed."""
        ...


class _Is(Enum):
    """What the place is found to be; `UNMARKED` keys are of a version that wrote no store's id."""

    OURS = 1
    UNMARKED = 2
    EMPTY = 3
    FOREIGN = 4
    UNUSABLE = 5


class KeyPlace:
    """Looks again whenever something else may have been put there; safe to use from several threads.

    `erased` are the ids of destroyed keys: of those whose secret is there, what the log says; else also what the store or the
    place has noted. `doubtful` are keys that are there, and that only a row of the store calls destroyed.
    """

    def __init__(
        self,
        table: KeyTable,
        registry: KeyRegistry,
        store_id: str,
        values: Callable[[], Iterable[EncryptedValue]],
        erasures: Erasures,
    ) -> None:
        self.table, self.registry = table, registry
        self.erased: frozenset[str] = frozenset()
        self.doubtful: frozenset[str] = frozenset()
        self._erasures = erasures
        self._store_id, self._values = store_id, values
        self._lock = RLock()
        self._token: object = None
        self._is, self._kept = _Is.EMPTY, Kept(is_there=False)
        self._is_complete = False

    def look(self) -> object:
        """Look what is there; the token is another one when what was read of the place before may not hold any more."""
        with self._lock:
            token = self.table.token()
            if not self.is_readable or token is None or token != self._token:
                self._kept = self.table.look()
                self._is = self._found(self._kept)
                self._settle_erasures()
                self._token = self.table.token()
            return self._token

    def look_again(self) -> None:
        """The same, although nothing else may have been put there: the store has noted something."""
        with self._lock:
            self._token = None
            self.look()

    @property
    def is_readable(self) -> bool:
        """Whether keys may be read: they are this store's, or of before and perhaps this store's."""
        return self._is in (_Is.OURS, _Is.UNMARKED)

    def must_be_ours(self) -> None:
        """Make sure that keys may be used and made; the place itself is made where no value of the store can miss it."""
        with self._lock:
            self.look()
            if self._is is _Is.OURS and self._is_complete:
                return
            self.learn()
            if self._is is _Is.UNMARKED and self._is_proven():
                self._mark()
            if self._is is _Is.EMPTY and not self.registry.has_any():
                self._mark()
            elif self._is is _Is.EMPTY:
                # Somebody may have made the place since, and put the first key there before the store knew it.
                self.look()
            if self._is is not _Is.OURS:
                says, do = self.problem() or self._foreign()
                raise KeysUnavailable(phrase("{says}; {do}", says=says, do=do))

    def must_take_new_keys(self) -> None:
        """Make sure that somebody's new key may be put here, and that nothing of another store, or unproven, is in the way."""
        with self._lock:
            self.look()
            self.learn()
            if self._is is _Is.EMPTY:
                self._mark()
            self.must_be_ours()

    def learn(self) -> None:
        """Let the store know the keys of all its values, where it is of a version that did not; the log is read for it."""
        with self._lock:
            if self._is_complete or self.registry.is_complete():
                self._is_complete = True
                return
            rows = self._rows()
            proofs: dict[str, str] = {}
            for value in self._values():
                if not proofs.get(value.key_id):
                    proofs[value.key_id] = _proof(value, rows)
            known = {row.id: (row.subject, row.number) for row in rows}
            self.registry.add(
                Registered(key_id, *known.get(key_id, whose(key_id)), proof) for key_id, proof in proofs.items()
            )
            # Where the keys are not there yet, it is to be tried again.
            if not proofs or any(proofs.values()) or self._is is _Is.OURS:
                self.registry.complete()
                self._is_complete = True

    def problem(self) -> tuple[Phrase, Phrase] | None:
        """Why no key can be had, and what to do about it; None where keys can be had, or none is needed yet."""
        match self._is:
            case _Is.UNUSABLE:
                says = phrase(
                    "{problem}; personal values read (key lost), and none is recorded", problem=self._kept.problem
                )
                return says, phrase("make it readable, or put a backup of it in its place")
            case _Is.FOREIGN:
                return self._foreign()
            case _Is.UNMARKED if not self._is_proven():
                return self._foreign()
            case _Is.EMPTY if self._has_values():
                says = phrase(
                    "{place} are not there: personal values read (key lost), and none is recorded",
                    place=self.table.place,
                )
                return says, phrase(
                    "put them back from their backup; where there is none, begin anew for each customer:"
                    " `dealflow customer rekey`"
                )
            case _:
                return None

    @property
    def is_exposed(self) -> bool:
        """Whether others than their owner may read the keys, as they were last found."""
        return self._kept.exposed

    def rows(self) -> list[KeyRow]:
        """All keys that may be read."""
        with self._lock:
            self.look()
            return self._rows()

    def _rows(self) -> list[KeyRow]:
        try:
            return self.table.all() if self.is_readable else []
        except (KeysGone, StoreUnreachable):
            return []

    def _foreign(self) -> tuple[Phrase, Phrase]:
        says = phrase(
            "{place} belong to another store: personal values read (key lost), and none is recorded",
            place=self.table.place,
        )
        return says, phrase("put this store's own keys there, from their backup, or name their place in DEALFLOW_KEYS")

    def _found(self, kept: Kept) -> _Is:
        if kept.problem:
            return _Is.UNUSABLE
        if kept.store_id is not None:
            return _Is.OURS if kept.store_id == self._store_id else _Is.FOREIGN
        try:
            return _Is.UNMARKED if kept.is_there and self.table.all() else _Is.EMPTY
        except KeysGone:
            return _Is.EMPTY
        except StoreUnreachable as error:
            self._kept = Kept(is_there=False, problem=phrase_of(error))
            return _Is.UNUSABLE

    def _has_values(self) -> bool:
        """Whether the store has personal values, or had when it was last looked; one of before is looked through."""
        return self.registry.has_any() or (not self.registry.is_complete() and any(True for _ in self._values()))

    def _is_proven(self) -> bool:
        """Whether one of the keys opens what the store says it does; without any value there is nothing that they would not."""
        proofs, rows = {key.proof for key in self.registry.all()}, self._rows()
        if any(row.secret is not None and id_of(row.secret) in proofs for row in rows):
            return True
        # What the store learnt while the keys were not there has no proof.
        unproven = "" in proofs or not self.registry.is_complete()
        return not self._has_values() or (unproven and any(_proof(value, rows) for value in self._values()))

    def _mark(self) -> None:
        self.table.make(self._store_id)
        self._token = None
        self.look()

    def _settle_erasures(self) -> None:
        """A key that was destroyed stays so, although its place, or the store, was put back as it was before.

        A note in the store only says where to look: anybody who writes to the database can have written it.
        """
        noted = self.registry.erased()
        self.erased, self.doubtful = frozenset(noted), frozenset()
        if not self.is_readable:
            return
        try:
            rows = self.table.all()
            destroyed = [row for row in rows if row.secret is None]
            returned = {row.id: row.subject for row in rows if row.secret is not None and row.id in noted}
            known = self._erasures.of(returned)
            self.doubtful = frozenset(returned.keys() - known)
            self.erased = (self.erased | {row.id for row in destroyed}) - self.doubtful
            if self._is is not _Is.OURS:
                return
            if known:
                self.table.blank(known)
            if unknown := [row for row in destroyed if row.id not in noted]:
                self.registry.add(registered(row) for row in unknown)
                self.registry.erase(row.id for row in unknown)
        except (KeysGone, StoreUnreachable):
            return  # whoever may only read here does not open them all the same


def registered(row: KeyRow, reason: str = "") -> Registered:
    """A key as the store knows it."""
    proof = id_of(row.secret) if row.secret is not None else ""
    return Registered(row.id, row.subject, row.number, proof, reason=reason)


def proves(row: KeyRow, known: Registered) -> bool:
    """Whether this is the very key that the store knows."""
    return row.secret is not None and id_of(row.secret) == known.proof


def _proof(value: EncryptedValue, rows: Iterable[KeyRow]) -> str:
    """What proves the key that opens this value; "" where none of these does."""
    subject, number = whose(value.key_id)
    for row in rows:
        named = row.id == value.key_id or (row.subject, row.number) == (subject, number)
        if named and row.secret is not None and value.opens(row.secret):
            return id_of(row.secret)
    return ""

"""The keys of a store: found for what is read, had for what is written, destroyed, and given anew to who has lost theirs."""

import secrets
from collections.abc import Collection, Mapping, Sequence
from threading import Lock
from time import monotonic

from dealflow.adapters.store.keys.key import (
    Key,
    KeyRow,
    KeysFound,
    KeysGone,
    id_of,
    tells_its_secret,
    whose,
)
from dealflow.adapters.store.keys.place import KeyPlace, proves, registered
from dealflow.adapters.store.keys.registry import Registered
from dealflow.application.ports.keys import NothingToRekey
from dealflow.application.ports.store import KeyMissing, KeysUnavailable, StoreUnreachable
from dealflow.domain.values.phrase import Phrase, phrase, phrase_of

_REMEMBER_SECONDS = 30.0
_TRIES = 3


class Keys:
    """A KeyStore over a place, with a short memory for reading; safe to use from several threads.

    Where the keys are gone, damaged, another store's or older than the store, what cannot be read reads as lost, nothing
    personal is written, and no key is made: a second key of a customer would split what belongs together.
    """

    def __init__(self, place: KeyPlace) -> None:
        self._place, self._table, self._registry = place, place.table, place.registry
        self._remembered: dict[str, tuple[float, Key]] = {}
        self._registered: set[str] = set()
        self._forget_at = 0.0
        self._token: object = None
        self._lock = Lock()

    def obtain(self, subjects: Collection[str]) -> dict[str, Key]:
        for _ in range(_TRIES):
            try:
                self._place.must_be_ours()
                self._look()
                newest = self._table.newest(subjects)
                keys = {s: row for s, row in newest.items() if row.is_itself and row.id in self._registered}
                if rest := sorted(set(subjects) - keys.keys()):
                    keys |= self._settled(rest)
                if all(row.secret is not None for row in keys.values()):
                    return {subject: Key(row.id, row.secret) for subject, row in keys.items()}
            except KeysGone:
                continue
        raise KeysUnavailable(phrase("{place} changed meanwhile; try again", place=self._table.place))

    def find(self, ids: Collection[str]) -> dict[str, Key]:
        self._look()
        found: dict[str, Key] = {}
        unknown: list[str] = []
        now = monotonic()
        with self._lock:
            for key_id in ids:
                until, key = self._remembered.get(key_id, (0.0, None))
                if key is not None and now < until:
                    found[key_id] = key
                else:
                    unknown.append(key_id)
        if unknown:
            read = self._read(unknown)
            with self._lock:
                self._forget(now)
                self._remembered |= {key_id: (now + _REMEMBER_SECONDS, key) for key_id, key in read.items()}
            found |= read
        return found

    def destroy(self, subject: str) -> int:
        self._place.look()
        self._place.learn()
        rows = [row for row in self._place.rows() if row.subject == subject]
        known, erased = self._registry.of_subjects([subject]), self._place.erased
        # First in the store, which remembers it should the place of the keys not be reached, or be put back as it was.
        self._registry.add(registered(row) for row in rows)
        self._registry.erase({key.id for key in known} | {row.id for row in rows})
        if rows:
            self._table.blank(row.id for row in rows)
        self._place.look_again()
        with self._lock:
            self._remembered.clear()
            self._token = None
        living = {key.id for key in known if key.id not in erased} | {row.id for row in rows if row.secret is not None}
        return len(living)

    def any_alive(self, subjects: Collection[str]) -> bool:
        self._place.look()
        self._place.learn()
        erased = self._place.erased
        known = any(key.id not in erased for key in self._registry.of_subjects(subjects))
        rows = (row for row in self._place.rows() if row.subject in subjects and row.secret is not None)
        return known or any(row.id not in erased for row in rows)

    def rekey(self, subject: str, reason: str) -> str:
        self._place.look()
        self._place.learn()
        known = self._registry.newest([subject]).get(subject)
        if known is None or known.id in self._place.erased:
            raise NothingToRekey(
                phrase("{subject} has no key that could be missing; what is recorded next gets one", subject=subject)
            )
        if any(row.id == known.id and proves(row, known) for row in self._place.rows()):
            if known.reason == reason:
                return known.id
            raise NothingToRekey(phrase("the key of {subject} is there", subject=subject))
        self._place.must_take_new_keys()
        row = self._table.newest([subject]).get(subject)
        return self._made({subject: max(known.number, row.number if row else 0) + 1}, reason)[subject].id

    def upgrade(self) -> Phrase | None:
        self._place.look()
        self._place.learn()
        try:
            if self._place.rows():
                self._place.must_be_ours()
        except KeysUnavailable as error:
            return phrase_of(error)
        found = self._place.problem()
        return phrase("{says}; {do}", says=found[0], do=found[1]) if found else None

    def examine(self) -> KeysFound:
        there = {row.id: row for row in self._place.rows()}
        known, erased = self._registry.all(), self._place.erased
        newest = {key.subject: key.id for key in known}
        kept = {key.id for key in known if key.id in there and proves(there[key.id], key)}
        missing: dict[str, None] = {}
        lost: dict[str, None] = {}
        for key in known:
            if key.id not in erased and key.id not in kept:
                (missing if newest[key.subject] == key.id else lost)[key.subject] = None
        return KeysFound(
            place=self._table.place,
            problem=self._place.problem(),
            exposed=self._place.is_exposed,
            kept=len(kept),
            erased=sum(key.id in erased for key in known),
            doubtful=tuple(sorted({there[key].subject for key in self._place.doubtful if key in there})),
            missing=tuple(missing),
            lost=tuple(subject for subject in lost if subject not in missing),
        )

    def close(self) -> None:
        """Let go of the database."""
        self._table.close()

    def _look(self) -> None:
        """Where something else is in the place of the keys than before, nothing of what was there is remembered."""
        token = self._place.look()
        if token != self._token:
            with self._lock:
                self._remembered.clear()
                self._registered.clear()
                self._token = token

    def _read(self, ids: Sequence[str]) -> dict[str, Key]:
        rows: dict[str, KeyRow] = {}
        if self._place.is_readable:
            try:
                rows = {row.id: row for row in self._table.by_id(ids)}
                # A process of the version before, which may still run, names a key after its subject whatever its id.
                after = [key_id for key_id in ids if key_id not in rows and not tells_its_secret(key_id)]
                numbered = ((key_id, self._table.by_number(*whose(key_id))) for key_id in after)
                rows |= {key_id: row for key_id, row in numbered if row}
            except (KeysGone, StoreUnreachable):
                rows = {}
        erased = self._place.erased
        read: dict[str, Key] = {}
        for key_id in ids:
            row = rows.get(key_id)
            if key_id in erased or (row and (row.id in erased or row.secret is None)):
                read[key_id] = Key(key_id, None)
            elif row and row.is_itself:
                read[key_id] = Key(key_id, row.secret)
        return read

    def _settled(self, subjects: Sequence[str]) -> dict[str, KeyRow]:
        """Keys that are not known yet: those that the store learns of now, and new ones for who has none that is alive."""
        known = self._registry.newest(subjects)
        if any(key.erased and key.id not in self._place.erased | self._place.doubtful for key in known.values()):
            self._place.look_again()
        # Behind the registry, which hears of a key when that is there.
        newest = self._table.newest(subjects)
        found: dict[str, KeyRow] = {}
        wanting: dict[str, int] = {}
        missing: list[str] = []
        for subject in subjects:
            row, key = newest.get(subject), known.get(subject)
            if _is_usable(row, key, self._place.erased):
                assert row is not None
                found[subject] = row
            elif _is_missing(row, key, self._place.erased):
                missing.append(subject)
            else:
                wanting[subject] = max(row.number if row else 0, key.number if key else 0) + 1
        if missing:
            raise KeyMissing(missing)
        self._registry.add(registered(row) for row in found.values())
        if wanting:
            found |= self._made(wanting, "")
        self._registered |= {row.id for row in found.values()}
        return found

    def _made(self, numbers: Mapping[str, int], reason: str) -> dict[str, KeyRow]:
        fresh = [(subject, number, secrets.token_bytes(32)) for subject, number in sorted(numbers.items())]
        self._table.add(KeyRow(id_of(secret), subject, number, secret) for subject, number, secret in fresh)
        # Read again: another process may have been first, and its key is the one that counts.
        made = self._table.newest(numbers)
        self._registry.add(registered(row, reason) for row in made.values())
        return made

    def _forget(self, now: float) -> None:
        """A key that is not used any more, which another process may have destroyed, is nowhere in this one after a while."""
        if now >= self._forget_at:
            self._remembered = {key_id: kept for key_id, kept in self._remembered.items() if now < kept[0]}
            self._forget_at = now + _REMEMBER_SECONDS


def _is_usable(row: KeyRow | None, known: Registered | None, erased: Collection[str]) -> bool:
    """Whether the newest key that is there is the newest that the store knows, or a newer one."""
    if row is None or not row.is_itself:
        return False
    return (
        known is None
        or row.number > known.number
        or (row.number == known.number and known.id not in erased and proves(row, known))
    )


def _is_missing(row: KeyRow | None, known: Registered | None, erased: Collection[str]) -> bool:
    """Whether values may be encrypted with a key that is not there; one that either side knows as destroyed is not missing."""
    if row is not None and row.secret is not None and not row.is_itself:
        return True
    if known is None or known.id in erased:
        return False
    return not (row is not None and row.number >= known.number and row.secret is None)

"""Temporal as the relay sees it, as a script: what was woken is kept, and each deal or person may fail."""

from dataclasses import dataclass, field

from dealflow.application.ports.schedule import Scheduled
from dealflow.application.ports.workflow_starter import Woken


@dataclass
class ScriptedWakes:
    """`faults` gives the error for a deal or person; `away` the error for every call."""

    woken: list[str] = field(default_factory=list)
    told: list[tuple[str, bool]] = field(default_factory=list)
    faults: dict[str, Exception] = field(default_factory=dict)
    away: Exception | None = None
    outcome: Woken = Woken.SIGNALLED
    database: str = "database-1"

    async def wake(self, row: Scheduled) -> Woken:
        self._check(row.deal_id)
        self.woken.append(row.deal_id)
        return self.outcome

    async def wake_recipient(self, person_id: str, *, again: bool = False) -> None:
        self._check(person_id)
        self.told.append((person_id, again))

    async def server_id(self) -> str:
        self._check("")
        return self.database

    def _check(self, name: str) -> None:
        if error := self.away or self.faults.get(name):
            raise error

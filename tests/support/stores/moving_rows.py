"""Rows of a store in which a deal moves while the invariant check reads them."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from dealflow.application.audit.rows import StoreRows
from dealflow.application.ports.schedule import Scheduled


class MovesOnce:
    """The deal moves just after its events were first read."""

    def __init__(self, rows: StoreRows, deal_id: str, move: Callable[[], object]) -> None:
        self._rows, self._deal_id, self._move, self._moved = rows, deal_id, move, False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._rows, name)

    def schedule_of(self, deal_ids: Sequence[str]) -> list[Scheduled]:
        if not self._moved and self._deal_id in deal_ids:
            self._moved = True
            self._move()
        return self._rows.schedule_of(deal_ids)


class MovesAlways(MovesOnce):
    """It moves whenever it is looked at, and its row has an opening that it never had."""

    def schedule_of(self, deal_ids: Sequence[str]) -> list[Scheduled]:
        self._moved = False
        found = super().schedule_of(deal_ids)
        return [replace(row, opening=7) if row.deal_id == self._deal_id else row for row in found]

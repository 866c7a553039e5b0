"""Memory does not grow with what is imported: neither with the rows of a table nor with the events of a log."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from bench.imports.memory import EVENTS, peak
from bench.rig import Rig

# So many plans at least fill what is bounded: two groups of deals, and what is remembered of dates.
_ROWS, _CASES, _TIMES = 1_500, 400, 4
# Kept plans of the other records would be more than this.
_FLAT = 1.15


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[Rig]:
    made = Rig(tmp_path, quick=True)
    yield made
    made.close()


@pytest.mark.slow
def test_a_table_four_times_as_long_takes_no_more_memory(rig: Rig) -> None:
    assert peak(rig, "crm-csv", _TIMES * _ROWS) <= _FLAT * peak(rig, "crm-csv", _ROWS)


@pytest.mark.soak
@pytest.mark.parametrize("kind", ["xes", "log-csv"])
def test_a_log_four_times_as_long_takes_no_more_memory(rig: Rig, kind: str) -> None:
    assert peak(rig, kind, _TIMES * _CASES * EVENTS) <= _FLAT * peak(rig, kind, _CASES * EVENTS)

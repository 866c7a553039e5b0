"""How several workers share the tests: what waits long begins early, among what only computes."""

from itertools import zip_longest

import pytest
from xdist.scheduler import LoadScopeScheduling

# Their tests look at one run, which takes long and is made once.
ONE_RUN = (
    "tests/e2e/test_demo.py",
    "tests/deploy/test_database_roles.py",
    "tests/e2e/test_production.py",
    "tests/observability/test_metrics.py",
    "tests/observability/test_traces.py",
)


class Sharing(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Each worker gets the next test when it is free, and all of a file of `ONE_RUN` at once."""

    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid)


def unit_of(nodeid: str) -> str:
    """What goes to one worker together with this test, by name."""
    file = nodeid.partition("::")[0]
    return file if file in ONE_RUN else nodeid


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """The files of one run first, then each slow test before its share of the others, among which the waiting ones are even.

    Those that ask a Temporal server wait for it: a row of them would leave the computer idle.
    """
    together: dict[str, list[pytest.Item]] = {}
    slow: list[pytest.Item] = []
    waiting: list[pytest.Item] = []
    quick: list[pytest.Item] = []
    for item in items:
        if unit_of(item.nodeid) != item.nodeid:
            together.setdefault(unit_of(item.nodeid), []).append(item)
        elif item.get_closest_marker("slow"):
            slow.append(item)
        else:
            (waiting if item.get_closest_marker("temporal") else quick).append(item)
    # The last third is left to quick ones alone, so that no worker ends long after the others.
    first = 2 * len(quick) // 3
    early = among(quick[:first], waiting)
    return [item for unit in (*together.values(), among(early, slow), quick[first:]) for item in unit]


def among(many: list[pytest.Item], few: list[pytest.Item]) -> list[pytest.Item]:
    """Each of the few before its share of the many, both in their order."""
    share = max(1, -(-len(many) // max(1, len(few))))
    portions = [many[start : start + share] for start in range(0, len(many), share)]
    mixed = [[one, *(portion or ())] if one else list(portion or ()) for one, portion in zip_longest(few, portions)]
    return [item for unit in mixed for item in unit]

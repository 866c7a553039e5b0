"""The order of tests that several workers share: what waits long begins early, among what only computes."""

from itertools import zip_longest

import pytest


def spread(items: list[pytest.Item]) -> list[pytest.Item]:
    """Put groups first, then each slow test before its share of the quick ones; those of a group stay together."""
    groups: dict[str, list[pytest.Item]] = {}
    slow: list[pytest.Item] = []
    quick: list[pytest.Item] = []
    for item in items:
        if marker := item.get_closest_marker("xdist_group"):
            groups.setdefault(str(marker.args[0]), []).append(item)
        else:
            (slow if item.get_closest_marker("slow") else quick).append(item)
    # The last third is left to quick ones alone, so that no worker ends long after the others.
    share = 1 + 2 * len(quick) // (3 * max(1, len(slow)))
    portions = [quick[start : start + share] for start in range(0, len(quick), share)]
    mixed = [[one, *(portion or ())] if one else list(portion or ()) for one, portion in zip_longest(slow, portions)]
    return [item for unit in (*groups.values(), *mixed) for item in unit]

"""Products of two lists: a sample with each member of both in `make test`, the whole in `make soak`."""

from collections.abc import Sequence
from typing import Any

import pytest


def sampled(cases: Sequence[tuple[Any, ...]], others: Sequence[Any], each: int = 3) -> list[Any]:
    """Each case with some of the others, going round among them, and with all others for `make soak`."""
    some = [
        pytest.param(*case, tuple(others[(number * each + turn) % len(others)] for turn in range(each)))
        for number, case in enumerate(cases)
    ]
    assert len(cases) * each >= len(others), "one of the others is in no sample"
    return some + [pytest.param(*case, tuple(others), marks=pytest.mark.soak) for case in cases]

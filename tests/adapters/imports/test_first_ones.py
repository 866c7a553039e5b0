"""Where a key stood first is known for any number of keys, in memory or not."""

import pytest

from dealflow.adapters.imports.first_ones import FirstOnes


@pytest.mark.parametrize("in_memory", [0, 2, 100])
def test_the_first_number_of_a_key_is_kept(in_memory: int) -> None:
    ones = FirstOnes(in_memory)
    keys = ["a", "b", "a", "c", "\udc80", "c", "b", "d", "\udc80", "d"]
    assert [ones.of(key, number) for number, key in enumerate(keys)] == [0, 1, 0, 3, 4, 3, 1, 7, 4, 7]
    assert ones.different == 5

"""The form of the functions that change a deal by one kind of event."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from dealflow.domain.deal.events import Fact, Stamp
from dealflow.domain.deal.state import Deal

K = TypeVar("K")
V = TypeVar("V")
Handlers = dict[type[Fact], Callable[[Deal, Any, Stamp], Deal]]


def put(mapping: Mapping[K, V], key: K, value: V) -> Mapping[K, V]:
    """The mapping with one more entry."""
    return {**mapping, key: value}


def without(mapping: Mapping[K, V], key: K) -> Mapping[K, V]:
    """The mapping without this entry."""
    return {known: value for known, value in mapping.items() if known != key}

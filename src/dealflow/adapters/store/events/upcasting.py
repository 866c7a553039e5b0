"""Where an event of an old shape becomes one of the present shape while it is read; its stored bytes never change."""

from collections.abc import Callable
from typing import Any

# What a fact was stored as -> the topic and fields of its successor.
Upcaster = Callable[[dict[str, Any]], tuple[str, dict[str, Any]]]

# An entry stays for ever. Each leads one step on, for example "deal.lost.v1" to "deal.lost.v2", and is applied until none fits.
UPCASTERS: dict[str, Upcaster] = {
    # The deal's stream says that the other deal is due; that it is open says its own stream.
    "deal.linked_deal_opened.v1": lambda fact: ("deal.linked_deal_due.v1", fact),
}


def upcast(topic: str, fact: dict[str, Any]) -> tuple[str, dict[str, Any]]:
    """The topic and fields that the present code knows."""
    while upcaster := UPCASTERS.get(topic):
        topic, fact = upcaster(fact)
    return topic, fact

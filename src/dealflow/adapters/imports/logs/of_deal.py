"""What the events of a log say of their deal as a whole: cells that all of them share, the last of those that change, picks."""

from collections.abc import Iterable, Mapping, Sequence

from dealflow.adapters.imports.logs.survey import forms_of, wanted_of
from dealflow.adapters.imports.mapping.chosen import Chosen
from dealflow.adapters.imports.mapping.log import CASE
from dealflow.adapters.imports.mapping.model import LogMapping, Pick, first
from dealflow.domain.values.text.spelling import normal_name


class OfDeal:
    """Gives a deal the cells that its own attributes lack."""

    def __init__(self, mapping: LogMapping) -> None:
        self._mapping = mapping
        self._shared = wanted_of(mapping).shared
        self._picks = [(pick, Chosen(pick.of)) for pick in mapping.picks]

    def is_asked(self, own: Mapping[str, str]) -> bool:
        """Whether any cell of the deal is to come from its events."""
        return bool(self._picks) or not all(own.get(f"{CASE}{name}") for name in self._shared)

    def cells(self, own: dict[str, str], events: Sequence[Mapping[str, str]]) -> dict[str, str]:
        """The cells of the deal; `events` are in order of time, and of a cell that changes the last filled one counts."""
        found = dict(own)
        for name in self._shared:
            if not found.get(f"{CASE}{name}"):
                found[f"{CASE}{name}"] = next((cell for event in reversed(events) if (cell := event.get(name))), "")
        for pick, chosen in self._picks:
            fitting = self._events_of(pick, chosen, events)
            filled = [cell for event in fitting if (cell := event.get(pick.cell.name))]
            found[pick.name] = filled[-1 if pick.last else 0] if filled else ""
        return found

    def _events_of(
        self, pick: Pick, chosen: Chosen, events: Iterable[Mapping[str, str]]
    ) -> Iterable[Mapping[str, str]]:
        if not pick.of:
            return events
        return [event for event in events if chosen.key_of(*self._forms(event)) is not None]

    def _forms(self, event: Mapping[str, str]) -> tuple[str, ...]:
        name = normal_name(first(self._mapping.by, event) or "")
        return forms_of(name, event.get(self._mapping.transition.name, ""))

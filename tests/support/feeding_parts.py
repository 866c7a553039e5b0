"""A live feed over the parts of a system, as patient as a test needs."""

from dealflow.application.imports.feeding import Feeding
from dealflow.bootstrap import System


def feeding_of(system: System, *, patience_seconds: float, settle_seconds: float) -> Feeding:
    """The feed of the system, with times of its own."""
    return Feeding(
        system.deals,
        system.store,
        system.schedule,
        system.processes,
        system.people.current,
        system.clock,
        patience_seconds=patience_seconds,
        settle_seconds=settle_seconds,
    )

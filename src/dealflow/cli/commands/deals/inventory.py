"""`dealflow inventory`: how many customers and deals, at which stage and decision node."""

from typing import TYPE_CHECKING

from dealflow.cli.opening import reading
from dealflow.cli.options import AsKnownAt, AsOf, single

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = single()


@app.command(epilog="Example: dealflow inventory --as-of 2026-11-01 --json")
@reading
def inventory(session: "Session", as_of: AsOf = None, known_at: AsKnownAt = None) -> int:
    """Count customers and deals by stage, decision node, owner and director, now or at any time past."""
    from dealflow.application.reading.as_of import NOW
    from dealflow.application.reading.inventory import take_inventory
    from dealflow.application.viewer import Viewer
    from dealflow.cli.inputs.as_of import asked_past
    from dealflow.cli.views.deals.inventory import print_inventory

    asked, system = asked_past(session.writing, as_of, known_at), session.system
    if asked == NOW:
        return print_inventory(session.board.board_inventory())
    viewer = Viewer(session.viewer, system.people.current(), session.now)
    found = take_inventory(system.store, lambda ref: system.processes.get(ref).definition, viewer, asked=asked)
    return print_inventory(found)

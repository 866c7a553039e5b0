"""`dealflow inventory`: how many customers and deals, at which stage and decision node."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading
from dealflow.cli.options import AsKnownAt, AsOf, single

if TYPE_CHECKING:
    from dealflow.cli.session import Session
    from dealflow.domain.process.definition import ProcessDefinition, ProcessRef

app = single()
ByCustomer = Annotated[
    bool, typer.Option("--by-customer", help="Each customer, by id and name, with their deals in progress.")
]


@app.command(epilog="Example: dealflow inventory --as-of 2026-11-01 --json")
@reading
def inventory(
    session: "Session", as_of: AsOf = None, known_at: AsKnownAt = None, by_customer: ByCustomer = False
) -> int:
    """Count customers and deals by stage, decision node, owner and director, now or at any time past."""
    from dealflow.application.reading.as_of import NOW
    from dealflow.application.reading.inventory import take_inventory
    from dealflow.application.viewer import Viewer
    from dealflow.cli.inputs.as_of import asked_past
    from dealflow.cli.views.deals.inventory import print_inventory

    asked, system = asked_past(session.writing, as_of, known_at), session.system
    viewer = Viewer(session.viewer, system.people.current(), session.now)

    def process_of(ref: "ProcessRef") -> "ProcessDefinition":
        return system.processes.get(ref).definition

    if by_customer:
        from dealflow.application.customers.inventory import customers_as_of, customers_now
        from dealflow.cli.views.deals.customer import print_inventory_of_customers

        return print_inventory_of_customers(
            customers_now(system.store, session.board, session.now)
            if asked == NOW
            else customers_as_of(system.store, process_of, viewer, asked)
        )
    if asked == NOW:
        return print_inventory(session.board.board_inventory())
    return print_inventory(take_inventory(system.store, process_of, viewer, asked=asked))

"""`dealflow reconcile`: store and Temporal compared."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading
from dealflow.cli.options import single

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = single()


@app.command(epilog="Example: dealflow reconcile --dry-run")
@reading
def reconcile(
    session: "Session",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what differs.")] = False,
) -> int:
    """Compare the store with Temporal for all deals and recipients, say what differs, and mend it."""
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress
    from dealflow.cli.views.system.reconcile import print_reconciled
    from dealflow.worker import reconcile_all

    with progress(reader().t("Compared")) as heard:
        done = reconcile_all(session.system, dry_run=dry_run, progress=heard)
    return print_reconciled(done)

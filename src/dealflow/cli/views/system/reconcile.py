"""What `reconcile` finds and mends, as it is printed."""

import asyncio
import sys

from rich.console import Console
from rich.progress import Progress

from dealflow.adapters.temporal.client import let_go
from dealflow.application.engine.reconcile import Reconciled
from dealflow.application.engine.reschedule import reschedule
from dealflow.cli.errors import DONE, NOT_THERE
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.session import Session
from dealflow.cli.tables import print_pairs
from dealflow.worker import reconcile

_SHOWN = 20


def reconcile_all(session: Session, *, dry_run: bool) -> int:
    """Compare and mend; exit code 3 when something could not be mended."""
    console = Console(file=sys.stderr)
    try:
        with Progress(console=console, disable=not console.is_terminal, transient=True) as bar:
            task = bar.add_task(reader().t("Compared"), total=None)
            system = session.system
            wrong = reschedule(
                system.store,
                system.schedule,
                system.clock.now(),
                dry_run=dry_run,
                progress=lambda done, total: bar.update(task, completed=done, total=total),
            )
            done = asyncio.run(
                reconcile(
                    session.system,
                    dry_run=dry_run,
                    progress=lambda done, total: bar.update(task, completed=done, total=total),
                )
            )
    finally:
        let_go()
    mended = 0 if dry_run else len(wrong)
    done = done.model_copy(update={"row_wrong": len(wrong), "mended": done.mended + mended})
    if reader().json:
        print_json(done)
    else:
        _print(done)
    return NOT_THERE if done.failed else DONE


def _print(done: Reconciled) -> None:
    to = reader()
    if done.clean:
        say(to.t("Nothing differs."))
    print_pairs(
        [
            ("Deals in progress", done.deals),
            ("Their workflows", done.runs),
            ("Recipients", done.recipients),
            ("Schedule row not as the deal", done.row_wrong or ""),
            ("Workflow missing", done.run_missing or ""),
            ("Workflow without deal", done.run_without_deal or ""),
            ("Deadline later than the store's", done.armed_late or ""),
            ("Recipient's workflow missing", done.recipient_missing or ""),
            ("Mended", "" if done.clean else done.mended),
            ("Could not be mended", done.failed or ""),
        ]
    )
    for one in done.differences[:_SHOWN]:
        who = one.person or f"{one.deal_id}/{one.opening}"
        say(f"  {who}: {to.t(one.kind.replace('_', ' '))}")
    if len(done.differences) > _SHOWN:
        say("  " + to.t("and {n} more; --json has more of them").format(n=len(done.differences) - _SHOWN))
    if done.dry_run and not done.clean:
        say(to.t("A dry run: nothing was mended."))

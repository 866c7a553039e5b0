"""What `reconcile` finds and mends, as it is printed."""

from dealflow.application.engine.reconcile import Reconciled
from dealflow.cli.errors import DONE, NOT_THERE
from dealflow.cli.output import print_json, reader, say
from dealflow.cli.tables import print_pairs
from dealflow.wording.terms import term

_SHOWN = 20


def print_reconciled(done: Reconciled) -> int:
    """Print it; exit code 3 when something could not be mended."""
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
            ("Board not as the deal", done.views_wrong or ""),
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
        say(f"  {who}: {to.t(term('difference', one.kind))}")
    if len(done.differences) > _SHOWN:
        say("  " + to.t("and {n} more; --json has more of them", n=len(done.differences) - _SHOWN))
    if done.dry_run and not done.clean:
        say(to.t("A dry run: nothing was mended."))

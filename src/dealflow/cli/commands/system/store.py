"""`dealflow store`: what is done to a store as a whole."""

from typing import TYPE_CHECKING

from dealflow.cli.opening import reading
from dealflow.cli.options import Home, Json, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Bring a store up to date, or put its index right.")


@app.command(epilog="Example: dealflow store upgrade")
def upgrade(home: Home = None, json: Json = False) -> int:
    """Bring a store that an older dealflow made up to date; again, nothing changes. Stop all parts before."""
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress
    from dealflow.cli.session import load_settings
    from dealflow.cli.views.system.upgrade import print_upgraded
    from dealflow.upgrade import upgrade_store

    settings = load_settings(home, json=json)
    with progress(reader().t("Deals")) as heard:
        done = upgrade_store(settings, heard)
    return print_upgraded(done)


@app.command(epilog="Example: dealflow store reindex")
@reading
def reindex(session: "Session") -> int:
    """Compute from the deals who holds the values that may stand once, and put right what the store has otherwise."""
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress
    from dealflow.cli.views.system.upgrade import print_reindexed
    from dealflow.upgrade import reindex_store

    with progress(reader().t("Deals")) as heard:
        done = reindex_store(session.system, heard)
    return print_reindexed(done)

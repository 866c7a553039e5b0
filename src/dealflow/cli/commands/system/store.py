"""`dealflow store`: what is done to a store as a whole."""

from typing import TYPE_CHECKING, Annotated

import typer

from dealflow.cli.opening import reading, sealing
from dealflow.cli.options import CommandId, Home, Json, OnBehalfOf, group

if TYPE_CHECKING:
    from dealflow.cli.session import Session

app = group("Bring a store up to date, put its index right, look after its seal.")


@app.command(epilog="Example: dealflow store upgrade")
def upgrade(on_behalf_of: OnBehalfOf = None, home: Home = None, json: Json = False) -> int:
    """Bring a store that an older dealflow made up to date; again, nothing changes. Stop all parts before."""
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress
    from dealflow.cli.session import load_settings, must_look_after_store
    from dealflow.cli.views.system.upgrade import print_upgraded
    from dealflow.upgrade import upgrade_store

    settings = load_settings(home, json=json)
    with progress(reader().t("Deals")) as heard:
        done = upgrade_store(settings, heard, lambda system: must_look_after_store(system, on_behalf_of))
    return print_upgraded(done)


@app.command(epilog="Example: dealflow store reindex")
@reading
def reindex(session: "Session") -> int:
    """Compute from the deals who holds the values that may stand once, and put right what the store has otherwise."""
    from dealflow.cli.output import reader
    from dealflow.cli.progress import progress
    from dealflow.cli.session import must_look_after_store
    from dealflow.cli.views.system.upgrade import print_reindexed
    from dealflow.upgrade import reindex_store

    must_look_after_store(session.system, session.on_behalf_of)
    with progress(reader().t("Deals")) as heard:
        done = reindex_store(session.system, heard)
    return print_reindexed(done)


@app.command(epilog="Example: dealflow store seal --rotate")
@sealing
def seal(
    session: "Session",
    rotate: Annotated[bool, typer.Option("--rotate", help="Add a key, and seal by it from now on.")] = False,
    anew: Annotated[
        bool, typer.Option("--anew", help="Where the key is lost for ever: seal everything as it stands, by a new key.")
    ] = False,
    reason: Annotated[str, typer.Option(help="Why the key changes; kept on record.", metavar="TEXT")] = "",
    command_id: CommandId = None,
) -> int:
    """Say since when the store is sealed and whether its key is here; add a key, or begin again where the key is lost."""
    from dealflow.cli.session import checked_command_id
    from dealflow.cli.views.system.seal import SealShown, print_seal, seal_command
    from dealflow.domain.seal.commands import SealEnvelope

    command, done = seal_command(reason, rotate=rotate, anew=anew, is_named=command_id is not None), None
    if command:
        given = checked_command_id(command_id) or session.command_id
        done = session.system.seal_acts.handle(
            SealEnvelope(command_id=given, who=session.kept_who, commands=(command,))
        )
    return print_seal(SealShown.of(session.system, done))

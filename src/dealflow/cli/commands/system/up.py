"""`dealflow up`: everything in one terminal."""

import sys
from typing import Annotated

import typer

from dealflow.cli.options import Home, single

app = single()


@app.command(epilog="Example: dealflow up --home .dealflow")
def up(
    home: Home = None,
    pages: Annotated[bool, typer.Option("--ui/--no-ui", help="Temporal's own pages, in a browser.")] = True,
) -> int:
    """Run the embedded system: Temporal's development server, worker, relay and views, until Ctrl-C."""
    from dealflow.cli.output import say
    from dealflow.cli.session import load_settings
    from dealflow.embedded.up import run_up

    def say_now(line: str) -> None:
        # Whoever reads this through a pipe is waiting for it.
        say(line)
        sys.stdout.flush()

    run_up(load_settings(home, json=False, quiet=False), say_now, ui=pages)
    return 0

"""`dealflow relay`: the relay alone, beside a Temporal server that somebody else runs."""

from dealflow.cli.options import Home, single

app = single()


@app.command(epilog="Example: DEALFLOW_TEMPORAL_ADDRESS=temporal:7233 dealflow relay")
def relay(home: Home = None) -> int:
    """Make every wake arrive until Ctrl-C: re-send lost ones, start missing workflows, wake recipients."""
    from dealflow.cli.foreground import run_part
    from dealflow.cli.session import load_settings
    from dealflow.worker import run_relay

    return run_part(load_settings(home, json=False, quiet=False), "relay", run_relay)

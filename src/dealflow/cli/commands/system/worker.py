"""`dealflow worker`: the worker alone, beside a Temporal server that somebody else runs."""

from dealflow.cli.options import Home, single

app = single()


@app.command(epilog="Example: DEALFLOW_TEMPORAL_ADDRESS=temporal:7233 dealflow worker")
def worker(home: Home = None) -> int:
    """Carry out workflows until Ctrl-C; what is under way then is finished."""
    from dealflow.cli.foreground import run_part
    from dealflow.cli.session import load_settings
    from dealflow.worker import run_worker

    return run_part(load_settings(home, json=False, quiet=False), "worker", run_worker)

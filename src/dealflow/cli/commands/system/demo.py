"""`dealflow demo`: the main job, for real."""

from dealflow.cli.options import Home, single

app = single()


@app.command(epilog="Example: dealflow demo --home /tmp/dealflow-demo")
def demo(home: Home = None) -> int:
    """Run the main job for real in a folder of its own (.dealflow-demo), and tell what happens; about two minutes."""
    import signal

    from dealflow.cli.user import os_user
    from dealflow.demo.run import run_demo

    # Told to end it takes its server along, as it does at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    return run_demo(home, os_user())

"""`dealflow demo`: the main job, for real."""

from dealflow.cli.options import Home, single

app = single()


@app.command(epilog="Example: dealflow demo --home /tmp/dealflow-demo")
def demo(home: Home = None) -> int:
    """Run the main job for real in a folder of its own, and tell what happens; about three minutes."""
    from dealflow.cli.session import load_settings
    from dealflow.demo import run

    return run(load_settings(home, json=False))

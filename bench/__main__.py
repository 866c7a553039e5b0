"""`python -m bench`: measure everything once, print a table, and keep a JSON file under bench/results."""

import json
import os
import platform
import tempfile
from datetime import datetime
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import commands, imports, verdicts
from bench.measuring import Measure
from dealflow import __version__
from dealflow.adapters.clock import SystemClock
from dealflow.telemetry import configure_logs

RESULTS = Path(__file__).parent / "results"


def main() -> None:
    """Everything in temporary folders; nothing of anybody's settings."""
    for name in [name for name in os.environ if name.upper().startswith("DEALFLOW_")]:
        del os.environ[name]
    configure_logs(level="warning")
    console, found = Console(), list[Measure]()
    load = os.getloadavg()[0]
    for part in (commands, imports, verdicts):
        with tempfile.TemporaryDirectory() as folder, console.status(f"{part.__name__} ..."):
            found += part.measure(Path(folder))
    now = SystemClock().now()
    _print(console, found, load)
    path = _keep(found, now, load)
    console.print(f"Kept in {path}", highlight=False)


def _print(console: Console, found: list[Measure], load: float) -> None:
    table = Table(title=f"dealflow {__version__}, {os.cpu_count()} processors, load {load:.1f} at the start")
    for heading, justify in (
        ("What", "left"),
        ("Value", "right"),
        ("Against", "left"),
        ("Ratio", "right"),
        ("", "left"),
    ):
        table.add_column(heading, justify=justify)  # type: ignore[arg-type]
    for one in found:
        value = f"{one.value:,.3f}" if one.value < 100 else f"{one.value:,.0f}"
        ratio = f"{one.ratio:.3g}" if one.ratio is not None else ""
        table.add_row(one.name, f"{value} {one.unit}", one.against, ratio, one.note)
    console.print(table)


def _keep(found: list[Measure], now: datetime, load: float) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{now:%Y%m%dT%H%M%SZ}.json"
    machine = {
        "processors": os.cpu_count(),
        "load": load,
        "system": platform.platform(),
        "python": platform.python_version(),
    }
    document = {
        "at": now.isoformat(),
        "version": __version__,
        "machine": machine,
        "measures": [m.document() for m in found],
    }
    path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    main()

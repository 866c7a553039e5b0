"""`python -m bench [--only NAME ...] [--quick]`: measure once, print a table, keep a JSON file under bench/results."""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from time import perf_counter
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.measuring import Measure
from bench.rig import Rig
from dealflow import __version__
from dealflow.adapters.clock import SystemClock
from dealflow.observability.logs import configure_logs

RESULTS = Path(__file__).parent / "results"
# Modules of this package, each with `measure(rig)`.
PARTS = {
    "commands": "bench.commands",
    "verdicts": "bench.verdicts",
    "imports": "bench.imports.rates",
    "memory": "bench.imports.memory",
    "evidence": "bench.evidence",
    "opening": "bench.opening",
    "seal": "bench.against.unsealed",
    "transitions": "bench.transitions",
    "live": "bench.live.measure",
}
LIBRARIES = ("dbos", "eventsourcing", "psycopg", "pydantic", "temporalio")


def main(arguments: Sequence[str] | None = None) -> int:
    """Everything in temporary folders; nothing of anybody's settings. A goal that is missed is told, and no failure."""
    asked = _asked(arguments)
    for name in [name for name in os.environ if name.upper().startswith("DEALFLOW_")]:
        del os.environ[name]
    configure_logs(level="warning")
    console, found = _console(), list[Measure]()
    load, now, begun = os.getloadavg()[0], SystemClock().now(), perf_counter()
    with tempfile.TemporaryDirectory(prefix="dealflow-bench-") as folder:
        rig = Rig(Path(folder), quick=asked.quick)
        try:
            for name in asked.only or PARTS:
                with console.status(f"{name} ..."):
                    found += import_module(PARTS[name]).measure(rig)
            machine = _machine(rig, load)
        finally:
            rig.close()
    _print(console, found, machine)
    path = _keep(found, now, machine, asked)
    console.print(f"{perf_counter() - begun:.0f} s. Kept in {path}", highlight=False)
    return 0


def _console() -> Console:
    """A file or a pipe has no width, and a table of 80 characters would be one of broken words."""
    return Console() if sys.stdout.isatty() else Console(width=160)


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench", description="Measure dealflow against its parts.")
    parser.add_argument("--only", nargs="+", choices=PARTS, metavar="NAME", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument(
        "--quick", action="store_true", help="small sizes: shows that it runs, its numbers mean nothing"
    )
    parser.add_argument("--into", type=Path, default=RESULTS, metavar="FOLDER", help="where the JSON file goes")
    return parser.parse_args(arguments)


def _machine(rig: Rig, load: float) -> dict[str, Any]:
    """What the numbers depend on; the servers' versions where they were started."""
    versions = {name: version(name) for name in LIBRARIES}
    return {
        "processors": os.cpu_count(),
        "load": load,
        "system": platform.platform(),
        "python": platform.python_version(),
        "versions": versions | rig.versions(),
    }


def _print(console: Console, found: list[Measure], machine: dict[str, Any]) -> None:
    title = f"dealflow {__version__}, {machine['processors']} processors, load {machine['load']:.1f} at the start"
    table = Table(title=title)
    for heading in ("What", "Value", "Against", "Ratio", "Goal", "", ""):
        table.add_column(heading, justify="right" if heading in ("Value", "Ratio") else "left")
    for one in found:
        value = f"{one.value:,.3f}" if one.value < 10 else f"{one.value:,.0f}"
        ratio = f"{one.ratio:.3g}" if one.ratio is not None else ""
        met = {None: "", True: "[green]met[/]", False: "[red]missed[/]"}[one.met]
        table.add_row(one.name, f"{value} {one.unit}", one.against, ratio, one.goal, met, one.note)
    console.print(table)
    parts = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    console.print(f"Python {machine['python']}, {parts}", highlight=False)


def _keep(found: list[Measure], now: datetime, machine: dict[str, Any], asked: argparse.Namespace) -> Path:
    asked.into.mkdir(exist_ok=True)
    path: Path = asked.into / f"{now:%Y%m%dT%H%M%SZ}{'-quick' if asked.quick else ''}.json"
    document = {
        "at": now.isoformat(),
        "version": __version__,
        "quick": asked.quick,
        "machine": machine,
        "measures": [measure.document() for measure in found],
    }
    path.write_text(json.dumps(document, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return path


if __name__ == "__main__":
    raise SystemExit(main())

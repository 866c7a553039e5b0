"""How long a command line takes, against an interpreter that does nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.measuring import Measure, usual_seconds

ROOT = Path(__file__).parents[1]
TIMES = 9


def measure(home: Path) -> Iterator[Measure]:
    """`--help` and `deal show`; makes a store with one deal in the folder."""
    environment = {**os.environ, "DEALFLOW_HOME": str(home)}

    def run(*words: str) -> None:
        subprocess.run([sys.executable, *words], env=environment, cwd=ROOT, check=True, capture_output=True)

    def dealflow(*words: str) -> None:
        run("-m", "dealflow", *words)

    dealflow("process", "publish", "process_defs/standard-sale.yaml")
    dealflow("deal", "open", "Forty seats", "--process", "standard-sale", "--amount", "100,000 CNY", "--id", "d-1")
    nothing = usual_seconds(lambda: run("-c", "pass"), TIMES)
    for words in (("--help",), ("deal", "show", "d-1")):
        taken = usual_seconds(lambda words=words: dealflow(*words), TIMES)  # type: ignore[misc]
        yield Measure(f"dealflow {' '.join(words)}", taken, "s", "python -c pass", nothing, f"median of {TIMES}")

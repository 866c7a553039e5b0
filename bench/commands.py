"""How long a command line takes, against an interpreter that does nothing."""

import os
import subprocess
import sys
from collections.abc import Iterator

from bench.measuring import Measure, usual_seconds
from bench.rig import ROOT, Rig

HELP_SECONDS = 0.3
SHOW_SECONDS = 0.6


def measure(rig: Rig) -> Iterator[Measure]:
    """`--help` and `deal show`, on a store with one deal."""
    times = rig.sized(9, 1)
    environment = {**os.environ, "DEALFLOW_HOME": str(rig.new_folder())}

    def run(*words: str) -> None:
        subprocess.run([sys.executable, *words], env=environment, cwd=ROOT, check=True, capture_output=True)

    def dealflow(*words: str) -> None:
        run("-m", "dealflow", *words)

    dealflow("process", "publish", "process_defs/standard-sale.yaml")
    dealflow("deal", "open", "Forty seats", "--process", "standard-sale", "--amount", "100,000 CNY", "--id", "d-1")
    nothing = usual_seconds(lambda: run("-c", "pass"), times)
    for words, goal in ((("--help",), HELP_SECONDS), (("deal", "show", "d-1"), SHOW_SECONDS)):
        taken = usual_seconds(lambda words=words: dealflow(*words), times)  # type: ignore[misc]
        said = f"dealflow {' '.join(words)}"
        yield Measure(said, taken, "s", "python -c pass", nothing, f"median of {times}", below=goal)

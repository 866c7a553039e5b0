"""Where the repository is, and what of it the tests read."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"
PROCESS_DEFS = ROOT / "process_defs"

"""The Maven set: what was counted in its files as of the end of 2017, and the first of its opportunities alone."""

from pathlib import Path

from tests.support.paths import ROOT

MAVEN = ROOT / "examples" / "maven-crm"
# The folder of the fixture `few_deals`, in the folder where the test works.
FEW_DEALS = "few-deals"

STALLED_BY_DIRECTOR = {
    "Summer Sewald": 305,
    "Celia Rouche": 257,
    "Melvin Marxen": 213,
    "Dustin Brinkmann": 190,
    "Cara Losch": 169,
    "Rocco Neubert": 157,
}


def first_opportunities(number: int, folder: Path) -> None:
    """Fill a new folder with the files of the set, its pipeline cut after so many opportunities."""
    folder.mkdir()
    for file in (*MAVEN.glob("*.csv"), MAVEN / "mapping.yaml"):
        (folder / file.name).write_bytes(file.read_bytes())
    pipeline = folder / "sales_pipeline.csv"
    pipeline.write_text("".join(pipeline.read_text().splitlines(keepends=True)[: number + 1]))

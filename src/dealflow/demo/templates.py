"""The templates and the example data of the checkout, and the standard sale with one limit of seconds."""

from pathlib import Path

from ruamel.yaml import YAML

from dealflow.demo.narrator import DemoFailed
from dealflow.settings import Settings

NAME = "demo-sale"
HASTY_STAGE = "learn_need"
LIMIT_SECONDS = 6


def templates_folder(settings: Settings) -> Path:
    """The folder of process_defs; DemoFailed where there is none, since a wheel does not bring operators' data."""
    return _found(settings.process_defs, "process_defs", "standard-sale.yaml")


def example_folder() -> Path:
    """The folder of the Maven CRM set."""
    return _found(Path("examples") / "maven-crm", "examples/maven-crm", "mapping.yaml")


def write_hasty_sale(standard: Path, folder: Path) -> Path:
    """The standard sale, but one stage may last seconds only, so that nobody has to wait ten working days for a stall."""
    yaml = YAML()
    yaml.width = 10_000
    template = yaml.load(standard.read_text(encoding="utf-8"))
    template["process"] = NAME
    template["title"] = {"en": "Standard sale in a hurry", "zh": "标准销售流程(演示)"}
    stage = next(stage for stage in template["stages"] if stage["id"] == HASTY_STAGE)
    stage["clocks"] = {"stage_age": {"limit": f"{LIMIT_SECONDS} seconds"}}
    path = folder / f"{NAME}.yaml"
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(template, file)
    return path


def _found(here: Path, name: str, file: str) -> Path:
    checkout = Path(__file__).parents[3] / name
    for folder in (here, checkout):
        if (folder / file).exists():
            return folder
    raise DemoFailed(f"{name} was found neither here nor in {checkout}; run the demo in a checkout of the project")

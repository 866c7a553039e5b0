"""docker-compose.yml as Compose reads it: merged, with its variables filled in, one service at a time."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ruamel.yaml import YAML

from tests.support.paths import ROOT

COMPOSE_FILE = ROOT / "docker-compose.yml"
EXAMPLE_ENV = ROOT / "deploy" / "example.env"
_VARIABLE = re.compile(r"\$\$|\$\{(?P<name>\w+)(?P<kind>:[-?])?(?P<rest>[^}]*)\}")


@dataclass(frozen=True)
class Service:
    """What Compose starts a container from; `command` is without the image's own entrypoint."""

    name: str
    image: str
    entrypoint: tuple[str, ...]
    command: tuple[str, ...]
    environment: Mapping[str, str]
    check: tuple[str, ...]
    restart: str
    grace_seconds: float
    mounts: Mapping[str, str]
    waits_for: Mapping[str, str]
    profiles: tuple[str, ...]

    @property
    def lasts(self) -> bool:
        """Whether it runs until it is stopped; the others run to their end and are waited for."""
        return self.restart == "unless-stopped"


def services(variables: Mapping[str, str]) -> dict[str, Service]:
    """All of them by name; KeyError for a variable that has to be given and is not."""
    content: dict[str, Any] = YAML(typ="safe").load(COMPOSE_FILE)
    return {name: _service(name, _filled(told, variables)) for name, told in content["services"].items()}


def required_variables() -> list[str]:
    """What has to be given from outside, by deploy/example.env."""
    return re.findall(r"^(\w+)=", EXAMPLE_ENV.read_text(), flags=re.MULTILINE)


def in_order(wanted: Mapping[str, Service]) -> Iterator[Service]:
    """Each after those that it waits for."""
    done: set[str] = set()
    while len(done) < len(wanted):
        ready = [service for service in wanted.values() if service.name not in done and done >= set(service.waits_for)]
        assert ready, f"these wait for each other: {wanted.keys() - done}"
        yield from ready
        done |= {service.name for service in ready}


def _service(name: str, told: dict[str, Any]) -> Service:
    kind, *check = told.get("healthcheck", {}).get("test", ["NONE"])
    assert kind in ("CMD", "NONE"), f"{name}: only checks without a shell are understood"
    return Service(
        name=name,
        image=told["image"],
        entrypoint=tuple(told.get("entrypoint", ())),
        command=tuple(told.get("command", ())),
        environment={key: str(value) for key, value in told.get("environment", {}).items()},
        check=tuple(check),
        restart=told["restart"],
        grace_seconds=float(str(told.get("stop_grace_period", "10s")).removesuffix("s")),
        mounts={target: source for source, target, *_ in (mount.split(":") for mount in told.get("volumes", ()))},
        waits_for={other: wait["condition"] for other, wait in told.get("depends_on", {}).items()},
        profiles=tuple(told.get("profiles", ())),
    )


def _filled(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(item, variables) for key, item in value.items()}
    if isinstance(value, list):
        return [_filled(item, variables) for item in value]
    return _VARIABLE.sub(lambda found: _given(found, variables), value) if isinstance(value, str) else value


def _given(found: re.Match[str], variables: Mapping[str, str]) -> str:
    if found["name"] is None:
        return "$"
    if given := variables.get(found["name"]):
        return given
    if found["kind"] == ":-":
        return found["rest"]
    raise KeyError(f"{found['name']}: {found['rest']}")

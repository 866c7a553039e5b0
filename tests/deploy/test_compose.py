"""docker-compose.yml is valid, holds no secret, opens no port to others, and names only what is there.

That its services do their work is proved in tests/e2e/test_production.py.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from dealflow.settings import unknown_variables
from tests.support.paths import ROOT
from tests.support.running import temporal_on_postgres
from tests.support.waiting import LONGEST_SECONDS

FILE = ROOT / "docker-compose.yml"
ONCE = {"tables", "rights", "schema", "namespace"}  # run to their end and are waited for by the others
# The Temporal SDK asks for them.
TYPES = {"types-protobuf"}


@pytest.fixture(scope="module")
def services() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = YAML(typ="safe").load(FILE)
    return content["services"]


def test_it_follows_the_compose_specification() -> None:
    check = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(FILE)]
    checked = subprocess.run(check, capture_output=True, text=True, timeout=LONGEST_SECONDS, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_every_password_comes_from_outside_and_is_asked_for(services: dict[str, dict[str, Any]]) -> None:
    secrets = re.compile(r"PASSWORD|PWD|SECRET|DATABASE_URL")
    for name, service in services.items():
        for key, value in service.get("environment", {}).items():
            if secrets.search(key):
                assert re.search(r"\$\{\w+:\?", value), f"{name}: {key}"
                left = re.sub(r"\$\{[^}]*\}", "", value)
                assert re.fullmatch(r"(postgresql://\w+:@postgres:5432/dealflow)?", left), f"{name}: {key}"


def test_ports_are_open_on_this_machine_only(services: dict[str, dict[str, Any]]) -> None:
    ports = [port for service in services.values() for port in service.get("ports", [])]
    assert ports
    assert [port for port in ports if not port.startswith("127.0.0.1:")] == []


def test_every_lasting_service_restarts_and_has_a_health_check(services: dict[str, dict[str, Any]]) -> None:
    lasting = {name: service for name, service in services.items() if name not in ONCE}
    assert {service["restart"] for service in lasting.values()} == {"unless-stopped"}
    assert [name for name, service in lasting.items() if not service["healthcheck"]["test"]] == []


def test_services_wait_for_what_they_need(services: dict[str, dict[str, Any]]) -> None:
    for service in services.values():
        for name, wait in service.get("depends_on", {}).items():
            assert wait["condition"] == ("service_completed_successfully" if name in ONCE else "service_healthy")
    assert {"rights", "namespace"} == set(services["worker"]["depends_on"])
    # `up --wait` takes a service that ends for one that failed, unless another waits for its end.
    assert {other for service in services.values() for other in service.get("depends_on", {})} >= ONCE


def test_mounted_files_are_there_and_scripts_can_be_run(services: dict[str, dict[str, Any]]) -> None:
    mounts = [mount for service in services.values() for mount in service.get("volumes", []) if mount.startswith("./")]
    assert mounts
    for mount in mounts:
        path = ROOT / mount.partition(":")[0]
        assert path.is_file(), mount
        if path.suffix == ".sh":
            assert path.stat().st_mode & 0o111
            subprocess.run(["sh", "-n", str(path)], check=True, timeout=10)


def test_our_services_use_settings_that_exist(services: dict[str, dict[str, Any]]) -> None:
    for name in ("worker", "relay", "tables"):
        assert unknown_variables(services[name]["environment"]) == []
    commands = {"worker": ["worker"], "relay": ["relay"], "tables": ["store", "upgrade"]}
    assert {name: services[name]["command"] for name in commands} == commands


def test_the_server_s_version_is_the_one_that_the_tests_run(services: dict[str, dict[str, Any]]) -> None:
    for name, image in (("temporal", "server"), ("schema", "admin-tools"), ("namespace", "admin-tools")):
        assert services[name]["image"] == f"temporalio/{image}:${{TEMPORAL_VERSION:-{temporal_on_postgres.VERSION}}}"


def test_only_who_makes_the_tables_comes_as_their_owner(services: dict[str, dict[str, Any]]) -> None:
    owners = {name for name, service in services.items() if "dealflow_owner" in str(service.get("environment", {}))}
    assert owners == {"tables", "rights"}


def test_our_containers_change_nothing_but_their_volume(services: dict[str, dict[str, Any]]) -> None:
    for name in ("worker", "relay", "tables"):
        assert services[name]["read_only"] and services[name]["cap_drop"] == ["ALL"]
        assert services[name]["security_opt"] == ["no-new-privileges:true"]


def test_prometheus_asks_each_part_where_it_answers(services: dict[str, dict[str, Any]]) -> None:
    told = YAML(typ="safe").load(ROOT / "deploy/observe/prometheus.yml")
    ours, temporal = told["scrape_configs"]
    [found] = ours["dns_sd_configs"]
    for name in found["names"]:
        assert services[name]["environment"]["DEALFLOW_METRICS_ADDRESS"] == f"0.0.0.0:{found['port']}"
    [address] = temporal["static_configs"][0]["targets"]
    name, _, port = address.partition(":")
    assert services[name]["environment"]["PROMETHEUS_ENDPOINT"] == f"0.0.0.0:{port}"
    assert told["rule_files"] == [mounted(services["prometheus"], "docs/operations/alerts.yaml")]
    assert 'job="dealflow"' in (ROOT / "docs/operations/alerts.yaml").read_text() and ours["job_name"] == "dealflow"


def test_grafana_finds_prometheus_and_the_dashboard(services: dict[str, dict[str, Any]]) -> None:
    [source] = YAML(typ="safe").load(ROOT / "deploy/observe/grafana-datasource.yml")["datasources"]
    assert source["url"] == "http://prometheus:9090" and source["isDefault"]
    [provider] = YAML(typ="safe").load(ROOT / "deploy/observe/grafana-dashboards.yml")["providers"]
    shown = Path(mounted(services["grafana"], "docs/operations/grafana-dashboard.json"))
    assert shown.parent == Path(provider["options"]["path"])
    assert str(shown) == services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]


def test_the_image_is_made_from_files_that_are_there() -> None:
    dockerfile = (ROOT / services_build()["dockerfile"]).read_text()
    allowed = set(re.findall(r"^!(\S+)$", (ROOT / "deploy/Dockerfile.dockerignore").read_text(), flags=re.MULTILINE))
    for line in re.findall(r"^COPY (?!--from)(.*)$", dockerfile, flags=re.MULTILINE):
        for source in line.split()[:-1]:
            assert (ROOT / source).exists(), source
            assert source in allowed, f"{source} is kept out by Dockerfile.dockerignore"


def test_the_image_has_nothing_that_only_tests_benches_and_developers_need() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {extra: set(map(_name, lines)) for extra, lines in project["optional-dependencies"].items()}
    pinned = {_name(line) for line in (ROOT / "requirements.txt").read_text().splitlines() if "==" in line}
    assert pinned >= set(map(_name, project["dependencies"])) | extras.pop("build")
    assert {extra: pinned & names for extra, names in extras.items()} == {"test": set(), "bench": set(), "dev": TYPES}


def test_the_example_names_every_secret_and_gives_none() -> None:
    asked = set(re.findall(r"\$\{(\w+):\?", FILE.read_text()))
    given = re.findall(r"^(\w+)=(.*)$", (ROOT / "deploy/example.env").read_text(), flags=re.MULTILINE)
    assert {name for name, _ in given} == asked
    assert {value for _, value in given} == {""}


def mounted(service: dict[str, Any], source: str) -> str:
    """Where a file of this folder is in the container."""
    [target] = [mount.split(":")[1] for mount in service["volumes"] if mount.startswith(f"./{source}:")]
    return str(target)


def services_build() -> dict[str, str]:
    content: dict[str, dict[str, dict[str, str]]] = YAML(typ="safe").load(FILE)
    return content["x-dealflow"]["build"]


def _name(requirement: str) -> str:
    return re.split(r"[\[<>=~! ]", requirement.strip())[0].lower().replace("_", "-").replace(".", "-")

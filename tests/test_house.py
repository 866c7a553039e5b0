"""The rules of the house that no linter knows: sizes, names, docstrings, what is shipped, and nothing of one machine."""

import ast
import re
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.support.waiting import LONGEST_SECONDS

ROOT = Path(__file__).parents[1]
LINES_AT_MOST = 400
MODULES_AT_MOST = 12
FUNCTION_LINES_AT_MOST = 70
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "manager", "base", "misc"}
PRODUCT = ("src/", "workflows/")


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    paths = [ROOT / name for name in listed.stdout.decode().split("\0") if name]
    return [path for path in paths if path.is_file()]


def modules(*folders: str) -> list[Path]:
    found = [path for path in tracked() if path.suffix == ".py"]
    return [path for path in found if not folders or path.relative_to(ROOT).as_posix().startswith(folders)]


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def test_no_module_is_longer_than_400_lines() -> None:
    sizes = {named(path): len(path.read_text().splitlines()) for path in modules()}
    assert {name: size for name, size in sizes.items() if size > LINES_AT_MOST} == {}


def test_no_package_has_more_than_twelve_modules_beside_its_sub_packages() -> None:
    sizes = Counter(
        named(path.parent) for path in modules(*PRODUCT, "bench/", "tests/support/") if path.name != "__init__.py"
    )
    assert {name: size for name, size in sizes.items() if size > MODULES_AT_MOST} == {}


def test_no_two_public_classes_share_a_name() -> None:
    places: dict[str, list[str]] = {}
    for path in modules(*PRODUCT):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places.setdefault(node.name, []).append(f"{named(path)}:{node.lineno}")
    assert {name: found for name, found in places.items() if len(found) > 1} == {}


def test_no_function_of_the_product_is_longer_than_70_lines() -> None:
    long = {}
    for path in modules(*PRODUCT):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.end_lineno is not None:
                size = node.end_lineno - node.lineno + 1
                if size > FUNCTION_LINES_AT_MOST:
                    long[f"{named(path)}:{node.lineno} {node.name}"] = size
    assert long == {}


def test_no_module_or_package_has_a_name_that_says_nothing() -> None:
    vague = [
        named(path)
        for path in modules()
        if BANNED_NAMES & {part.removesuffix(".py") for part in path.relative_to(ROOT).parts}
    ]
    assert vague == []


def test_every_module_says_in_its_docstring_what_it_is() -> None:
    assert [named(path) for path in modules() if not ast.get_docstring(ast.parse(path.read_text()))] == []


def test_every_rule_that_is_not_followed_somewhere_says_why() -> None:
    reasoned = re.compile(r"# noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)*  \S+ \S+")
    unreasoned = [
        f"{named(path)}:{number}"
        for path in modules()
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if "# noqa" in line and "# noqa: [" not in line and '"# noqa' not in line and not reasoned.search(line)
    ]
    assert unreasoned == []


def test_workflows_never_import_structlog() -> None:
    imported = {name for path in modules("workflows/") for name in imports(path)}
    assert "structlog" not in imported


def test_every_declared_dependency_is_used_by_the_product() -> None:
    import_names = {
        "cel-expr-python": "cel_expr_python",
        "opentelemetry-exporter-otlp-proto-http": "opentelemetry",
        "opentelemetry-sdk": "opentelemetry",
        "prometheus-client": "prometheus_client",
        "ruamel.yaml": "ruamel",
    }
    used_otherwise = {"tzdata"}  # zoneinfo reads it where the system has no zones
    used = {name for path in modules(*PRODUCT) for name in imports(path)}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = {re.split(r"[\[<>=]", line)[0] for line in project["dependencies"]} - used_otherwise
    assert {name for name in declared if import_names.get(name, name) not in used} == set()


def test_nothing_tracked_names_a_place_on_one_machine() -> None:
    # Folders of a person (but for an example's `me`) or of a build machine; a server's own (/var, /etc) may be named.
    place = re.compile(r"(?<![\w.~}/-])/(?:root|work|workspace|builds|Users/\w+|home/(?!me/)\w+)/")
    assert lines_with(place) == []


def test_nothing_tracked_says_where_packages_come_from() -> None:
    # Whoever installs has registries of their own; pip's and Go's settings say which.
    source = re.compile(
        r"(?i)(--(extra-)?index-url|--find-links|--trusted-host|GOPROXY=|"
        r"https?://[^/\s\"']*(pypi|pythonhosted|npmjs|goproxy|proxy\.golang|artifactory|nexus|mirror)[^/\s\"']*)"
    )
    assert lines_with(source) == []


def test_the_pins_carry_hashes_and_no_address() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        assert "://" not in text
        pins = re.findall(r"^[A-Za-z0-9][^\s#]*==.*(?:\n    .*)*", text, flags=re.MULTILINE)
        assert len(pins) > 20
        assert [pin.splitlines()[0] for pin in pins if "--hash=sha256:" not in pin] == []


def test_the_wheel_holds_all_that_runs(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True, timeout=LONGEST_SECONDS)
    (wheel,) = tmp_path.glob("*.whl")
    held = set(ZipFile(wheel).namelist())
    for folder in ("src/dealflow", "workflows/dealflow_workflows"):
        for path in tracked():
            if path.is_relative_to(ROOT / folder):
                # Of a catalogue of texts the wheel has what gettext reads.
                running = path.with_suffix(".mo") if path.suffix == ".po" else path
                assert running.relative_to((ROOT / folder).parent).as_posix() in held
    assert {
        "dealflow/adapters/temporal_server/cli_module/go.mod",
        "dealflow/adapters/temporal_server/cli_module/go.sum",
    } <= held


def imports(path: Path) -> set[str]:
    """The top-level names that a module imports, anywhere in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.partition(".")[0])
    return found


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern occurs in tracked text; this file, which has to spell it, and large data are left out."""
    found: list[str] = []
    for path in tracked():
        if path == Path(__file__) or path.stat().st_size > 1_000_000:
            continue
        text = path.read_bytes().decode("utf-8", errors="ignore")
        found += [f"{named(path)}:{n}: {line}" for n, line in enumerate(text.splitlines(), 1) if pattern.search(line)]
    return found

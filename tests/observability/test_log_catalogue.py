"""Every log event used in the source is in the catalogue, and the logs keep their form."""

import ast
import io
import json
import logging
import re
from collections.abc import Iterator

import pytest
import structlog

from dealflow.observability import happened as occurrences
from dealflow.observability.happened import Occurrence
from dealflow.observability.logs import Log, configure_logs, emit, emit_facts
from tests.support.paths import ROOT

SOURCE = ROOT / "src" / "dealflow"
_METHODS = {"debug", "info", "warning", "error", "exception", "critical", "log"}
_LOGGERS = re.compile(r"^_?log(ger)?$")


@pytest.fixture(autouse=True)
def logs_as_before() -> Iterator[None]:
    root, ours = logging.getLogger(), logging.getLogger("dealflow")
    before = (root.handlers[:], root.level, ours.level)
    yield
    root.handlers[:], root.level, ours.level = before
    structlog.reset_defaults()


def faults(source: str, file: str) -> list[str]:
    """Calls that log something that is not in the catalogue."""
    found: list[str] = []
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        first = node.args[0] if node.args else None
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        if name == "emit":
            ours = isinstance(first, ast.Attribute) and isinstance(first.value, ast.Name) and first.value.id == "Log"
            if not ours or getattr(first, "attr", "") not in Log.__members__:
                found.append(f"{file}:{node.lineno}: emit() takes a member of Log, not {ast.unparse(first or node)}")
        elif name == "happened":
            if not isinstance(getattr(occurrences, getattr(first, "attr", ""), None), Occurrence):
                found.append(f"{file}:{node.lineno}: happened() takes an Occurrence, not {ast.unparse(first or node)}")
        elif isinstance(node.func, ast.Attribute) and name in _METHODS:
            owner = node.func.value
            if isinstance(owner, ast.Name) and _LOGGERS.match(owner.id):
                found.append(f"{file}:{node.lineno}: log through `emit`, not {ast.unparse(node.func)}")
        elif name == "get_logger" and "structlog" in ast.unparse(node.func):
            found.append(f"{file}:{node.lineno}: only observability has a logger")
    return found


def test_every_event_in_the_source_is_in_the_catalogue() -> None:
    found = [
        fault
        for path in sorted(SOURCE.rglob("*.py"))
        if path.parent.name != "observability"
        for fault in faults(path.read_text(encoding="utf-8"), str(path.relative_to(SOURCE)))
    ]
    assert found == []


@pytest.mark.parametrize(
    "line",
    [
        "emit('deal.opened')",
        "happened('deal.opened')",
        "happened(h.NO_SUCH)",
        "emit(Log.NO_SUCH)",
        "log.info('x')",
        "_logger.warning('x')",
        "structlog.get_logger()",
    ],
)
def test_the_scan_finds_what_it_is_for(line: str) -> None:
    assert len(faults(line, "x.py")) == 1


def test_every_name_of_the_catalogue_is_logged_somewhere() -> None:
    source = "".join(path.read_text(encoding="utf-8") for path in SOURCE.rglob("*.py"))
    assert [name for name in Log.__members__ if f"Log.{name}" not in source] == []


def test_facts_are_logged_by_their_own_names() -> None:
    out = io.StringIO()
    configure_logs("json", "info", out)
    emit_facts(["deal.stall_recorded.v1", "deal.clock_started.v1"], deal="d")
    assert [json.loads(line)["event"] for line in out.getvalue().splitlines()] == ["stall.recorded"]


def test_the_scan_lets_the_catalogue_pass() -> None:
    assert (
        faults(
            "emit(Log.DEAL_OPENED, deal='d')\nhappened(h.DEAL_WOKEN)\nmath.log(2)\nlogger.name\nworkflow.logger.info('x')",
            "x.py",
        )
        == []
    )


def test_names_follow_one_form_and_match_their_members() -> None:
    for event in Log:
        assert re.fullmatch(r"[a-z]+\.[a-z_]+", event.value)
        assert event.name == event.value.replace(".", "_").upper()


def test_the_domain_knows_neither_settings_nor_logs_nor_metrics() -> None:
    known = re.compile(r"dealflow\.(settings|telemetry|metrics|tracing)|import (structlog|logging)")
    assert [path for path in (SOURCE / "domain").rglob("*.py") if known.search(path.read_text("utf-8"))] == []


def test_a_json_line_has_the_event_its_values_and_no_password() -> None:
    out = io.StringIO()
    configure_logs("json", "info", out)
    emit(Log.WORKER_STARTED, url="postgresql://me:secret@host/db", deal="商机")
    emit(Log.DEAL_OPENED, "debug", deal="not at this level")
    logging.getLogger("other.package").warning("said %s", "so")
    try:
        raise ValueError("broken")
    except ValueError as error:
        emit(Log.PART_FAILED, "error", part="relay", exc_info=error)
    first, other, failed = (json.loads(line) for line in out.getvalue().splitlines())
    assert first["event"] == "worker.started" and first["level"] == "info" and first["deal"] == "商机"
    assert first["url"] == "postgresql://me:***@host/db" and first["at"].endswith("Z")
    assert other["event"] == "said so" and other["logger"] == "other.package"
    assert failed["part"] == "relay" and "ValueError: broken" in failed["exception"]


def test_the_console_shows_one_line_per_event_without_colours_in_a_file() -> None:
    out = io.StringIO()
    configure_logs("console", "debug", out)
    configure_logs("console", "debug", out)
    emit(Log.WORKER_STARTED, "debug", queue="dealflow")
    [line] = out.getvalue().splitlines()
    assert "worker.started" in line and "queue=dealflow" in line and "\x1b" not in line

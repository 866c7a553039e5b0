"""Small event logs of the shipped loan process, in the dialects that public logs are written in, and a mapping for them."""

from datetime import UTC, datetime
from pathlib import Path

from dealflow.adapters.imports.logs.plans import LogPlans
from dealflow.adapters.imports.logs.survey import survey
from dealflow.adapters.imports.logs.xes_file import XesFile
from dealflow.adapters.imports.mapping.file import read_log_mapping
from dealflow.adapters.imports.mapping.model import LogMapping
from dealflow.application.imports.plans import DealPlan, Reject
from tests.support.files.import_files import Published, lookup, rejects_of, shipped_process

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
BEGINS = {
    "with a slash": '<log xes.version="1.0" xmlns="http://www.xes-standard.org/">',
    "without a slash": '<log xes.version="1849.2016" xmlns="http://www.xes-standard.org">',
    "prefixed": '<log xes.version="2.0" xmlns:x="http://www.xes-standard.org/">',
    "no namespace": "<log>",
}
SMALL = """\
source: small-log
process: consumer-loan
zone: Europe/Amsterdam
deal:
  title: 'Loan {case:concept:name}'
  amount: case:AMOUNT_REQ
facts:
  values:
    Apply: [{evidence: application, fields: {amount: case:AMOUNT_REQ}}]
    Send: [{milestone: offer_sent}]
    Return: [{evidence: returned_offer, fields: {received_at: time:timestamp}}]
    Accept: [{evidence: acceptance, fields: {accepted_at: time:timestamp}}]
    Pay: [{milestone: activated}, {outcome: won}]
    Decline: [{outcome: lost, reason: declined}]
    Call+complete: [{activity: 'Called by {org:resource}'}]
    Note: []
    +schedule: []
"""


def event(
    activity: str, at: str | None, transition: str = "complete", resource: str | None = "Pete", more: str = ""
) -> str:
    """One event; `at` without a zone or None for none."""
    who = f'<string key="org:resource" value="{resource}"/>' if resource else ""
    when = f'<date key="time:timestamp" value="{at}"/>' if at else ""
    name = f'<string key="concept:name" value="{activity}"/>'
    return f'<event>{name}<string key="lifecycle:transition" value="{transition}"/>{who}{when}{more}</event>\n'


def trace(name: str | None, *events: str, amount: str = "5000") -> str:
    """One trace."""
    named = f'<string key="concept:name" value="{name}"/>' if name is not None else ""
    return f'<trace>{named}<string key="AMOUNT_REQ" value="{amount}"/>\n{"".join(events)}</trace>\n'


def log(*traces: str, begin: str = BEGINS["with a slash"]) -> str:
    """A whole log."""
    head = '<global scope="event"><string key="concept:name" value="UNKNOWN"/></global>'
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{begin}\n{head}\n{"".join(traces)}</log>\n'


WON = trace(
    "C1",
    event("Apply", "2012-01-02T09:00:00.000+01:00"),
    event("Send", "2012-01-03T09:00:00.000+01:00"),
    event("Return", "2012-01-05T09:00:00.000+01:00"),
    event("Pay", "2012-01-09T09:00:00.000+01:00"),
    event("Accept", "2012-01-09T09:00:00.000+01:00"),
)


def loan_process() -> Published:
    """The shipped loan template, as if it were published."""
    return shipped_process("consumer-loan")


def log_mapping(folder: Path, text: str = SMALL) -> LogMapping:
    """The mapping, written into the folder and read."""
    path = folder / "mapping.yaml"
    path.write_text(text, encoding="utf-8")
    return read_log_mapping(path, lookup(loan_process()))


def log_file(folder: Path, content: str | bytes) -> XesFile:
    """The log, written into the folder."""
    path = folder / "log.xes"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return XesFile(path)


def log_plans(folder: Path, content: str | bytes, mapping: str = SMALL) -> tuple[list[DealPlan], list[Reject]]:
    """Everything that the log gives, plans and rejects apart, as an import would go through it."""
    file, read = log_file(folder, content), log_mapping(folder, mapping)
    items = list(LogPlans(file, survey(file, read), read, NOW, None))
    return [item for item in items if isinstance(item, DealPlan)], rejects_of(items)

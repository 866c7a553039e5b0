"""An export with blanks, invisible characters and spellings of names: one deal and one person each, and nothing in silence."""

from pathlib import Path

import pytest

from dealflow.cli.user import os_user
from tests.support.running.typed_commands import CommandLine

PROCESS = """\
process: pipe
title: {en: Pipe, zh: 管道}
calendar: plain
currency: EUR
evidence:
  note: {title: {en: Note, zh: 记录}, fields: {said: {text: {min_length: 3}, title: {en: Said, zh: 内容}}}}
stages:
  - {id: lead, title: {en: Lead, zh: 线索}, nodes: [{id: need, title: {en: Need, zh: 需求}, standard: note}]}
  - {id: offer, title: {en: Offer, zh: 报价}, wins: true, nodes: [{id: signed, title: {en: Signed, zh: 签署}, standard: note}]}
"""
MAPPING = """\
source: crm
process: pipe
zone: UTC
dates: [iso]
tables: {deals: deals.csv, team: team.csv}
rows: deals
deal: {id: id, title: '{title}', opened: created, owner: owner, amount: amount}
facts:
  by: stage
  values: {Lead: []}
people: {table: team, person: name, manager: boss, manager_role: director}
"""
HEADER = "id,title,owner,stage,created,amount\n"
DEALS = (
    "D01,two blanks in both tables,Anna  Lee,Lead,2026-09-01,5\n"
    "D02,fine,Carl Ott,Lead,2026-09-01,5\n"
    "D03,no-break space,Carl\u00a0Ott,Lead,2026-09-01,5\n"
    "D02\u200b,the same id with a zero width space,Carl Ott,Lead,2026-09-01,5\n"
    "D02\ufeff,the same id with a byte order mark,Carl Ott,Lead,2026-09-01,5\n"
)
TEAM = 'name,boss\nAnna  Lee,Bo Chen\n"C\tD",Bo Chen\nCarl Ott,Bo Chen\n'


@pytest.fixture
def export(bare: CommandLine, tmp_path: Path) -> Path:
    """The export with its mapping, the process published, and a file of people with the one who imports."""
    folder = tmp_path / "export"
    folder.mkdir()
    for name, text in (
        ("process.yaml", PROCESS),
        ("map.yaml", MAPPING),
        ("deals.csv", HEADER + DEALS),
        ("team.csv", TEAM),
    ):
        (folder / name).write_text(text, encoding="utf-8")
    (bare.home / "people.yaml").write_text(
        f"people:\n  - {{id: cleo, name: Cleo Wu, role: operations, users: ['{os_user()}'], acts_for: ['*']}}\n"
    )
    bare.done("process", "publish", folder / "process.yaml")
    return folder


def words(export: Path, *more: str) -> tuple[str | Path, ...]:
    return ("import", "crm-csv", export, "--mapping", export / "map.yaml", "--most-rejects", "2", *more)


def test_each_deal_and_each_person_is_there_once(bare: CommandLine, export: Path) -> None:
    report = bare.json(*words(export, "--people"))
    assert (report["new"], report["rejected"], report["unknown_owners"]) == (3, 2, {})
    assert [reject["row"] for reject in report["rejects"]] == [5, 6]
    assert all("first in row 3" in reject["place"] for reject in report["rejects"])
    assert report["people_added"] == ["Anna Lee", "C D", "Carl Ott", "Bo Chen"]
    deals = bare.json("deal", "list")["deals"]
    assert [(row["deal_id"], row["owner"], row["director"]) for row in deals] == [
        ("D01", "Anna Lee", "Bo Chen"), ("D02", "Carl Ott", "Bo Chen"), ("D03", "Carl Ott", "Bo Chen"),
    ]  # fmt: skip


def test_the_summary_counts_what_was_changed_and_shows_the_first_rows(bare: CommandLine, export: Path) -> None:
    said = bare.done(*words(export, "--people"))
    assert "Ids and names that are kept in another spelling" in said
    assert "deals.csv:2, owner: 'Anna \\x20Lee' is taken as 'Anna Lee'" in said
    assert "deals.csv:4, owner: 'Carl\\xa0Ott' is taken as 'Carl Ott'" in said
    assert "team.csv:3, name: 'C\\tD' is taken as 'C D'; taken out or written otherwise: U+0009 TAB" in said
    again = bare.json(*words(export, "--people"))
    assert (again["unchanged"], again["events"]) == (3, 0)
    assert [(column["place"], column["rows"]) for column in again["respelled"]] == [("owner", 2)]
    assert [(column["place"], column["rows"]) for column in again["people_respelled"]] == [("name", 2)]


def test_the_summary_is_said_in_chinese(bare: CommandLine, export: Path) -> None:
    said = bare.done(*words(export, "--people", "--lang", "zh"))
    assert "写法经统一后保存的编号和名称" in said
    assert "deals.csv:4，owner：“Carl\\xa0Ott”按“Carl Ott”处理" in said


def test_a_header_alone_is_refused_as_an_empty_log_is(bare: CommandLine, export: Path) -> None:
    (export / "deals.csv").write_text(HEADER, encoding="utf-8")
    refused = bare(*words(export))
    assert refused.code == 1
    assert "deals.csv:1:1: error: the file has no row beneath its header" in refused.err
    assert bare(*words(export, "--dry-run", "--json")).code == 1

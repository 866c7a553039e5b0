"""Whole tables as spreadsheets, CRMs, data frames and Java write them: the deal and every kind of field, or what is to be done."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dealflow.adapters.imports.csv.files import open_csv
from dealflow.adapters.imports.mapping.file import ImportInvalid, read_mapping
from dealflow.adapters.processes.reader import load_process
from dealflow.domain.deal import commands as c
from dealflow.domain.process.definition import ProcessRef
from tests.support.deals.plain_process import digest_of
from tests.support.files.import_files import Published, lookup, planned, problems_of

NOW = datetime(2026, 6, 1, tzinfo=UTC)
PROCESS = """\
process: any
title: {en: Any, zh: 任}
currency: EUR
evidence:
  seen:
    title: {en: Seen, zh: 见}
    fields:
      day: {type: date, required: false}
      at: {type: instant, required: false}
      sum: {type: money, required: false}
      num: {type: number, required: false}
      n: {type: integer, required: false}
      ok: {type: boolean, required: false}
      kind: {type: one_of, options: [approved, rejected], required: false}
      who: {type: person, required: false}
stages:
  - {id: lead, title: {en: Lead, zh: 一}, nodes: [{id: need, title: {en: Need, zh: 需}, standard: seen}]}
  - {id: sign, title: {en: Sign, zh: 二}, wins: true, nodes: [{id: signed, title: {en: Signed, zh: 签}, standard: seen}]}
lost_reasons: [not_given]
"""
FIELDS = ("day", "at", "sum", "num", "n", "ok", "kind", "who")
MAPPING = """\
source: any
process: any
zone: ZONE
tables: {deals: {file: deals.csv, encoding: ENCODING, delimiter: 'DELIMITER'}}
rows: deals
deal: {id: id, opened: created, owner: owner, amount: value, currency: CURRENCY}
facts:
  every: [{evidence: seen, at: created, fields: {FIELDS}}]
""".replace("FIELDS", ", ".join(f"{name}: {name}" for name in FIELDS))
HEADER = ("id", "owner", "created", "value", *FIELDS)
A_DAY = {"id": "A", "owner": "ann", "created": "2025-03-01", "value": "5"}


@dataclass(frozen=True)
class Written:
    """A table by the cells that differ from `A_DAY`, and how it is written."""

    rows: tuple[dict[str, str], ...]
    delimiter: str = ","
    encoding: str = "utf-8"
    currency: str = "EUR"
    zone: str = "Europe/Berlin"
    declared: dict[str, str] = field(default_factory=dict)

    def text(self) -> str:
        """The file."""
        lines = [self.delimiter.join(HEADER)]
        for number, row in enumerate(self.rows):
            cells = {**A_DAY, "id": chr(ord("A") + number), **row}
            quoted = (cells.get(name, "") for name in HEADER)
            lines.append(self.delimiter.join(f'"{cell}"' if self.delimiter in cell else cell for cell in quoted))
        return "\r\n".join((*lines, ""))

    def read(self, folder: Path) -> tuple[list[dict[str, str]], list[tuple[str, str]]]:
        """What is read of each row, and the fields and values that are left out or looked at."""
        (folder / "process.yaml").write_text(PROCESS, encoding="utf-8")
        (folder / "deals.csv").write_bytes(self.text().encode(self.encoding))
        mapping = MAPPING
        for name, said in (("ZONE", self.zone), ("ENCODING", self.encoding), ("CURRENCY", self.currency)):
            mapping = mapping.replace(name, said)
        mapping = mapping.replace("DELIMITER", "tab" if self.delimiter == "\t" else self.delimiter)
        rules = "".join(f"  {column}: {rule}\n" for column, rule in self.declared.items())
        (folder / "mapping.yaml").write_text(mapping + (f"columns:\n{rules}" if rules else ""), encoding="utf-8")
        definition, problems = load_process(folder / "process.yaml")
        assert definition is not None, problems
        known = Published(ProcessRef(name="any", version=1, digest=digest_of(definition)), definition)
        files = open_csv([folder / "deals.csv"], read_mapping(folder / "mapping.yaml", lookup(known)))
        plans, rejects = planned(files, NOW)
        found = []
        for plan in plans:
            opening = plan.opening
            own = {
                "created": f"{opening.opened_at:%Y-%m-%dT%H:%M:%SZ}",
                "owner": opening.owner,
                "value": opening.amount,
            }
            seen = next((act.fields for _, act in plan.acts if isinstance(act, c.RecordEvidence)), {})
            found.append({name: str(value) for name, value in {**own, **seen}.items() if value is not None})
        return found, [(reject.field, reject.value) for reject in rejects]


GERMAN = Written(
    (
        {
            "owner": "Jörg", "created": "14.03.2025", "value": "1.234,56 €", "day": "1. Apr. 2025", "at": "14.03.2025 09:30",
            "sum": "(1.000,50)", "num": "0,5", "n": "1.000", "ok": "WAHR", "kind": "approved", "who": "Jürgen",
        },
        {"created": "15.03.2025", "value": "20,--", "day": "15. März 2025", "ok": "FALSCH", "n": "12", "num": "1,25"},
    ),
    delimiter=";",
    encoding="cp1252",
    declared={"n": "{decimal: comma}", "sum": "{decimal: comma}"},
)  # fmt: skip


@pytest.mark.parametrize(
    ("written", "wanted", "told"),
    [
        pytest.param(
            GERMAN,
            [
                {
                    "created": "2025-03-13T23:00:00Z", "owner": "Jörg", "value": "1,234.56 EUR", "day": "2025-04-01",
                    "at": "2025-03-14T08:30:00+00:00", "num": "0.5", "n": "1000", "ok": "true", "kind": "approved",
                    "who": "Jürgen",
                },
                {
                    "created": "2025-03-14T23:00:00Z", "owner": "ann", "value": "20.00 EUR", "day": "2025-03-15", "num": "1.25",
                    "n": "12", "ok": "false",
                },
            ],
            [("sum", "(1.000,50)")],
            id="excel-german",
        ),
        pytest.param(
            Written(
                ({"value": "1\u202f234,56 €", "created": "14/03/2025", "at": "14/03/2025 09h30", "n": "1\u00a0000", "ok": "VRAI"},),
                delimiter=";",
                encoding="utf-8-sig",
            ),
            [
                {
                    "created": "2025-03-13T23:00:00Z", "owner": "ann", "value": "1,234.56 EUR", "at": "2025-03-14T08:30:00+00:00",
                    "n": "1000", "ok": "true",
                }
            ],
            [],
            id="excel-french",
        ),
        pytest.param(
            Written(({"value": "CHF 1’234.50", "sum": "1'234.-", "num": "1'000.5"},), delimiter=";", currency="CHF"),
            [
                {
                    "created": "2025-02-28T23:00:00Z", "owner": "ann", "value": "1,234.50 CHF", "sum": "1,234.00 CHF",
                    "num": "1000.5",
                }
            ],
            [],
            id="excel-swiss",
        ),
        pytest.param(
            Written(({"created": "14-03-2025", "value": "₹1,23,456.78", "sum": "12,34,567", "n": "1,23,456"},), currency="INR"),
            [
                {
                    "created": "2025-03-13T23:00:00Z", "owner": "ann", "value": "123,456.78 INR", "sum": "1,234,567.00 INR",
                    "n": "123456",
                }
            ],
            [],
            id="excel-indian",
        ),
        pytest.param(
            Written(
                (
                    {
                        "owner": "王伟", "created": "2025/3/14", "value": "￥1234.56", "day": "2025年4月1日",
                        "at": "2025/3/14 下午 9:30:00", "sum": "12万", "num": "０．５", "n": "１２", "ok": "是",
                    },
                    {"owner": "李娜", "created": "2025/3/15", "value": "100元", "ok": "√"},
                    {"owner": "李娜", "created": "2025/3/16", "value": "100元", "ok": "否"},
                ),
                encoding="gb18030",
                currency="CNY",
                zone="Asia/Shanghai",
            ),
            [
                {
                    "created": "2025-03-13T16:00:00Z", "owner": "王伟", "value": "1,234.56 CNY", "day": "2025-04-01",
                    "at": "2025-03-14T13:30:00+00:00", "sum": "120,000.00 CNY", "num": "0.5", "n": "12", "ok": "true",
                },
                {"created": "2025-03-14T16:00:00Z", "owner": "李娜", "value": "100.00 CNY", "ok": "true"},
                {"created": "2025-03-15T16:00:00Z", "owner": "李娜", "value": "100.00 CNY", "ok": "false"},
            ],
            [],
            id="wps-chinese",
        ),
        pytest.param(
            Written(({"created": "3/14/2025 9:30 PM", "value": "$1,234.56", "n": "1E+05", "ok": "TRUE"},), "\t", "utf-16", "USD"),
            [{"created": "2025-03-14T20:30:00Z", "owner": "ann", "value": "1,234.56 USD", "n": "100000", "ok": "true"}],
            [],
            id="unicode-text",
        ),
        pytest.param(
            Written(({"owner": "NA", "value": "NA", "n": "NA", "num": "1e+05", "ok": "NA", "who": "NA", "at": "NA"},)),
            [{"created": "2025-02-28T23:00:00Z", "num": "100000"}],
            [],
            id="data-frame-of-nothing",
        ),
        pytest.param(
            Written(({"owner": "nan", "value": "1234.0", "n": "3.0", "num": "inf", "at": "NaT", "ok": "True", "day": "#N/A"},)),
            [{"created": "2025-02-28T23:00:00Z", "value": "1,234.00 EUR", "n": "3", "ok": "true"}],
            [("num", "inf")],
            id="pandas",
        ),
        pytest.param(
            Written(
                (
                    {"created": "2025-03-14T09:30:00Z", "value": "1,234.5", "at": "2025-03-14T09:30+01:00[Europe/Berlin]"},
                    {"created": "2025-03-14T09:30:00.123Z", "at": "2025-10-26T02:30[Europe/Berlin]"},
                )
            ),
            [
                {
                    "created": "2025-03-14T09:30:00Z", "owner": "ann", "value": "1,234.50 EUR",
                    "at": "2025-03-14T08:30:00+00:00",
                },
                {
                    "created": "2025-03-14T09:30:00Z", "owner": "ann", "value": "5.00 EUR", "at": "2025-10-26T00:30:00+00:00",
                },
            ],
            [("at", "2025-10-26T02:30[Europe/Berlin]")],
            id="java",
        ),
        pytest.param(
            Written(({"day": "2025-03-14T23:30:00Z"}, {"day": "2025-03-14T00:00:00Z"}, {"day": "2025-03-14 23:30"})),
            [
                {"created": "2025-02-28T23:00:00Z", "owner": "ann", "value": "5.00 EUR", "day": day}
                for day in ("2025-03-15", "2025-03-14", "2025-03-14")
            ],
            [],
            id="days-of-instants",
        ),
    ],
)  # fmt: skip
def test_a_table_is_read_as_it_was_meant(
    tmp_path: Path, written: Written, wanted: list[dict[str, str]], told: list[tuple[str, str]]
) -> None:
    assert written.read(tmp_path) == (wanted, told)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (({"n": "1.000"}, {"n": "2"}), "read in two ways: row 2 '1.000'; say which one is meant: decimal:"),
        (({"num": "12.5%"}, {"num": "50 %"}, {"num": "7%"}), "column 'num': no form fits any of its 3 cells"),
        (({"day": "01/04/2025"},), "read in two ways: row 2 '01/04/2025'"),
        (({"created": "1741944600"},), "epoch-seconds fits its 1 cell"),
        (({"created": "45730"}, {"created": "45730.5"}), "excel-1900 fits all 2 cells; excel-1904 fits all 2 cells"),
        (
            ({"created": "2025-03-14"}, {"created": "14.03.2025"}),
            "write dates: [iso, '%d.%m.%Y'] in the mapping, for one column under columns: created",
        ),
    ],
)
def test_a_column_that_may_mean_two_things_says_what_to_write(
    tmp_path: Path, rows: tuple[dict[str, str], ...], said: str
) -> None:
    with pytest.raises(ImportInvalid) as refused:
        Written(rows).read(tmp_path)
    assert said in "\n".join(problems_of(refused.value, tmp_path))


@pytest.mark.parametrize("word", ["TRUE", "Yes", "y", "x", "✓", "1", "1.0", "WAHR", "oui", "sí", "是", "да"])
@pytest.mark.parametrize("other", ["FALSE", "No", "0", "FALSCH", "non", "否", "нет"])
def test_yes_and_no_in_the_languages_of_spreadsheets(tmp_path: Path, word: str, other: str) -> None:
    found, told = Written(({"ok": word}, {"ok": other})).read(tmp_path)
    assert ([row["ok"] for row in found], told) == (["true", "false"], [])

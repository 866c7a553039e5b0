"""Files with faults: good templates, mappings, people, calendars, tables and logs, with some of their text changed."""

import re
from pathlib import Path
from random import Random

from tests.support.files import import_files, xes_files
from tests.support.generated import words
from tests.support.generated.personal import TEMPLATE, VALUES
from tests.support.paths import PROCESS_DEFS

PEOPLE = """\
people:
  - {id: bo, name: Bo Chen, role: director, language: zh, channels: [{id: f, url: 'file:'}]}
  - {id: anna, name: Anna, manager: bo, region: North, users: [somebody]}
  - {id: me, name: Me, role: operations, users: [%s], acts_for: ['*']}
"""
CALENDARS = """\
calendars:
  - {name: paris, country: FR, zone: Europe/Paris}
  - {name: ours, zone: Asia/Shanghai, weekend: [sat, sun], hours: ['09:00-12:00', '13:00-18:00'], holidays: [2026-10-01]}
"""
SETTINGS = 'zone = "Asia/Shanghai"\nlanguage = "en"\nlog_level = "warning"\ndigest_minutes = 15\n'
CALLS = """\
source: calls
process: hearsay
zone: UTC
tables: {deals: calls.csv}
rows: deals
deal: {id: id, title: id, opened: opened, owner: owner, customer: firm, amount: amount}
facts:
  by: stage
  values:
    Called: [{evidence: call, at: opened, fields: {who: who, phone: phone, mail: mail, born: born, seen_at: seen_at, paid: paid}}]
    Won: [{stage: sign, at: opened}, {outcome: won, at: opened, amount: amount}]
"""
_COLUMNS = ("who", "phone", "mail", "born", "seen_at", "paid")
_PLACE = re.compile(r"[^\s:,{}\[\]<>\"'=]+")
_MARKS = tuple(":,{}[]<>\"'=#&*!|>%@`\n\t-\x00\u202e\udc80\ufeff")


def templates(draw: Random) -> str:
    """A template with faults."""
    names = ("standard-sale", "maven-crm", "consumer-loan")
    text = TEMPLATE if draw.random() < 0.5 else (PROCESS_DEFS / f"{draw.choice(names)}.yaml").read_text("utf-8")
    return spoilt(draw, text)


def calls(draw: Random) -> str:
    """A table with personal cells, good ones and bad."""
    rows = ["id,stage,opened,owner,firm,amount," + ",".join(_COLUMNS)]
    for number in range(draw.randint(1, 6)):
        plain = (f"t{number}", draw.choice(("Called", "Won")), "2026-01-05", "anna", "Acme", "5 EUR")
        given = [words.hostile(draw) if draw.random() < 0.1 else cell for cell in plain]
        personal = [draw.choice(VALUES[name]) for name in _COLUMNS]
        rows.append(",".join('"' + cell.replace('"', '""') + '"' for cell in (*given, *personal)))
    return "\n".join(rows)


def tables(draw: Random) -> tuple[str, str]:
    """A mapping and a table that it may fit."""
    if draw.random() < 0.6:
        mapping = CALLS if draw.random() < 0.6 else spoilt(draw, CALLS)
        return mapping, calls(draw)
    rows = f"{import_files.HEADER}\nt1,bo,GTX Pro,Acme,Won,2017-03-01,2017-04-01,500,550\nt2,bo,MG,,New,,,,"
    return spoilt(draw, import_files.SMALL), spoilt(draw, rows)


def logs(draw: Random) -> tuple[str, str]:
    """A mapping of an event log, and a log."""
    one = xes_files.log(
        xes_files.trace(
            "t1",
            xes_files.event("Apply", "2011-10-01T08:00:00.000+02:00"),
            xes_files.event("Accept", "2011-10-05T08:00:00.000+02:00"),
        )
    )
    mapping = xes_files.SMALL if draw.random() < 0.6 else spoilt(draw, xes_files.SMALL)
    return mapping, spoilt(draw, one)


def spoilt(draw: Random, text: str) -> str:
    """The text with up to four changes, or with none."""
    for _ in range(draw.randint(0, 4)):
        lines = text.split("\n")
        at = draw.randrange(len(lines))
        match draw.randrange(6):
            case 0:
                del lines[at]
            case 1:
                lines.insert(at, lines[draw.randrange(len(lines))])
            case 2:
                here = draw.randrange(len(lines[at]) + 1)
                lines[at] = lines[at][:here] + draw.choice(_MARKS) + lines[at][here:]
            case 3:
                lines = lines[: at + 1]
            case _:
                places = list(_PLACE.finditer(lines[at]))
                if places:
                    place, new = draw.choice(places), words.hostile(draw)
                    new = repr(new) if draw.random() < 0.5 else new
                    lines[at] = lines[at][: place.start()] + new + lines[at][place.end() :]
        text = "\n".join(lines)
    return text


def write(path: Path, text: str) -> Path:
    """Put a text into a file, whatever is in it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    return path

"""Words to put where a command line, a file or a setting has one: good ones by what they are for, and hostile ones."""

from collections.abc import Mapping, Sequence
from random import Random

HOSTILE: Sequence[str] = (
    "", " ", "\t", "\n", "a\nb", " d1 ", "d1\u200b", "\u0410nna", "\u202ed1", "\x1b[2J", "\x07", "\udc80", "\ufeff",
    "\u2028", "a" * 121, "a" * 301, "a" * 20_001, "字" * 301, "👩\u200d👩\u200d👧", "é" * 3, "e\u0301" * 90, "\u0301",
    "d1/1", "/", "..", "../x", "9" * 30, "9" * 5_000, "-" + "9" * 5_000, "0." + "9" * 5_000, "1e400", "1e999999999",
    "-1", "0", "-0", "1.5", "1,5", "1_000", "0x10", "١٢٣", "²", "½", "Ⅳ", "NaN", "-Infinity", "inf", str(2**31),
    str(2**53), str(2**63), str(2**63 - 1), str(-(2**63)), str(2**64), str(10**18), "9999-12-31", "9999-12-30",
    "0001-01-01", "1582-10-10", "10000-01-01", "2026-02-30", "31/12/9999", "9999-12-31T23:59:59.999999+00:00",
    "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", "2026-11-24T25:00", "2026-11-24T09:30:00+99:99",
    "9999-12-31 23:59", "99990101", "9999年12月31日", "31 Dec 9999", "下周日", "tomorrow", "now", "2026-W01-1",
    "9999999 working days", "9999999 days", "9999999 working hours", "0 days", "-5 days", "5 days", "1 second",
    "10000000 days", "@", "@missing", "@.", "@@x", "=", "a=b=c", "==", "{}", "{0}", "{a}", "%s", "%(x)s", "$x",
    "${x}", "\\", "'", '"', "`x`", "--", "-", "-x", "--yes", "[red]x[/red]", "[/]", "null", "true", "None", "*", "?",
    "|", "🏴\U000e0067\U000e007f", "dealflow", "999999999999 CNY", "9" * 40 + " CNY", "0.001 CNY", "5 XXX", "5 €",
    "-5 CNY", "5万", "9万亿亿", "1.234,56", "5" + "0" * 17,
)  # fmt: skip
JSON: Sequence[str] = (
    "{", "[]", "{}", "null", '"x"', '{"a": 1, "a": 2}', '{"a": NaN}', '{"a": 1e400}', '{"a": -1e999999999}',
    '{"a": ' + "9" * 5_000 + "}", '{"amount": ' + "9" * 4_400 + "}", '{"amount": 1e-999}',
    '{"a": ' + "[" * 3_000 + "]" * 3_000 + "}", '{"a": {"b": [1, null, true]}}', '{"amount": true}',
    '{"amount": {"minor": 1e3, "currency": "CNY"}}', '{"amount": {"minor": 99999999999999999999, "currency": "CNY"}}',
    '{"text": "\\ud800"}', '{"text": "\\u0000"}', '{"": 1}', '{"\\ud800": 1}', '{"amount": [5]}',
    '{"paid_on": 20261124}', '{"paid_on": null}', '{"with": 1.0}', '{"amount": 12345678901234567890.12}', "9" * 5_000,
    "\ufeff{}", "@missing", "@.", "@", '{"phone": ' + "1" * 400 + "}",
)  # fmt: skip
# By the name of a parameter; a name that is not here gets any word of all.
GOOD: Mapping[str, Sequence[str]] = {
    "deal": ("d1", "d2", "d3", "h1", "h2"),
    "ids": ("d1", "h1", "h1/1/1/stage_age/1"),
    "evidence": ("e1", "e2", "e3"),
    "step": ("s1", "s2"),
    "kind": ("payment", "reply", "call", "note", "meeting_note", "evidence"),
    "milestone": ("quote_sent", "appointment_made", "rung"),
    "node": ("decider_met", "heard", "deposit_paid"),
    "stage": ("meeting", "lead", "sign"),
    "to": ("anna", "ben", "meeting", "lead"),
    "from_": ("anna", "ben"),
    "owner": ("anna", "ben"),
    "director": ("bo",),
    "person": ("bo", "anna"),
    "actor": ("anna", "dealflow"),
    "author": ("anna",),
    "process": ("hearsay", "standard-sale", "standard-sale@1"),
    "name": ("standard-sale", "china-office", "hearsay@1"),
    "decision": ("extend", "pause", "reassign", "override", "close", "waive", "back"),
    "outcome": ("won", "open"),
    "amount": ("5000 CNY", "50,000", "1万", "12.50 EUR"),
    "observed_at": ("2026-11-24 09:30", "yesterday", "2026-11-24T09:30:00Z"),
    "as_of": ("2026-11-24", "today"),
    "known_at": ("2026-11-24", "today"),
    "by": ("tomorrow", "2030-01-01"),
    "until": ("tomorrow", "2027-01-01"),
    "lasting": ("5 working days", "8 hours"),
    "older_than": ("7 days",),
    "decimal": ("point", "comma"),
    "language": ("en", "zh"),
    "lang": ("en", "zh"),
    "limit": ("1", "20"),
    "gap": ("1", "-1"),
    "year": ("2026", "2027"),
    "after": ("d1", "5"),
    "reason": ("because", "price"),
    "lost_reason": ("price",),
    "title": ("A deal",),
    "what": ("call them",),
    "text": ("some words",),
    "note": ("some words",),
    "attribute": ("size=5",),
    "command_id": ("c1", "c2"),
    "on_behalf_of": ("anna", "bo", "ben"),
    "customer": ("Acme", "k1", "k2", "wecom:qzsecret-w1"),
    "into": ("k1", "k2"),
    "wecom": ("qzsecret-w1", "qzsecret-w2"),
    "openid": ("qzsecret-o1",),
    "account": ("qzsecret a1",),
    "customer_id": ("k1",),
    "id_": ("n1", "n2", "e2", "s2"),
}


def word(draw: Random, name: str, hostility: float = 0.4) -> str:
    """A word for a parameter of this name: a good one where there is some, or with this chance a hostile one."""
    good = GOOD.get(name, ())
    return draw.choice(good) if good and draw.random() >= hostility else hostile(draw)


def hostile(draw: Random) -> str:
    """A hostile word, sometimes two in one."""
    one = draw.choice(HOSTILE)
    return one + draw.choice(HOSTILE)[:200] if draw.random() < 0.1 else one

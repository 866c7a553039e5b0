"""A process full of personal fields, and values for them that stand nowhere else, so that one that leaks is seen."""

from collections.abc import Mapping, Sequence
from random import Random

# By field: values that fit it, and values that do not. Each holds a part of SECRETS.
VALUES: Mapping[str, Sequence[str]] = {
    "who": ("Qzsecret Ivanov", "Qzsecret\nIvanov", "Qzsecret" * 40, " Qzsecret\u00a0 Ivanov", "Qzsecret\u200bIvanov"),
    "phone": ("+49 7712 3456789", "7712 3456789 77123456789 77123456789", "77123456789x", "call 77123456789"),
    "mail": ("qzsecret@hidden.example", "qzsecret at hidden", "qzsecret@hidden", "qzsecret@@hidden.example"),
    "said": ("qzsecret words", "qzsecret\u202e", "qzsecret" * 9_000),
    "born": ("1951-03-17", "17.03.1951", "1951-03-41", "03/04/1951", "19510317x"),
    "seen_at": ("1951-03-17T09:30:00Z", "1951-03-17 09:30", "1951-03-17T99:30", "9999-12-31T23:00:00-14:00 19510317"),
    "paid": ("48123.77 EUR", "48.123,77", "48123.777 EUR", "48123.77 XXX", "EUR 4812377 4812377", "48,123"),
    "seats": ("48123771", "48123771.5", "48123771,5", "48,123", "48123771" * 9),
    "share": ("0.481237", "48123771/2", "0,481237", "48,123"),
    "page": ("https://hidden.example/qzsecret", "qzsecret.hidden", "ftp://qzsecret"),
    "agreed": ("yes", "qzsecret"),
    "mood": ("calm", "qzsecret"),
}
SECRETS: Sequence[str] = (
    "qzsecret", "7712345", "7712 345", "1951-03", "03.1951", "04/1951", "195103", "48123", "48.123", "48,123",
    "481237", "hidden.ex",
)  # fmt: skip
_RULES = (
    '{"a": 1}[who] > 0', "int(phone) > 0", "timestamp(who) > born", "duration(mail) > duration(said)",
    "who.matches(mail)", "double(said) > 0.0", "[1, 2][seats] == 1", "seats / (seats - seats) > 1",
    "seats * seats * seats > 0", "seats % 0 == 1", "{who: 1, who: 2}.size() > 1", "{mail: 1}[said] == 1", "bool(who)",
    "uint(seats - 90000001) > uint(1)", "int(share) == 1", "born.getFullYear(who) > 1",
    "born - duration(page) > born", "string(b'x') == who && int(who) == 1", "who == said && int(said) > 0",
    'timestamp("9999-12-31T00:00:00Z") + duration(phone) > born', "int(double(said)) > 1", "size(who) > 3",
    "size(said) < 2",
)  # fmt: skip
_NODES = "\n".join(
    f"      - {{id: n{number}, optional: true, standard: {{evidence: call, where: '{rule}'}}}}"
    for number, rule in enumerate(_RULES)
    if "'" not in rule
)
TEMPLATE = f"""\
process: hearsay
title: {{en: Hearsay, zh: 传闻}}
calendar: plain
currency: EUR
evidence:
  call:
    title: {{en: Call, zh: 电话}}
    fields:
      who: {{type: person, personal: true, required: false}}
      phone: {{type: phone, required: false}}
      mail: {{type: email, required: false}}
      said: {{type: text, personal: true, required: false, max_length: 2000}}
      born: {{type: date, personal: true, required: false}}
      seen_at: {{type: instant, personal: true, required: false}}
      paid: {{type: money, personal: true, required: false}}
      seats: {{type: integer, personal: true, required: false, at_most: 90000000}}
      share: {{type: number, personal: true, required: false}}
      page: {{type: url, personal: true, required: false}}
      agreed: {{type: boolean, personal: true, required: false}}
      mood: {{one_of: [calm, cross], personal: true, required: false}}
stages:
  - id: lead
    title: {{en: Lead, zh: 线索}}
    milestones: [{{id: rung, title: {{en: Rung, zh: 已响}}, fields: {{mail: {{type: email, required: false}}}}}}]
    nodes:
      - {{id: heard, standard: {{evidence: call, count: 900}}}}
{_NODES}
    clocks: {{stage_age: 30 days}}
  - id: sign
    title: {{en: Sign, zh: 签约}}
    wins: true
    nodes: [{{id: signed, standard: {{evidence: call, sum: {{field: seats, at_least: '999999999'}}}}}}]
    back_to: [lead]
ladder: {{warning: [owner], rungs: [{{after: 0 days, to: [owner, director]}}]}}
decisions: {{next_deadline: 5 days, cap: 30 days}}
lost_reasons: [price]
"""


def personal_field(draw: Random) -> tuple[str, str]:
    """A personal field of the process with a value for it, or with that of another field."""
    name, of = draw.choice(list(VALUES)), draw.choice(list(VALUES))
    return name, draw.choice(VALUES[name if draw.random() < 0.8 else of])


def told(text: str) -> list[str]:
    """The parts of personal values that stand in a text."""
    return [secret for secret in SECRETS if secret in text.lower()]

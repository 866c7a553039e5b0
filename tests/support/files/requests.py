"""A small process of requests that are decided and paid, and event logs of it in CSV."""

PROCESS = """\
process: probe-request
title: {en: Probe request, zh: 试}
currency: EUR
evidence:
  submission: {title: {en: Handed in, zh: 交}, side: seller, fields: {amount: {type: money, required: false}}}
  decision: {title: {en: Decision, zh: 批}, fields: {verdict: {one_of: [approved, rejected]}}}
  payment: {title: {en: Paid, zh: 付}}
stages:
  - id: ask
    title: {en: Ask, zh: 一}
    nodes:
      - {id: approved, title: {en: Approved, zh: 准}, standard: {evidence: decision, where: verdict == "approved"}}
    clocks: {stage_age: 14 days}
  - id: pay
    title: {en: Pay, zh: 二}
    wins: true
    nodes: [{id: paid, title: {en: Paid, zh: 付}, standard: payment}]
    back_to: [ask]
    clocks: {stage_age: 14 days}
lost_reasons: [no]
"""
MAPPING = """\
source: probe
process: probe-request
tables: {log: {file: log.csv, delimiter: ';'}}
rows: log
deal: {id: case, title: 'Request {case}', owner: {cell: who, take: first}}
facts:
  by: activity
  at: when
  resource: who
  values:
    SUBMITTED: [{evidence: submission}]
    DECIDED: [{evidence: decision, fields: {verdict: verdict}}]
    PAID: [{evidence: payment}]
"""
HEADER = "case;activity;when;who;verdict\n"
LOG = (
    HEADER + "R2;SUBMITTED;2017-01-09T09:00:00+01:00;ann;\n"
    "R1;SUBMITTED;2017-01-09T09:00:00+01:00;ann;\n"
    "R1;PAID;2017-01-12T09:00:00+01:00;sys;\n"
    "R2;DECIDED;2017-01-11T09:00:00+01:00;bob;rejected\n"
    "R1;DECIDED;2017-01-10T09:00:00+01:00;bob;approved\n"
)

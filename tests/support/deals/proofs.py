"""A small process for tests of what counts, what takes back and what comes last."""

from dealflow.domain.process.definition import ProcessDefinition
from tests.support.deals.plain_process import process_of

PROOFS = """\
process: proofs
calendar: plain
currency: CNY
evidence:
  approval: {fields: {level: {integer: optional}}}
  rejection: {}
  reply: {fields: {said: text}}
  payment: {fields: {amount: {type: money, at_least: -1000000}, receipt: {text: optional}, units: {integer: optional}}}
  refund:
    fields:
      amount: {type: money, required: false, at_least: -1000000}
      receipt: {text: optional}
      units: {integer: optional}
stages:
  - id: decide
    nodes:
      - {id: approved, standard: {latest: [approval, rejection]}}
      - {id: answered, optional: true, standard: {evidence: reply, count: 2, distinct: author}}
    clocks: {stage_age: {limit: 900 days}}
  - id: sign
    wins: true
    nodes:
      - id: deposit
        standard:
          evidence: payment
          sum: {field: amount, at_least: 'percent(deal.amount, 10)', subtract: [{evidence: refund, field: amount}]}
    back_to: [decide]
    clocks: {stage_age: {limit: 900 days}}
  - id: collect
    nodes:
      - id: paid
        standard:
          evidence: payment
          not_older_than: 30 days
          sum:
            field: amount
            at_least: deal.amount
            subtract: [{evidence: refund, field: amount, names: receipt}]
      - id: receipts
        optional: true
        standard: {evidence: payment, distinct: receipt, sum: {field: amount, at_least: deal.amount}}
      - id: seats
        optional: true
        standard: {evidence: payment, sum: {field: units, at_least: '5', subtract: [{evidence: refund, field: units}]}}
    back_to: [decide, sign]
    clocks: {stage_age: {limit: 900 days}}
lost_reasons: [price]
"""


def proofs() -> ProcessDefinition:
    """An approval that a rejection overtakes, replies of two authors, and instalments that are refunded."""
    return process_of(PROOFS)

"""Which amounts of a deal a node's standard has to hold for, and since when they are those."""

from datetime import datetime

from dealflow.domain.deal.state import Deal, Win
from dealflow.domain.process.definition import DecisionNode, ProcessDefinition, Standard
from dealflow.domain.values.money import Money


def amounts_for(node: DecisionNode, deal: Deal, process: ProcessDefinition) -> tuple[Money, ...]:
    """Those of the win for a node that it rests on, else those of the deal, the present one last; an amount of 0 is none."""
    if win := _win_resting_on(node, deal, process):
        return win.amounts
    return deal.amounts_in_force


def amount_since(node: DecisionNode, deal: Deal, process: ProcessDefinition) -> datetime | None:
    """When the amount that counts for the node was last amended or confirmed; None where it is that of the opening."""
    win = _win_resting_on(node, deal, process)
    return win.amount_since if win else deal.amount_since


def bears_on(standard: Standard) -> bool:
    """Whether the deal's amount can change the verdict; a sum of money may take its currency from it."""
    return standard.reads_amount or standard.sum is not None or any(bears_on(part) for part in standard.parts)


def reading_amount(process: ProcessDefinition) -> list[str]:
    """The nodes that the deal's amount can bear on."""
    return [node.id for node in process.nodes.values() if bears_on(node.standard)]


def judged_by(deal: Deal, process: ProcessDefinition) -> list[tuple[DecisionNode, tuple[Money, ...], bool]]:
    """Every node whose standard reads the amount, what it has to hold for, and whether that is what was won."""
    nodes = (node for node in process.nodes.values() if node.standard.reads_amount)
    return [
        (node, amounts_for(node, deal, process), _win_resting_on(node, deal, process) is not None) for node in nodes
    ]


def largest(amounts: tuple[Money, ...]) -> Money | None:
    """The largest; None where they are of several currencies."""
    return max(amounts, key=lambda each: each.minor) if len({each.currency for each in amounts}) == 1 else None


def _win_resting_on(node: DecisionNode, deal: Deal, process: ProcessDefinition) -> Win | None:
    """The deal's win, where the node belongs to the winning stage or an earlier one."""
    if deal.win is None:
        return None
    stages = process.stage_index
    winning = stages.get(deal.win.stage, len(stages))
    return deal.win if stages[process.stage_of_node[node.id]] <= winning else None

"""How a deal's events become its state."""

from dealflow.domain.deal.evolve.behind import NOTHING_BEHIND, Behind, behind, last_known
from dealflow.domain.deal.evolve.fold import evolve, fold

__all__ = ["NOTHING_BEHIND", "Behind", "behind", "evolve", "fold", "last_known"]

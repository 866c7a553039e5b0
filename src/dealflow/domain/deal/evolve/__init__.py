"""How a deal's events become its state."""

from dealflow.domain.deal.evolve.fold import evolve, fold

__all__ = ["evolve", "fold"]

"""`dealflow doctor`: looks at every part of an installation without changing any, and says what to do."""

from dealflow.doctor.deeply import check_invariants, examine_deeply
from dealflow.doctor.examining import examine

__all__ = ["check_invariants", "examine", "examine_deeply"]

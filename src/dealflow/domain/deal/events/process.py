"""Events of processes."""

from typing import Any, ClassVar

from dealflow.domain.deal.events.fact import Fact
from dealflow.domain.process.definition import ProcessRef, Text


class ProcessPublished(Fact):
    """An immutable version of a process with its whole definition; the wording stays readable for ever."""

    topic: ClassVar[str] = "process.published.v1"
    process: ProcessRef
    definition: dict[str, Any]
    title: Text = {}

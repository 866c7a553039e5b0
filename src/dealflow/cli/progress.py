"""Bars of long work, with rate and time left, on standard error; nothing where nobody looks."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from time import monotonic
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

Heard = Callable[[int, int], None]
K = TypeVar("K")
# A bar is drawn ten times a second; more need not be heard.
_SECONDS = 0.1


class _Rate(ProgressColumn):
    """How many a second, since the beginning."""

    def render(self, task: Task) -> Text:
        rate = _rate(task)
        return Text(f"{rate:,.0f}/s" if rate else "")


class _Left(ProgressColumn):
    """How long it will take at that rate."""

    def render(self, task: Task) -> Text:
        rate, left = _rate(task), task.remaining
        return Text(str(timedelta(seconds=round(left / rate))) if rate and left is not None else "-:--:--")


def _rate(task: Task) -> float:
    return task.completed / task.elapsed if task.elapsed else 0


@contextmanager
def progress(name: str) -> Iterator[Heard]:
    """A bar of this name, which hears how many are done of how many."""
    with progress_of({name: name}) as heard:
        yield lambda done, total: heard(name, done, total)


@contextmanager
def progress_of(names: Mapping[K, str]) -> Iterator[Callable[[K, int, int], None]]:
    """A bar for each part of the work, from when it is first heard of; it hears of a part how many are done of how many."""
    console = Console(file=sys.stderr)
    if not console.is_terminal:
        yield lambda _part, _done, _total: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), _Left())
    with Progress(*columns, console=console, transient=True) as bar:
        tasks: dict[K, TaskID] = {}
        drawn_at = 0.0

        def heard(part: K, done: int, total: int) -> None:
            nonlocal drawn_at
            now = monotonic()
            if part in tasks and done < total and now - drawn_at < _SECONDS:
                return
            drawn_at = now
            if part in tasks:
                bar.update(tasks[part], completed=done, total=total)
                return
            for task in tasks.values():
                bar.update(task, visible=False)
            tasks[part] = bar.add_task(names[part], completed=done, total=total)

        yield heard

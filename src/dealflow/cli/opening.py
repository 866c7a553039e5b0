"""Commands that work with an open system: the options that they share, and the session that they get for them."""

import inspect
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec

from dealflow.cli.options import CommandId, Home, Json, LooksFor, OnBehalfOf

if TYPE_CHECKING:
    from dealflow.cli.session import Session

P = ParamSpec("P")
Annotation = tuple[str, Any, object]
_OF_ALL: tuple[Annotation, ...] = (("on_behalf_of", OnBehalfOf, None), ("home", Home, None), ("json", Json, False))
# The deal that a command acts on is found by the command itself, whose answer says how it was written. So are the names
# that a list is asked for.
_FILTERS = ("owner", "director", "customer", "person")
_OF_ACTS: tuple[Annotation, ...] = (("command_id", CommandId, None), *_OF_ALL)


def reading(command: "Callable[Concatenate[Session, P], int]") -> Callable[..., int]:
    """Give a command that only reads its session, and the options `--on-behalf-of`, `--home` and `--json`."""
    return _with_session(command, _OF_ALL, ("deal", "person"), reading=True)


def sealing(command: "Callable[Concatenate[Session, P], int]") -> Callable[..., int]:
    """The same as one that reads; with `--anew` a store of an older version is opened as well, whose seals are gone."""
    return _with_session(command, _OF_ALL, ("deal", "person"), reading=True, opens_older="anew")


def acting(command: "Callable[Concatenate[Session, P], int]") -> Callable[..., int]:
    """Give a command that changes something its session, and besides `--command-id`."""
    return _with_session(command, _OF_ACTS, _FILTERS)


def _with_session(
    command: "Callable[Concatenate[Session, P], int]",
    shared: tuple[Annotation, ...],
    looked_for: tuple[str, ...],
    *,
    reading: bool = False,
    opens_older: str = "",
) -> Callable[..., int]:
    names = [name for name, _, _ in shared]

    def called(**given: Any) -> int:
        from dealflow.cli.session import opened

        older = bool(given.get(opens_older))
        with opened(**{name: given.pop(name) for name in names}, reading=reading, upgrading=older) as session:
            session.must_be_of_the_house()
            for name, what in marked.items():
                if isinstance(given[name], str):
                    given[name] = session.kept(what, given[name])
            return command(session, **given)  # type: ignore[call-arg]  # the command's own options, by name

    _, *own = inspect.signature(command).parameters.values()
    marked = {
        each.name: mark.what
        for each in own
        for mark in getattr(each.annotation, "__metadata__", ())
        if isinstance(mark, LooksFor) and mark.what in looked_for
    }
    more = [
        inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=annotation)
        for name, annotation, default in shared
    ]
    # Typer reads the options from here.
    called.__signature__ = inspect.Signature([*own, *more], return_annotation=int)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in (*own, *more)}
    called.__name__, called.__doc__, called.__module__ = command.__name__, command.__doc__, command.__module__
    return called

"""An act on many as a person reads it: first whom it would change, then the answers one by one."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from dealflow.application.commands.answers import Handled
from dealflow.application.reading.as_of import ReadDeals
from dealflow.cli.errors import DONE, REFUSED, refused_document
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.views.answer import answer_document, answer_lines
from dealflow.domain.values.refusal import CommandRefused

Row = TypeVar("Row", bound=BaseModel)


def print_preview(rows: Sequence[Row], show: Callable[[Sequence[Row]], None]) -> int:
    """Print what would be changed; nothing is done yet."""
    if reader().json:
        print_json({"done": False, "preview": [row.model_dump(mode="json") for row in rows]})
        return DONE
    if not rows:
        return _nothing()
    show(rows)
    return _would_change(len(rows))


def print_ids(ids: Sequence[str]) -> int:
    """The same for deals that were named: whoever named them needs no table."""
    if reader().json:
        print_json({"done": False, "preview": [{"deal_id": deal_id} for deal_id in ids]})
        return DONE
    for deal_id in ids:
        say(deal_id)
    return _would_change(len(ids))


def print_each(reading: ReadDeals, results: Iterable[tuple[str, Handled | CommandRefused]]) -> int:
    """Print each answer as it comes; what is refused makes the exit code 1."""
    to = reader()
    answers: list[Handled] = []
    refused: list[dict[str, object]] = []
    refusals = 0
    for deal_id, result in results:
        if isinstance(result, CommandRefused):
            refusals += 1
            refused += ({"deal_id": deal_id, **item} for item in refused_document(result.reasons))
            continue
        answers.append(result)
        if not to.json:
            for line in answer_lines(reading, result):
                say(line)
    if to.json:
        print_json(
            {"done": True, "answers": [answer_document(reading, answer) for answer in answers], "refused": refused}
        )
    elif not answers and not refusals:
        return _nothing()
    else:
        for item in refused:
            note(f"{item['deal_id']}: {item['message']}")
        note(to.t("{done} done, {refused} refused", done=len(answers), refused=refusals))
    return REFUSED if refusals else DONE


def _would_change(n: int) -> int:
    note(reader().t("{n} would be changed. Nothing is done yet; add --yes.", n=n))
    return DONE


def _nothing() -> int:
    note(reader().t("Nothing matches; there is nothing to do."))
    return DONE

"""One invocation: its settings, the system, who asks, and how a command is carried out."""

import os
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from dealflow.cli.inputs.identity import who, who_acts
from dealflow.cli.inputs.values import decimal_mark, new_command_id
from dealflow.cli.language import prefer
from dealflow.cli.output import Reader, note, said_otherwise, write_for
from dealflow.cli.user import os_user
from dealflow.domain.people.actor import Who
from dealflow.domain.values.ids import MAX_COMMAND_ID
from dealflow.domain.values.phrase import phrase
from dealflow.domain.values.refusal import CommandRefused
from dealflow.domain.values.text.spelling import normal_id
from dealflow.observability.logs import configure_logs
from dealflow.settings import Settings, unknown_variables

FILE_NAME = "store.sqlite"

if TYPE_CHECKING:
    from dealflow.application.commands.answers import CustomerDone, Handled
    from dealflow.application.customers.deals import DealsOfCustomer
    from dealflow.application.customers.find import FindCustomers
    from dealflow.application.reading.as_of import ReadDeals
    from dealflow.application.reading.board import Board
    from dealflow.application.reading.known_names import KnownNames
    from dealflow.bootstrap import System
    from dealflow.cli.inputs.customers import CustomerWriting
    from dealflow.cli.inputs.writing import Writing
    from dealflow.domain.customer.commands import CustomerEnvelope
    from dealflow.domain.deal.commands import Command, Envelope
    from dealflow.domain.people.organisation import Organisation
    from dealflow.domain.token.commands import TokenCommand, TokenEnvelope


@dataclass
class Session:
    """What the commands work with; `command_id` is the one given, or a new one."""

    settings: Settings
    system: "System"
    command_id: str
    on_behalf_of: str | None = None

    @cached_property
    def who(self) -> Who:
        """The person who acts; CommandRefused for somebody whom people.yaml does not know, and for a token that is not good."""
        return who_acts(self.system, self.on_behalf_of)

    @cached_property
    def kept_who(self) -> Who:
        """The same as it is kept, for what has no answer that says how it was given."""
        given = self.who
        if given.on_behalf_of is None:
            return given
        kept = said_otherwise("person", given.on_behalf_of, normal_id(given.on_behalf_of))
        return given.model_copy(update={"on_behalf_of": kept})

    def kept(self, what: str, given: str) -> str:
        """What a filter names, in the spelling that is on record; says so where it was given otherwise."""
        if normal_id(given) == given:
            return given
        from dealflow.application.reading.board import kept_name

        return said_otherwise(what, given, kept_name(self.reading, self.board, what, given))

    @cached_property
    def viewer(self) -> str:
        """For whom everything is read: the person whose rights count; CommandRefused for somebody who may not act so."""
        from dealflow.domain.decide.permission import must_act_as  # not for `--help`

        given = self.who
        lent = given.on_behalf_of and normal_id(given.on_behalf_of)
        must_act_as(given.model_copy(update={"on_behalf_of": lent}), self.system.people.current())
        return lent or given.actor

    def must_be_of_the_house(self) -> None:
        """Refuse somebody who may not act so before anything is read for them."""
        assert self.viewer

    @cached_property
    def reading(self) -> "ReadDeals":
        """The deals that the viewer sees."""
        return self.system.reading_for(self.viewer)

    @cached_property
    def board(self) -> "Board":
        """The board with the deals that the viewer sees."""
        return self.system.board.seen_by(self.viewer)

    @cached_property
    def names(self) -> "KnownNames":
        """What a question may name."""
        from dealflow.application.reading.known_names import KnownNames  # for questions and choices only

        return KnownNames(self.reading)

    @cached_property
    def find_customers(self) -> "FindCustomers":
        """The customers who are there for the viewer."""
        return self.system.customers_for(self.viewer)

    def customer_meant(self, given: str | None) -> str | None:
        """The customer's id where it was given as that of another system; else as it was given."""
        from dealflow.domain.customer.commands import names_external_id  # few commands name a customer

        return self.find_customers.current(given) if given is not None and names_external_id(given) else given

    def customer_of_deal(self, name: str | None, customer_id: str | None) -> tuple[str | None, str | None]:
        """Name and id of a deal's customer; what was given as an id of another system is no name."""
        if customer_id is None and (meant := self.customer_meant(name)) != name:
            return None, meant
        return name, self.customer_meant(customer_id)

    @property
    def customer_writing(self) -> "CustomerWriting":
        """Makes what is asked of customers."""
        from dealflow.cli.inputs.customers import CustomerWriting  # few commands need it

        return CustomerWriting(self.command_id, self.kept_who, lambda: self.named_after)

    def customer_done(self, envelope: "CustomerEnvelope", *, preview: bool = False) -> "CustomerDone":
        """Carry out a command for a customer; what came of it, or with `preview` would, as the viewer may read it."""
        from dealflow.application.other_deals import OtherDeals  # few commands need it

        customers = self.system.customers
        done = (customers.preview if preview else customers.handle)(envelope, self.find_customers.hides)
        return OtherDeals(self.reading.as_viewer, self.system.store).done(done)

    @cached_property
    def deals_of_customer(self) -> "DealsOfCustomer":
        """The deals that are meant by their customer."""
        return self.system.deals_of_customers_for(self.viewer)

    @property
    def now(self) -> datetime:
        return self.system.clock.now()

    @property
    def zone(self) -> ZoneInfo:
        """In which a time without an offset is read."""
        return self.settings.timezone

    @cached_property
    def writing(self) -> "Writing":
        """Reads amounts and times as the user writes them."""
        from dealflow.cli.inputs.writing import Writing  # its patterns take time that most commands save

        return Writing(self.zone, self.now, self.settings.decimal or None)

    def use_mark(self, given: str | None) -> None:
        """Read numbers with this decimal mark, where one is given."""
        if given is not None:
            self.writing.mark = decimal_mark(given)

    def given(
        self, field: Iterable[str] | None, fields_json: str | None, observed_at: str | None, decimal: str | None
    ) -> dict[str, Any]:
        """What a command with fields is given, as its own arguments."""
        from dealflow.cli.inputs.fields import fields  # most commands have none

        self.use_mark(decimal)
        return {
            "fields": fields(field, fields_json),
            "zone": self.zone.key,
            "decimal": self.writing.mark,
            "observed_at": self.writing.observed(observed_at, "observed-at"),
        }

    def envelope(self, deal_id: str, *commands: "Command") -> "Envelope":
        """Commands for one deal, to be handled as one."""
        from dealflow.domain.deal.commands import Envelope  # whoever only reads asks for nothing

        return Envelope(
            command_id=self.command_id,
            deal_id=deal_id,
            who=self.who,
            commands=commands,
            read_as=tuple(self.writing.read_as),
        )

    @cached_property
    def named_after(self) -> str:
        """What the ids follow from that this command gives."""
        from dealflow.application.repeated import names_follow_from  # whoever only reads names nothing

        return names_follow_from(self.system.store, self.who.actor, self.command_id)

    def token_envelope(self, command: "TokenCommand") -> "TokenEnvelope":
        """A command to a token."""
        from dealflow.domain.token.commands import TokenEnvelope  # few commands need it

        return TokenEnvelope(command_id=self.command_id, who=self.kept_who, commands=(command,))

    def carry_out(self, deal_id: str, act: "Command") -> int:
        """Carry out a command for one deal and print what came of it; the exit code."""
        from dealflow.cli.views.answer import print_answer

        return print_answer(self.reading, self.system.deals.handle(self.envelope(deal_id, act)))

    def execute_each(self, wanted: "Iterable[tuple[str, Command]]") -> "Iterator[tuple[str, Handled | CommandRefused]]":
        """Carry out a command for each of many deals, in turn."""
        from dealflow.application.commands.bulk import carry_out_each

        return carry_out_each(self.system.deals, wanted, who=self.who, command_id=self.command_id)


def load_settings(home: Path | None, *, json: bool, quiet: bool = True) -> Settings:
    """The settings, with the logs on standard error and the reader known; `quiet`: only warnings, unless asked for more."""
    write_for(Reader(json=json))
    settings = Settings.load(home)
    write_for(Reader(json=json, zone=settings.timezone))
    if _is_set(settings, "language"):
        prefer(settings.language)
    is_asked = _is_set(settings, "log_level")
    configure_logs(settings.log_format, "warning" if quiet and not is_asked else settings.log_level, at_once=not quiet)
    for warning in unknown_variables(os.environ):
        note(warning)
    return settings


@contextmanager
def opened(
    home: Path | None = None,
    *,
    json: bool = False,
    command_id: str | None = None,
    on_behalf_of: str | None = None,
    makes_store: bool = False,
    reading: bool = False,
    loads: bool = False,
    upgrading: bool = False,
) -> Iterator[Session]:
    """Open the system for one command, and close it again; StoreUnreachable without a store, unless this command makes it.

    `loads`: this command loads a file, so only after it is said which file does not count.
    """
    from dealflow.adapters.telemetry.spans import sent_at_the_end
    from dealflow.bootstrap import open_system  # the store and what stands on it: not for `--help`

    settings = load_settings(home, json=json)
    if not makes_store:
        _must_be_there(settings)
    with sent_at_the_end(settings), open_system(settings, reading=reading, upgrading=upgrading) as system:
        session = Session(settings, system, checked_command_id(command_id) or new_command_id(), on_behalf_of)
        _speak_to_the_user(session)
        if not loads:
            _say_what_is_not_obeyed(system)
        yield session
        if loads:
            _say_what_is_not_obeyed(system)
        if wrong := system.calendar_file.found_wrong:
            note(phrase("{file} cannot be used: {problem}", file=str(settings.calendars), problem=wrong.said))


def whoever_acts(settings: Settings, organisation: "Organisation") -> Who:
    """Who acts where no store is needed: one is opened for a token alone, which nothing else knows."""
    from dealflow.cli.inputs.token import given_token  # few commands need no store

    if given_token(settings) is None:
        return who(organisation, os_user())
    from dealflow.bootstrap import open_system  # the store and what stands on it: not for `--help`

    _must_be_there(settings)
    with open_system(settings, reading=True) as system:
        return who_acts(system)


def must_look_after_store(system: "System", on_behalf_of: str | None) -> None:
    """Refuse somebody who may not look after the store as a whole."""
    from dealflow.domain.decide.permission import must_be_permitted_in_store  # few commands need it

    must_be_permitted_in_store("store", who_acts(system, on_behalf_of), system.people.current())


def _must_be_there(settings: Settings) -> None:
    # An empty store made in the wrong folder would answer every question with a quiet nothing.
    if not settings.database_url and not (settings.home / FILE_NAME).exists():
        from dealflow.application.ports.store import StoreUnreachable

        raise StoreUnreachable(
            phrase(
                "there is no store in {folder}: set DEALFLOW_HOME or --home, or begin with `dealflow process publish`",
                folder=str(settings.home.absolute()),
            )
        )


def checked_command_id(command_id: str | None) -> str | None:
    """The id as it is kept; CommandRefused for what can be none."""
    if command_id is None:
        return None
    from dealflow.domain.decide import checks

    return checks.note(checks.line(command_id, "command-id"), "command-id", most=MAX_COMMAND_ID)


def _speak_to_the_user(session: Session) -> None:
    """The language of the person in people.yaml, where no setting says another."""
    if _is_set(session.settings, "language"):
        return
    # Whoever is not known hears so in the language of this computer, from what asks who acts.
    with suppress(CommandRefused):
        person = session.system.people.current().people.get(session.who.actor)
        if person:
            prefer(person.language)


def _say_what_is_not_obeyed(system: "System") -> None:
    """On a store that has people and calendars of its own, a file that says something else does not count."""
    for part in (system.people, system.house_calendars):
        if differs := part.differs():
            note(phrase("{differs}: the store's count, and the file does not", differs=differs.said))
        if part.is_gone():
            file = str(part.file.path)
            note(phrase("{file} is gone: what the store has on record of it counts", file=file))


def _is_set(settings: Settings, name: str) -> bool:
    return any(row.name == name and row.source != "default" for row in settings.describe())

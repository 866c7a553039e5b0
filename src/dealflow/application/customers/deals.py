"""The deal that is meant by its customer, and what else the customer has in progress."""

from dataclasses import dataclass, replace

from pydantic import ValidationError

from dealflow.application.commands.answers import Answer
from dealflow.application.customers.find import FindCustomers
from dealflow.application.merged_customers import goes_on_as
from dealflow.application.reading.board import DealQuery
from dealflow.application.reading.known_names import KnownNames
from dealflow.application.repeated import row_of
from dealflow.domain.people.actor import Who
from dealflow.domain.values.frozen import Frozen
from dealflow.domain.values.refusal import Code, refuse
from dealflow.domain.values.text.spelling import normal_id


@dataclass(frozen=True, slots=True)
class DealsOfCustomer:
    """By the deals that whoever asks sees; `acts_on_all`: also by those that they do not, which are never named to them."""

    find: FindCustomers
    names: KnownNames
    acts_on_all: bool

    def meant(self, customer: str, process: str | None, who: Who, command_id: str) -> str:
        """The id of the one deal in progress of this customer, and of this process where one is named.

        CommandRefused where none or several fit, with those that do. A command that is sent again means the deal of its answer.
        """
        if (before := self._meant_before(who, command_id)) is not None:
            return before
        find = replace(self.find, board=self.find.everything, sees_all=True) if self.acts_on_all else self.find
        current = find.current(customer)
        fitting = find.board.deals(DealQuery(customer=current, process=process, in_progress=True))
        if len(fitting) == 1:
            return fitting[0].deal_id
        whose = {"customer": current} if self.find.is_there(current) else {}
        if not fitting:
            self.names.check(process=process)
            raise refuse(Code.NO_DEAL_FITS, **whose, process=process)
        seen = {row.deal_id for row in self.find.board.deals(DealQuery(customer=current, in_progress=True))}
        deals = [f"{row.deal_id} ({row.process})" for row in fitting if row.deal_id in seen]
        # How many a customer has is for whoever sees them.
        many = len(fitting) if len(deals) == len(fitting) else None
        raise refuse(Code.SEVERAL_DEALS_FIT, **whose, n=many, deals=deals)

    def besides(self, customer: str, deal_id: str) -> "Besides":
        """What else of the customer is in progress, whoever owns it; nothing for one whom nobody knows yet."""
        customer = goes_on_as(self.find.store, normal_id(customer))
        wanted = DealQuery(customer=customer, in_progress=True)
        seen = tuple(row.deal_id for row in self.find.board.deals(wanted) if row.deal_id != deal_id)
        total = sum(row.deal_id != deal_id for row in self.find.everything.deals(wanted))
        return Besides(customer=customer, deals=seen, others=total > len(seen))

    def _meant_before(self, who: Who, command_id: str) -> str | None:
        row = row_of(self.find.store, who.actor, command_id)
        if row is None:
            return None
        try:
            return Answer.model_validate_json(row.answer).deal_id
        except ValidationError:
            return None  # of another kind of command, and refused where it is carried out


class Besides(Frozen):
    """The deals in progress that a customer has besides one; `others`: there are more, which are not for the reader to see."""

    customer: str
    deals: tuple[str, ...] = ()
    others: bool = False

    @property
    def are_any(self) -> bool:
        """Whether there is anything to say."""
        return bool(self.deals or self.others)

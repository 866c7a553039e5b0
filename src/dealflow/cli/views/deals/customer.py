"""Customers, and what was done about one, as a person reads them."""

from collections import Counter
from collections.abc import Iterator, Sequence

from dealflow.application.commands.answers import CustomerDone
from dealflow.application.customers.deals import Besides
from dealflow.application.customers.inventory import CustomerInventory
from dealflow.application.customers.shown import CustomerHistory, CustomerPage, CustomerRow, CustomerView
from dealflow.cli.errors import DONE
from dealflow.cli.output import note, print_json, reader, say
from dealflow.cli.tables import amount, print_heading, print_pairs, print_table
from dealflow.cli.views.deals.history import history_line
from dealflow.cli.views.deals.unreadable import print_unreadable
from dealflow.domain.customer.stream import customer_of_stream
from dealflow.domain.values.phrase import Phrase, counted, phrase, phrase_in

_SYSTEMS = {"wecom": "WeCom", "openid": "openid", "account": phrase("account")}


def print_customer_done(done: CustomerDone) -> int:
    """Print what came of a command for a customer."""
    if reader().json:
        print_json(done)
        return DONE
    if done.repeated:
        say(phrase("This command was carried out before; nothing new has happened. It did:"))
    for line in _did(done):
        say(line)
    return DONE


def print_merge_preview(both: Sequence[CustomerRow], done: CustomerDone) -> int:
    """Print which two customers would be one from now on, and what would come of it; nothing is done yet."""
    if reader().json:
        customers = [row.model_dump(mode="json") for row in both]
        print_json({"done": False, "preview": {"customers": customers, **done.model_dump(mode="json")}})
        return DONE
    _print_rows(both)
    if done.deals:
        say(
            counted(
                "{n} deal would go along: {deals}",
                "{n} deals would go along: {deals}",
                len(done.deals),
                deals=list(done.deals),
            )
        )
    for line in _came_of(done):
        say(line)
    note(
        phrase(
            "{customer} would go on as {into}. A merge is not taken back. Nothing is done yet; add --yes.",
            customer=done.customer,
            into=done.into,
        )
    )
    return DONE


def _did(done: CustomerDone) -> Iterator[Phrase]:
    customer = done.customer
    for topic, times in Counter(done.customer_facts).items():
        match topic:
            case "customer.added.v1" if done.came_back:
                yield phrase("{customer} was erased and is on record again, with nothing of before", customer=customer)
            case "customer.added.v1":
                yield phrase("{customer} is on record", customer=customer)
            case "customer.renamed.v1":
                yield phrase("{customer} has another name", customer=customer)
            case "customer.external_id_linked.v1":
                yield counted(
                    "{customer} can be found by an id of another system",
                    "{customer} can be found by {n} ids of other systems",
                    times,
                    customer=customer,
                )
            case "customer.rekeyed.v1":
                yield phrase(
                    "{customer} has a new key: personal values can be recorded again; earlier ones stay (key lost)",
                    customer=customer,
                )
            case "customer.erasure_proposed.v1":
                yield phrase(
                    "proposed, and nothing is erased; a second person confirms: dealflow customer erase {customer} --confirm",
                    customer=customer,
                )
            case "customer.erasure_rejected.v1":
                yield phrase("the erasure of {customer} is proposed no more", customer=customer)
            case "customer.merged.v1":
                yield phrase("{customer} goes on as {into}", customer=customer, into=done.into)
    if done.deals:
        yield counted(
            "{n} deal went along: {deals}", "{n} deals went along: {deals}", len(done.deals), deals=list(done.deals)
        )
    yield from _came_of(done)
    if done.erased:
        yield phrase("what is personal of {customers} can be read by nobody any more", customers=list(done.erased))
    if done.still_readable:
        yield phrase(
            "not erased: what was recorded in {deals} while the deal had another customer stands under that one's key",
            deals=list(done.still_readable),
        )


def _came_of(done: CustomerDone) -> Iterator[Phrase]:
    """What it means for pieces of evidence, and for deals that nobody can read."""
    for twice in done.values_twice:
        yield twice.said
    if done.unread:
        yield phrase(
            "left as they are, since they cannot be read: {deals}; they may be theirs", deals=list(done.unread)
        )


def print_customers(page: CustomerPage) -> int:
    """Print a page of customers."""
    if reader().json:
        print_json(page)
        return DONE
    if not page.customers:
        say(reader().t("0 customers"))
        return DONE
    _print_rows(page.customers)
    if len(page.customers) < page.total:
        note(phrase("{shown} of {total}; --after {last} for the next", shown=len(page.customers), total=page.total,
                    last=page.customers[-1].customer))  # fmt: skip
    return DONE


def _print_rows(rows: Sequence[CustomerRow]) -> None:
    print_table(
        (phrase("Customer"), phrase("Name"), ">Deals", ">In progress", phrase("Remarks")),
        [(row.customer, row.name, row.deals, row.in_progress, _remarks(row)) for row in rows],
    )


def _remarks(row: CustomerRow) -> str:
    said: list[Phrase] = []
    if not row.on_record:
        said.append(phrase("known from deals alone"))
    if row.erased_at is not None:
        said.append(phrase("erased"))
    if row.merged:
        said.append(phrase("with {merged}", merged=list(row.merged)))
    return reader().listed([reader().t(each) for each in said])


def _proposed_erasure(shown: CustomerView) -> str:
    waits = shown.erasure
    if waits is None:
        return ""
    return reader().t(
        "proposed by {by}, {at}, and waits for a second person: {reason}",
        by=f"{waits.by} ({waits.on_behalf_of})" if waits.on_behalf_of else waits.by,
        at=reader().time(waits.at),
        reason=waits.reason,
    )


def print_customer(shown: CustomerView) -> int:
    """Print one customer with all that is known of them."""
    to = reader()
    if to.json:
        print_json(shown)
        return DONE
    if shown.asked is not None:
        note(phrase("{asked} was merged into {customer}", asked=shown.asked, customer=shown.customer))
    say(shown.customer)
    ids = [(_SYSTEMS[each.system], each.id) for each in shown.external_ids]
    print_pairs(
        [
            (phrase("Name"), shown.name),
            (phrase("On record since"), to.time(shown.since)),
            (phrase("Erased"), to.time(shown.erased_at)),
            (phrase("To be erased"), _proposed_erasure(shown)),
            (phrase_in("customer", "With"), to.listed(shown.merged)),
            *ids,
        ],
        indent=2,
    )
    if not shown.on_record:
        say(phrase("Known from deals alone; `dealflow customer add {customer}` puts them on record.",
                   customer=shown.customer))  # fmt: skip
    if shown.deals:
        print_heading(phrase("Deals"))
        rows = [
            (row.deal_id, row.title, row.process, to.short(row.stage, row.stage_title), row.owner, phrase(row.outcome))
            for row in shown.deals
        ]
        print_table(("Deal", "Title", "Process", "Stage", "Owner", "Outcome"), rows, indent=2)
    if shown.history:
        print_heading(phrase("History"))
        for entry in shown.history:
            say(history_line(entry))
    return DONE


def print_customer_history(told: CustomerHistory) -> int:
    """Print what was done about a customer, by who they were then."""
    if reader().json:
        print_json(told)
        return DONE
    if told.asked is not None:
        note(phrase("{asked} was merged into {customer}", asked=told.asked, customer=told.customer))
    for number, story in enumerate(told.histories):
        if number:
            say()
        say(customer_of_stream(story.stream))
        for entry in story.entries:
            say(history_line(entry))
    if not told.histories:
        say(
            phrase(
                "Nothing was done about {customer} as such: they are known from deals alone.", customer=told.customer
            )
        )
    return DONE


def print_inventory_of_customers(found: CustomerInventory) -> int:
    """Print who has which deals in progress, and where they stand."""
    to = reader()
    if to.json:
        print_json(found)
        return DONE
    say(to.t("Inventory by customer as of {at}", at=to.time(found.as_of)))
    rows = [
        (
            each.customer or phrase("without customer"),
            each.name,
            deal.deal_id,
            to.short(deal.stage, deal.stage_title),
            to.short(deal.position or "", deal.position_title),
            deal.owner,
            amount(deal.amount),
        )
        for each in found.customers
        for deal in each.deals
    ]
    columns = (phrase("Customer"), phrase("Name"), "Deal", "Stage", phrase("Customer's position"), "Owner", ">Amount")
    print_table(columns, rows, indent=2)
    print_unreadable(found.unreadable)
    return DONE


def besides_line(found: Besides) -> Phrase:
    """What else the customer of a deal that was just opened has in progress."""
    customer, deals, n = found.customer, list(found.deals), len(found.deals)
    if not deals:
        return phrase("{customer} has deals in progress already, which you do not see", customer=customer)
    if found.others:
        return phrase(
            "{customer} has deals in progress already: {deals}, and others that you do not see",
            customer=customer,
            deals=deals,
        )
    return counted(
        "{customer} has a deal in progress already: {deals}",
        "{customer} has {n} deals in progress already: {deals}",
        n,
        customer=customer,
        deals=deals,
    )

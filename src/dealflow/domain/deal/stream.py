"""The name of the stream that holds a deal's events, and whose key encrypts what is personal in them."""

from dealflow.domain.deal.state import Deal

DEAL_STREAMS = "deal/"


def stream_of(deal_id: str) -> str:
    """The stream of this deal."""
    return DEAL_STREAMS + deal_id


def deal_of(stream: str) -> str:
    """The id of the deal that this stream belongs to."""
    return stream.removeprefix(DEAL_STREAMS)


def subject_of(deal: Deal) -> str:
    """The customer, whose key encrypts the personal values of all their deals; the deal itself while it has no customer."""
    return deal.customer.id if deal.customer else f"deal:{deal.id}"

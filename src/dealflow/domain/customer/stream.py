"""The name of the stream that holds a customer's events."""

CUSTOMER_STREAMS = "customer/"


def customer_stream(customer_id: str) -> str:
    """The stream of this customer."""
    return CUSTOMER_STREAMS + customer_id


def customer_of_stream(stream: str) -> str:
    """The id of the customer that this stream belongs to."""
    return stream.removeprefix(CUSTOMER_STREAMS)

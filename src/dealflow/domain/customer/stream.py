"""The name of the stream that holds a customer's events."""

CUSTOMER_STREAMS = "customer/"
# What is done about the keys of the store itself, and of deals without customer.
KEYS_STREAM = "store/keys"
_NO_CUSTOMERS = ("deal:", "dealflow/")


def customer_stream(customer_id: str) -> str:
    """The stream of this customer."""
    return CUSTOMER_STREAMS + customer_id


def customer_of_stream(stream: str) -> str:
    """The id of the customer that this stream belongs to."""
    return stream.removeprefix(CUSTOMER_STREAMS)


def stream_of_subject(subject: str) -> str:
    """Where acts on the keys of a subject stand: a customer's id, `deal:<id>`, or what a key of the store itself is called."""
    return KEYS_STREAM if subject.startswith(_NO_CUSTOMERS) else customer_stream(subject)

"""One deal as an event-sourced aggregate: its events, its commands, and its state folded from the events."""

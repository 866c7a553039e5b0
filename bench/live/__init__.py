"""A log fed live: what another system's log says goes in as commands, as if it happened now, and workflows move the deals."""

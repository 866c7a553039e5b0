"""The keys of personal data: apart from the events, known to the store by their ids, and never made or used by mistake."""

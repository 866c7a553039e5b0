"""What keeps deals moving: relay, reconciliation, leases, signs of life."""

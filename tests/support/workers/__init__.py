"""Stand-ins for workers, wakers and workflows, as scripts or dying on purpose."""

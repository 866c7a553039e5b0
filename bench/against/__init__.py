"""What is measured beside ours: another engine, a bare Temporal loop, and a plain table."""

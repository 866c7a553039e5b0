"""Files that tests read and write: imports, logs, hostile ones, pages of the docs."""

"""The columns of files, each read as a whole by one form: days, instants, amounts and numbers."""

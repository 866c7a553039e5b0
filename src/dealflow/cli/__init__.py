"""The command line: typed words in, sentences and tables or one JSON document out, and an exit code."""

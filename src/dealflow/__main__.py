"""`python -m dealflow`, the same as the command `dealflow`."""

from dealflow.cli.main import main

main()

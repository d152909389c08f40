"""`python -m timeline.cli` is the command `timeline`."""

from timeline.cli import main

main()

"""`python -m screening`."""

from screening.app.cli import main

main()

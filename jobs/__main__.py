"""`python -m jobs` is `retold`."""

from jobs.cli import main

main()

"""The commands, by theme; `jobs/cli.py` names them."""

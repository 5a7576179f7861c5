"""The commands, by theme; `names.py` lists them."""

"""Rooms that turn media into rows, and rows into training data. They do not know each other."""

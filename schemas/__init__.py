"""What a row is: frozen dataclasses, their Arrow form, and the keys of the tables."""

"""The embedded captioner: a record from measurements only."""

from captioners.measured.record import record_of

__all__ = ["record_of"]

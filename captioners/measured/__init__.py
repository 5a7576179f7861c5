"""The embedded captioner: prose from measurements only."""

from captioners.measured.stage import Measured

__all__ = ["Measured"]

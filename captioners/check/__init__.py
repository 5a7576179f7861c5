"""Captions tested, not trusted."""

from captioners.check.bank import Rules
from captioners.check.stage import Check

__all__ = ["Check", "Rules"]

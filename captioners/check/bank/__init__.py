"""The question bank: what is asked of a caption, made from the evidence rows alone."""

from captioners.check.bank.bank import questions
from captioners.check.bank.rules import Rules

__all__ = ["Rules", "questions"]

"""Questions by one who sees the clip, of which those are kept that it answers alike each time."""

from captioners.check.quiz.stage import Quiz

__all__ = ["Quiz"]

"""The seam to models that are served by vLLM: what is asked, what is answered, and the two engines behind it."""

from captioners.asking.ask import Ask, Part, Pictures, Reply, Sampling, Wave

__all__ = ["Ask", "Part", "Pictures", "Reply", "Sampling", "Wave"]

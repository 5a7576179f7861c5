"""The embedded text-only reader: it is shown a prose and a question, and nothing else."""

from captioners.check.reader.answer import ProseReader
from captioners.check.reader.read import read
from captioners.check.reader.said import Reading, Said, Time

__all__ = ["ProseReader", "Reading", "Said", "Time", "read"]

"""Batches for a trainer: a stateless reader of a stored plan."""

from curate.reader.batch import Batch
from curate.reader.events import Event
from curate.reader.lake import Lake
from curate.reader.loader import Loader, Why

__all__ = ["Batch", "Event", "Lake", "Loader", "Why"]

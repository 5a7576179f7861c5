"""Batches for a trainer: a stateless reader of a stored plan."""

from curate.prices import Prices
from curate.reader.batch import Batch
from curate.reader.cache import Cache
from curate.reader.events import Event
from curate.reader.fault import Replaced
from curate.reader.lake import Lake
from curate.reader.loader import Loader, Why

__all__ = ["Batch", "Cache", "Event", "Lake", "Loader", "Prices", "Replaced", "Why"]

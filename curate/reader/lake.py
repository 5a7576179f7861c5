"""The lake as a trainer sees it: something to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from curate.storage import lake as storage
from curate.storage.blobs import Blobs


@dataclass(frozen=True)
class Lake:
    """A folder or `s3://bucket/prefix`, with the keys of the storage if it needs any (`aws_endpoint_url`, ...)."""

    uri: str
    storage_options: Mapping[str, str] | None = field(default=None, repr=False)

    @property
    def stored(self) -> storage.Lake:
        return storage.open_lake(self.uri, self.storage_options or {})

    @property
    def blobs(self) -> Blobs:
        return self.stored.blobs

    def table(self, name: str) -> pl.LazyFrame:
        """One table as a lazy frame."""
        return self.stored.scan(name)

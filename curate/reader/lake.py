"""The lake as a trainer sees it: something to read."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from curate.errors import UsageError
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

    def plans(self) -> list[str]:
        """The hashes of the plans there are."""
        return sorted(self.table("plans").select(pl.col("plan_hash").unique()).collect().to_series())

    def plan_named(self, name: str | None) -> str:
        """The whole hash of a plan from its first digits; None: the only one there is."""
        plans = self.plans()
        found = [plan for plan in plans if plan.startswith(name or "")]
        if len(found) == 1:
            return found[0]
        known = ", ".join(plan[:12] for plan in plans) or "none: run `retold plan`"
        wanted = "a plan must be named" if name is None else f"{len(found)} plans begin with {name!r}"
        raise UsageError(f"{wanted}; {self.uri} has {known}")

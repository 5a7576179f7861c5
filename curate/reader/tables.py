"""The tables of a lake as one loader reads them: each opened once, at one version."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import polars as pl
from deltalake import DeltaTable

from curate.storage.lake import Lake

READ = ("plan_records", "plans", "latents", "embeddings", "captions", "sounds")


@dataclass(frozen=True)
class Tables:
    """The versions that were there when the loader was opened: what is written since changes nothing."""

    at: dict[str, "Future[DeltaTable]"]

    @classmethod
    def opened(cls, lake: Lake) -> "Tables":
        """Open all at once: each takes some requests, one after the other."""
        with ThreadPoolExecutor(len(READ), "retold-tables") as pool:
            return cls({name: pool.submit(lake.checked, name) for name in READ})

    def __getitem__(self, name: str) -> pl.LazyFrame:
        return pl.scan_delta(self.at[name].result())

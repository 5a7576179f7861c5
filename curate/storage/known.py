"""Which ids a table holds, in eight bytes of memory for each."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from curate.storage.lake import Lake

_PREFIX = 16  # hex digits
_BATCH = 1 << 18


class Known:
    """The ids in one column of a table, of which every one begins with 16 hex digits, as a sha256 does.

    Only those digits are kept, sorted. An id whose digits are not among them is surely new; for any other the table is
    asked, so that the answer is exact.
    """

    def __init__(self, lake: Lake, table: str, column: str, where: pl.Expr | None = None) -> None:
        self._lake, self._table, self._column, self._where = lake, table, column, where
        batches = self._rows().select(_prefix(column)).collect_batches(chunk_size=_BATCH, maintain_order=False)
        parts = [frame.to_series().to_numpy() for frame in batches]
        self._prefixes: NDArray[np.uint64] = np.concatenate([np.empty(0, np.uint64), *parts])
        self._prefixes.sort()

    def __len__(self) -> int:
        return len(self._prefixes)

    def maybe(self, ids: list[str]) -> list[str]:
        """Those that may be in the table: all that are, and one in some 10^12 that is not."""
        wanted = pl.select(_prefix(pl.Series("id", ids, pl.String))).to_series()
        numbers = wanted.to_numpy()
        places = np.searchsorted(self._prefixes, numbers)
        inside = places < len(self._prefixes)
        inside[inside] = self._prefixes[places[inside]] == numbers[inside]
        return [ids[i] for i in np.flatnonzero(inside).tolist()]

    def among(self, ids: list[str]) -> frozenset[str]:
        """Those that are in the table as it is now."""
        hits = self.maybe(ids)
        if not hits:
            return frozenset()
        found = self._rows().select(self._column).filter(pl.col(self._column).is_in(hits)).unique()
        return frozenset(found.collect(engine="streaming")[self._column])

    def learn(self, ids: list[str]) -> None:
        """Keep in mind ids that have come into the table since."""
        new = pl.select(_prefix(pl.Series("id", ids, pl.String))).to_series().to_numpy()
        count = len(self._prefixes)
        self._prefixes.resize(count + len(new), refcheck=False)  # in place: no second copy of all that is known
        self._prefixes[count:] = np.sort(new)
        self._prefixes.sort(kind="stable")  # two sorted runs are merged in one pass

    def _rows(self) -> pl.LazyFrame:
        there = pl.col(self._column).is_not_null()
        return self._lake.scan(self._table).filter(there if self._where is None else there & self._where)


def _prefix(ids: str | pl.Series) -> pl.Expr:
    """The first 16 hex digits of each id as a number."""
    text = pl.col(ids) if isinstance(ids, str) else pl.lit(ids)
    return text.str.head(_PREFIX).str.decode("hex").bin.reinterpret(dtype=pl.UInt64, endianness="big")
